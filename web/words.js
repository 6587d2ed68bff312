/* The page's words in the reader's language, in the markup and in scripts. */

import en from './en.js';
import it from './it.js';
import zh from './zh_CN.js';
import { browser } from './store.js';

const languages = {
	'en': { name: 'English', words: en },
	'it': { name: 'Italiano', words: it },
	'zh-CN': { name: '简体中文', words: zh },
};

/* The first of the reader's languages that there is; any Chinese is better than none to who reads Chinese. */
function preferred() {
	for (const wish of navigator.languages || [navigator.language || 'en']) {
		const found = Object.keys(languages).find((tag) => tag.split('-')[0] === wish.toLowerCase().split('-')[0]);
		if (found)
			return found;
	}
	return 'en';
}

const listeners = [];
let current;
let plurals;
let numbers;

export const language = () => current;

/* Called now, and whenever another language is chosen. */
export function onLanguage(listener) {
	listeners.push(listener);
	listener();
}

/* The words of key, with {word} filled in from values; a count is values.n. */
export function say(key, values = {}) {
	let text = languages[current].words[key] ?? en[key] ?? key;

	if (typeof text === 'object')
		text = text[plurals.select(values.n)] ?? text.other;
	return text.replace(/\{(\w+)\}/g, (_, word) =>
		typeof values[word] === 'number' ? numbers.format(values[word]) : values[word]);
}

const fields = {
	text: (element, words) => { element.textContent = words; },
	placeholder: (element, words) => { element.placeholder = words; },
	label: (element, words) => {
		element.setAttribute('aria-label', words);
		if (element instanceof HTMLButtonElement)
			element.title = words;
	},
};

function translatePage() {
	for (const [field, put] of Object.entries(fields))
		for (const element of document.querySelectorAll(`[data-${field}]`))
			put(element, say(element.dataset[field]));
}

function choose(tag) {
	current = tag;
	plurals = new Intl.PluralRules(tag);
	numbers = new Intl.NumberFormat(tag);
	document.documentElement.lang = tag;
	for (const select of document.querySelectorAll('select.languages'))
		select.value = tag;
	translatePage();
	for (const listener of listeners)
		listener();
}

function makeChooser(select) {
	for (const [tag, { name }] of Object.entries(languages)) {
		const option = new Option(name, tag);
		option.lang = tag;
		select.append(option);
	}
	select.addEventListener('change', () => {
		browser.set('language', select.value);
		choose(select.value);
	});
}

export function startWords() {
	const chosen = browser.get('language');

	document.querySelectorAll('select.languages').forEach(makeChooser);
	choose(chosen in languages ? chosen : preferred());
}
