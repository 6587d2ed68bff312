/* What the reader has to know besides the messages: whether there is a connection, and how much is unread. */

import { onLanguage, say } from './words.js';

const BACK_SHOWN = 3000;
const ANNOUNCED = 5; /* lines that a screen reader may still be reading */

const find = (id) => document.getElementById(id);

/* Read out by a screen reader. */
export function announce(words) {
	const line = document.createElement('p');
	const announcer = find('announcer');

	line.textContent = words;
	announcer.append(line);
	while (announcer.childElementCount > ANNOUNCED)
		announcer.firstElementChild.remove();
}

export class Status {
	/* handlers: retry(), here() */
	constructor(handlers) {
		this.handlers = handlers;
		this.state = 'connecting';
		this.lost = false;
		this.details = {};
		this.count = 0;
		this.name = '';
		find('banner-button').addEventListener('click', () =>
			this.state === 'stopped' ? handlers.here() : handlers.retry());
		for (const [target, event] of [[window, 'focus'], [document, 'visibilitychange']])
			target.addEventListener(event, () => this.looked());
		onLanguage(() => this.show(this.state, this.details));
	}

	show(state, details) {
		const wasLost = this.lost;

		this.state = state;
		this.details = details;
		this.lost = state === 'waiting' || state === 'connecting' && (wasLost || Boolean(details.again));
		clearInterval(this.clock);
		if (this.lost !== wasLost)
			announce(say(this.lost ? 'lost.now' : `state.${state}`));
		find('state').textContent = say(`state.${state}`);
		find('state').dataset.state = state;
		if (state === 'waiting')
			this.clock = setInterval(() => this.countDown(), 1000);
		if (state === 'open' && wasLost)
			this.showBack();
		else if (state === 'waiting')
			this.countDown();
		else if (this.lost)
			this.banner('bad', say('lost.now'));
		else if (state === 'stopped' && details.reason === 'replaced')
			this.banner('bad', say('replaced'), say('replaced.here'));
		else
			this.banner();
	}

	countDown() {
		const seconds = Math.max(1, Math.ceil((this.details.until - Date.now()) / 1000));

		this.banner('bad', say('lost', { n: seconds }), say('lost.retry'));
	}

	showBack() {
		this.banner('good', say('back'));
		this.clock = setInterval(() => {
			clearInterval(this.clock);
			this.banner();
		}, BACK_SHOWN);
	}

	banner(kind, words = '', button = '') {
		find('banner').hidden = !kind;
		find('banner').dataset.kind = kind || '';
		find('banner-text').textContent = words;
		find('banner-button').textContent = button;
		find('banner-button').hidden = !button;
	}

	/* Others have said something; nobody may be looking. */
	unread(count) {
		if (!document.hidden && document.hasFocus())
			return;
		this.count += count;
		this.showTitle();
	}

	looked() {
		if (document.hidden)
			return;
		this.count = 0;
		this.showTitle();
	}

	showTitle() {
		document.title = `${this.count ? `(${this.count}) ` : ''}${this.name} · wschat`;
	}
}
