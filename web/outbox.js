/* What was written and is not known to have been said. Each has a reference of its own, by which the server says it
 * once however often it is sent. They are sent in order, one at a time: what is refused for its rate is sent again
 * before the next. It outlives a reload. */

import { tab } from './store.js';

const RATE_WAIT = 1000;

function newReference() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));

	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Outbox {
	/* transmit(entry): false when it cannot be sent now. onChange(): what is in it changed. */
	constructor(room, transmit, onChange) {
		this.key = `outbox:${room}`;
		this.transmit = transmit;
		this.onChange = onChange;
		this.entries = tab.get(this.key, []);
		this.sent = null; /* the reference of the one that is under way */
	}

	add(content, to, toName) {
		this.entries.push({ ref: newReference(), content, to, toName, ms: Date.now() });
		this.changed();
		this.flush();
	}

	/* Sends the first that waits, where none is under way. */
	flush() {
		const next = this.entries.find((entry) => !entry.failed);

		if (!this.sent && next && this.transmit(next))
			this.sent = next.ref;
	}

	/* The connection is gone: what was under way may or may not have arrived. */
	interrupt() {
		this.sent = null;
		clearTimeout(this.timer);
		this.timer = null;
	}

	/* It has been said. */
	confirm(ref) {
		this.entries = this.entries.filter((entry) => entry.ref !== ref);
		this.next(ref);
	}

	refuse(ref, code) {
		const entry = this.entries.find((each) => each.ref === ref);

		if (!entry)
			return;
		entry.shown = false;
		if (code === 'rate') {
			clearTimeout(this.timer);
			this.timer = setTimeout(() => this.next(ref), RATE_WAIT);
			return;
		}
		entry.failed = code;
		this.next(ref);
	}

	/* A failed one is tried again, as a new one: the server has refused the old. */
	again(ref) {
		const entry = this.entries.find((each) => each.ref === ref);

		if (!entry)
			return;
		delete entry.failed;
		entry.ref = newReference();
		this.changed();
		this.flush();
	}

	drop(ref) {
		this.entries = this.entries.filter((entry) => entry.ref !== ref);
		this.changed();
	}

	/* One's own words have come back, before the confirmation: they are not shown twice. */
	cameBack(content, to) {
		const entry = this.entries.find((each) => each.ref === this.sent && each.content === content && each.to === to);

		if (!entry)
			return;
		entry.shown = true;
		this.onChange();
	}

	next(ref) {
		if (this.sent === ref)
			this.sent = null;
		this.changed();
		this.flush();
	}

	changed() {
		tab.set(this.key, this.entries.length ? this.entries : undefined);
		this.onChange();
	}

	forget() {
		this.interrupt();
		this.entries = [];
		this.changed();
	}
}
