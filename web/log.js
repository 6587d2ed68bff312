/* What was said, in order: bubbles, days, who came and went. Keeps the reader's place while lines come in at either
 * end: who reads the end is taken along once a frame, when the browser knows how high all of it is; asking it after
 * each message would make a flood of them a crawl. */

import { avatar, make, nameOf } from './person.js';
import { isEmoji, nodes } from './text.js';
import { language, onLanguage, say } from './words.js';

const KEPT = 1000;           /* messages on the page; more go off at the top, and come again on scrolling up */
const DROPPED = 200;         /* more than must go, so that it is not done for each */
const NEAR = 48;             /* pixels from the end that are still the end */
const FAR_UP = 400;          /* pixels from the beginning at which older ones are asked for */
const GROUP = 5 * 60 * 1000; /* one's messages within this stand together */
const NOTICE_PEOPLE = 6;     /* names in one line of who came and went */
const DAY = 24 * 60 * 60 * 1000;

const find = (id) => document.getElementById(id);
const dayOf = (ms) => new Date(ms).setHours(0, 0, 0, 0);

export class Log {
	/* handlers: askOlder(before), again(ref), drop(ref) */
	constructor(handlers) {
		this.handlers = handlers;
		this.box = find('log');
		this.list = find('messages');
		this.waiting = find('waiting');
		this.older = find('older');
		this.items = []; /* { id, ms, from, element, day } in order; a notice has the id of what it stands behind */
		this.known = new Set();
		this.atEnd = true;
		this.top = 0; /* where it was scrolled to */
		this.unseen = 0;
		this.box.addEventListener('scroll', () => this.scrolled(), { passive: true });
		this.older.addEventListener('click', () => this.askOlder());
		find('jump').addEventListener('click', () => this.toEnd());
		const resized = new ResizeObserver(() => this.atEnd && this.toEnd());
		resized.observe(this.box);
		resized.observe(this.box.firstElementChild);
		onLanguage(() => this.translate());
	}

	translate() {
		const tag = language();

		this.clock = new Intl.DateTimeFormat(tag, { hour: 'numeric', minute: '2-digit' });
		this.full = new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'medium' });
		this.date = new Intl.DateTimeFormat(tag, { weekday: 'long', day: 'numeric', month: 'long' });
		this.dateWithYear = new Intl.DateTimeFormat(tag, { dateStyle: 'full' });
		this.relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
		for (const item of this.items)
			item.translate();
		this.showDays();
		this.showUnseen();
		this.showWaiting(this.entries ?? []);
	}

	/* What was today is yesterday after midnight. */
	showDays() {
		this.today = dayOf(Date.now());
		for (const { day, ms } of this.items)
			if (day)
				day.textContent = this.dayWords(ms);
	}

	/* Today, yesterday, or the date. */
	dayWords(ms) {
		const days = Math.round((dayOf(ms) - dayOf(Date.now())) / DAY);
		let words = this.dateWithYear.format(ms);

		if (days === 0 || days === -1)
			words = this.relative.format(days, 'day');
		else if (new Date(ms).getFullYear() === new Date().getFullYear())
			words = this.date.format(ms);
		return words.charAt(0).toLocaleUpperCase() + words.slice(1);
	}

	/* --- what was said --- */

	/* Those that are not there yet, each at its place. The view stays where it was, or at the end. */
	add(messages, me) {
		const added = messages.filter(({ id }) => !this.known.has(id));

		if (this.today !== dayOf(Date.now()))
			this.showDays();

		const insert = () => added.forEach((message) => {
			const item = { ...message };
			this.known.add(item.id);
			item.element = this.bubble(item, me);
			this.insert(item);
		});
		if (added.length && added[0].id < (this.items.at(-1)?.id ?? 0))
			this.keepPlace(insert);
		else
			insert();
		this.trim();
		this.showEmpty();
		return added;
	}

	/* Its element; how it is said again in another language goes into the item. */
	bubble(message, me) {
		const own = message.from === me;
		const isPrivate = message.to !== 'all';
		const element = make('li', `message ${own ? 'own' : 'others'}${isPrivate ? ' private' : ''}`);
		const who = make('p', 'who');
		const name = nameOf(message.from, message.fromName);
		const mark = make('span', 'mark');
		const text = make('div', `bubble${isEmoji(message.content) ? ' large' : ''}`);
		const words = make('span', 'text');
		const time = make('time', 'time');

		words.dir = 'auto';
		words.append(...nodes(message.content));
		time.dateTime = new Date(message.ms).toISOString();
		text.append(words, ' ', time);
		who.append(name, ' ', mark);
		element.append(avatar(message.from, message.fromName), who, text);
		element.dataset.id = message.id;
		message.translate = () => {
			if (own)
				name.textContent = say('you');
			if (isPrivate)
				mark.textContent = own ? say('private.to', { name: message.toName }) : say('private.from');
			time.textContent = this.clock.format(message.ms);
			time.title = this.full.format(message.ms);
		};
		message.translate();
		return element;
	}

	insert(item) {
		let at = this.items.length;

		while (at && this.items[at - 1].id > item.id)
			at--;
		this.items.splice(at, 0, item);
		this.list.insertBefore(item.element, this.frontOf(this.items[at + 1]));
		this.regroup(at);
		this.regroup(at + 1);
	}

	/* The first node of an item: its day, where it has one. */
	frontOf(item) {
		return item ? item.day || item.element : null;
	}

	/* Whether an item begins a day and a group follows from the one before it. */
	regroup(at) {
		const item = this.items[at];
		const before = this.items[at - 1];

		if (!item)
			return;
		const newDay = !before || dayOf(before.ms) !== dayOf(item.ms);
		if (newDay && !item.day) {
			item.day = make('li', 'day', this.dayWords(item.ms));
			this.list.insertBefore(item.day, item.element);
		} else if (!newDay && item.day) {
			item.day.remove();
			item.day = null;
		}
		item.element.classList.toggle('first', newDay || before.from !== item.from || before.to !== item.to ||
			item.ms - before.ms > GROUP);
	}

	/* --- who came and went: one quiet line for all of them, until something is said --- */

	notice(key, id, name) {
		let item = this.items.at(-1);

		if (!item?.notes) {
			const element = make('li', 'notice');
			item = { id: item?.id ?? 0, ms: Date.now(), element, notes: [] };
			item.translate = () => {
				const all = item.notes.map((note) => say(note.key, { name: `\u2068${note.name}\u2069` }));
				element.textContent = all.join(' · ');
			};
			this.insert(item);
		}
		item.notes = [...item.notes.filter((note) => note.id !== id), { key, id, name }].slice(-NOTICE_PEOPLE);
		item.translate();
		this.trim();
	}

	/* --- what is not said yet --- */

	showWaiting(entries) {
		this.entries = entries;
		this.waiting.replaceChildren(...entries.filter((entry) => !entry.shown).map((entry) => this.waitingBubble(entry)));
		this.showEmpty();
	}

	waitingBubble(entry) {
		const state = entry.failed ? 'failed' : 'unsent';
		const element = make('li', `message own first ${state}${entry.to === 'all' ? '' : ' private'}`);
		const who = make('p', 'who', say('you'));
		const bubble = make('div', 'bubble');
		const words = make('span', 'text', entry.content);

		words.dir = 'auto';
		if (entry.to !== 'all')
			who.append(' ', make('span', 'mark', say('private.to', { name: entry.toName })));
		bubble.append(words, ' ', make('span', 'time', entry.failed ? '' : say('sending')));
		element.append(who, bubble);
		if (entry.failed)
			element.append(this.failure(entry));
		return element;
	}

	failure(entry) {
		const line = make('p', 'failure', say(`error.${entry.failed}`, { name: entry.toName }));
		const again = make('button', 'link', say('failed.again'));
		const drop = make('button', 'link', say('failed.drop'));

		again.type = drop.type = 'button';
		again.addEventListener('click', () => this.handlers.again(entry.ref));
		drop.addEventListener('click', () => this.handlers.drop(entry.ref));
		line.append(' ', again, ' ', drop);
		return line;
	}

	/* --- the reader's place --- */

	/* Carries out a change above what is read: nothing seems to move. */
	keepPlace(change) {
		const mark = this.atEnd ? null : this.firstSeen();
		const top = mark?.getBoundingClientRect().top;

		change();
		if (mark?.isConnected)
			this.scrollTo(this.box.scrollTop + mark.getBoundingClientRect().top - top);
	}

	scrollTo(top) {
		this.box.scrollTop = top;
		this.top = this.box.scrollTop;
	}

	firstSeen() {
		const top = this.box.getBoundingClientRect().top;

		return this.items.find(({ element }) => element.getBoundingClientRect().bottom > top)?.element;
	}

	scrolled() {
		const { scrollTop, scrollHeight, clientHeight } = this.box;

		/* Only who goes up leaves the end; it may have gone further down by itself since. */
		if (scrollHeight - scrollTop - clientHeight < NEAR)
			this.atEnd = true;
		else if (scrollTop < this.top)
			this.atEnd = false;
		this.top = scrollTop;
		if (this.atEnd)
			this.unseen = 0;
		this.showUnseen();
		if (scrollTop < FAR_UP)
			this.askOlder();
	}

	toEnd() {
		this.atEnd = true;
		this.scrollTo(this.box.scrollHeight);
		this.unseen = 0;
		this.showUnseen();
	}

	/* Something came in below what is read. */
	missed(count) {
		if (this.atEnd)
			return;
		this.unseen += count;
		this.showUnseen();
	}

	showUnseen() {
		const jump = find('jump');

		jump.hidden = this.atEnd;
		jump.textContent = this.unseen ? `↓ ${say('new', { n: this.unseen })}` : '↓';
		jump.setAttribute('aria-label', this.unseen ? say('new', { n: this.unseen }) : say('latest'));
	}

	/* --- the beginning --- */

	askOlder() {
		const first = this.items.find((item) => !item.notes);

		if (this.more && first)
			this.handlers.askOlder(first.id);
	}

	olderExist(more) {
		this.more = more;
		this.keepPlace(() => this.showEmpty());
		if (more && this.box.scrollTop < FAR_UP && !this.atEnd)
			this.askOlder();
	}

	/* Only while the end is read: nothing that somebody looks at goes away. */
	trim() {
		if (!this.atEnd || this.items.length <= KEPT)
			return;
		for (const { id, element, day } of this.items.splice(0, this.items.length - KEPT + DROPPED)) {
			this.known.delete(id);
			element.remove();
			day?.remove();
		}
		this.top = 0; /* the place moves up with what is gone; nobody went there */
		this.regroup(0);
		this.olderExist(true);
	}

	showEmpty() {
		const some = this.known.size > 0;

		this.older.hidden = !this.more;
		find('beginning').hidden = this.more !== false || !some;
		find('empty').hidden = this.more !== false || some || this.waiting.childElementCount > 0;
	}

	forget() {
		this.items = [];
		this.known.clear();
		this.list.replaceChildren();
		this.more = undefined;
		this.toEnd();
		this.showEmpty();
	}
}
