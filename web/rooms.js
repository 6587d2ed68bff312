/* The room that the address names, and the ones where this browser has been. */

import { make } from './person.js';
import { browser } from './store.js';
import { onLanguage, say } from './words.js';

const REMEMBERED = 8;

const asked = new URLSearchParams(location.search).get('room_id') ?? '';

export const room = asked.replace(/[\u0000-\u001f\u007f-\u009f]/g, '') || '1';

export const roomName = (name = room) => /^\d+$/.test(name) ? say('room', { room: name }) : name;

const addressOf = (name) => `?${new URLSearchParams({ room_id: name })}`;

export function startRooms() {
	const form = document.getElementById('room-form');
	const other = document.getElementById('room-other');
	const before = browser.get('rooms', []).filter((name) => typeof name === 'string' && name !== room);
	const rooms = [room, ...before].slice(0, REMEMBERED);

	browser.set('rooms', rooms);
	onLanguage(() => {
		const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
		const rows = [...rooms].sort(collator.compare).map((name) => {
			const row = make('li');
			const link = make('a', 'room', roomName(name));
			link.href = addressOf(name);
			link.dir = 'auto';
			if (name === room)
				link.setAttribute('aria-current', 'page');
			row.append(link);
			return row;
		});
		document.getElementById('rooms').replaceChildren(...rows);
	});
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		if (other.value.trim())
			location.assign(addressOf(other.value.trim()));
	});
}
