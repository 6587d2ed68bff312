/* How a person is shown: a colour of their own, an initial, a name. */

import { firstCharacter } from './text.js';

const HUES = 12;

/* The same person has the same colour everywhere: it follows from the id alone. */
export function hueOf(id) {
	let hash = 0;

	for (const character of id)
		hash = (Math.imul(hash, 31) + character.codePointAt(0)) >>> 0;
	return ((hash ^ hash >>> 13) >>> 0) % HUES;
}

export function make(tag, className, text) {
	const element = document.createElement(tag);

	if (className)
		element.className = className;
	if (text !== undefined)
		element.textContent = text;
	return element;
}

export function avatar(id, name) {
	const element = make('span', `avatar hue-${hueOf(id)}`, firstCharacter(name));

	element.setAttribute('aria-hidden', 'true');
	return element;
}

/* A name runs in its own direction and disturbs nothing around it. */
export const nameOf = (id, name) => make('bdi', `name hue-${hueOf(id)}`, name);
