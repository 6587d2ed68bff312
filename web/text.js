/* What people wrote, as nodes. Nothing of it is ever HTML: it becomes text nodes, and links that are made here. */

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#039;': "'" };

/* Undoes the server's escaping, once: what was typed. */
export function decode(escaped) {
	return String(escaped).replace(/&(?:amp|lt|gt|quot|#039);|<br \/>\n/g, (found) => entities[found] ?? '\n');
}

const address = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uff0f\uff1a-\uff1f]+/giu;

/* Without what no JSON reader has to take: a zero, half of a character. */
export function sendable(text) {
	return text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
}

const brackets = { ')': '(', ']': '[', '}': '{' };

/* Punctuation behind an address belongs to the sentence; a closing bracket too, unless the address opened it. */
function withoutPunctuation(found) {
	const counts = {};
	let end = found.length;

	for (const character of found)
		counts[character] = (counts[character] || 0) + 1;
	for (; end; end--) {
		const last = found[end - 1];
		const opening = brackets[last];
		if (opening ? counts[last]-- <= (counts[opening] || 0) : !'.,:;!?*_~…'.includes(last))
			break;
	}
	return found.slice(0, end);
}

function safeAddress(text) {
	try {
		const url = new URL(text);
		return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname ? url.href : null;
	} catch {
		return null;
	}
}

function link(href, text) {
	const element = document.createElement('a');

	element.href = href;
	element.target = '_blank';
	element.rel = 'noopener noreferrer';
	element.textContent = text;
	return element;
}

/* Nodes for a text: what is an address becomes a link, all else stays as it is. */
export function nodes(text) {
	const made = [];
	let at = 0;

	for (const match of text.matchAll(address)) {
		const shown = withoutPunctuation(match[0]);
		const href = safeAddress(shown);
		if (!href)
			continue;
		made.push(text.slice(at, match.index), link(href, shown));
		at = match.index + shown.length;
	}
	made.push(text.slice(at));
	return made.filter((node) => node !== '');
}

const onlyEmoji = new RegExp(`^(?:${[
	'\\p{Extended_Pictographic}(?:[\\p{Emoji_Modifier}\\ufe0f]|\\u200d\\p{Extended_Pictographic})*',
	'\\p{Regional_Indicator}{2}',
	'\\s',
].join('|')}){1,8}$`, 'u');

/* A few emoji and nothing else are shown large. */
export const isEmoji = (text) => text.length <= 32 && text.trim() !== '' && onlyEmoji.test(text);

const graphemes = typeof Intl.Segmenter === 'function' ? new Intl.Segmenter() : null;

/* The first character that can be seen. */
export function firstCharacter(name) {
	const text = name.replace(/^[\p{Cf}\p{Z}]+/u, '');
	const first = graphemes ? graphemes.segment(text)[Symbol.iterator]().next().value?.segment : [...text][0];

	return (first || '?').slice(0, 16).toLocaleUpperCase();
}
