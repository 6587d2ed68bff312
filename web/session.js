/* The chat's protocol, seen from a page (docs/chat-protocol.md): logs in, says, asks for what was, and after every
 * interruption goes on as the same person with what was missed. */

import { Connection } from './connection.js';
import { Outbox } from './outbox.js';
import { tab } from './store.js';
import { decode } from './text.js';

const HISTORY_PAGE = 50;
const PROBE = { type: 'history', before: 1, count: 0 }; /* nothing is older than the first: only an answer is wanted */
const FINAL = ['name', 'room']; /* why a login will not succeed later either */

const messageOf = (from) => ({
	id: from.id,
	ms: from.ms,
	from: from.from_client_id,
	fromName: decode(from.from_client_name),
	to: from.to_client_id,
	toName: decode(from.to_client_name ?? ''),
	content: decode(from.content),
});

export class Session {
	/* view: see main.js for what it is told. */
	constructor(room, view) {
		this.room = room;
		this.view = view;
		this.people = new Map();
		this.token = tab.get('token'); /* who that was */
		this.last = 0; /* the number of the last message that was heard */
		this.asked = false;
		this.connection = new Connection({
			onState: (state, details) => this.stateChanged(state, details),
			onOpen: () => this.login(),
			onMessage: (message) => this.messages[message.type]?.(message),
		}, PROBE);
		this.outbox = new Outbox(room, (entry) => this.transmit(entry),
			() => view.waitingChanged(this.outbox.entries));
	}

	start(name) {
		this.name = name;
		this.connection.start();
	}

	/* For good: who comes next is somebody else. */
	leave() {
		this.connection.stop('left');
		this.outbox.forget();
		tab.set('token');
		this.token = null;
		this.people.clear();
		this.last = 0;
		this.id = null;
	}

	say(content, to, toName) {
		this.outbox.add(content, to, toName);
	}

	askOlder(before) {
		if (this.asked || !this.joined)
			return;
		this.asked = this.connection.ask({ type: 'history', before, count: HISTORY_PAGE });
	}

	login() {
		const login = { type: 'login', client_name: this.name, room_id: this.room, history: HISTORY_PAGE };

		if (this.token)
			login.token = this.token;
		if (this.last)
			login.since = this.last;
		this.connection.ask(login);
	}

	transmit(entry) {
		return this.joined && this.connection.ask({
			type: 'say', to_client_id: entry.to, to_client_name: entry.toName, content: entry.content, ref: entry.ref,
		});
	}

	stateChanged(state, details) {
		if (state !== 'open') {
			this.joined = this.asked = false;
			this.outbox.interrupt();
		}
		this.view.stateChanged(state === 'open' ? 'connecting' : state, { again: this.id != null, ...details });
	}

	welcomed(message) {
		tab.set('token', message.token);
		this.token = message.token;
		this.id = message.client_id;
		this.joined = true;
		this.catchingUp = this.last > 0;
		this.awaitsHistory = true;
		this.connection.works();
		this.people = new Map(Object.entries(message.client_list).map(([id, name]) => [id, decode(name)]));
		this.view.welcomed(this.id, this.people.get(this.id) ?? this.name);
		this.view.peopleChanged();
		this.view.stateChanged('open', {});
		if (this.last > message.since)
			this.begin(message.since + 1);
		this.outbox.flush();
	}

	/* The server's numbers began anew: what is shown here is not what it has. */
	begin(before) {
		this.last = 0;
		this.catchingUp = false;
		this.view.forget();
		this.askOlder(before);
	}

	messages = {
		ping: () => this.connection.send({ type: 'pong' }),

		login: (message) => {
			if (message.client_list)
				return this.welcomed(message);
			const name = decode(message.client_name);
			this.people.set(message.client_id, name);
			this.view.joined(message.client_id, name);
			this.view.peopleChanged();
		},

		logout: (message) => {
			this.people.delete(message.from_client_id);
			this.view.left(message.from_client_id, decode(message.from_client_name));
			this.view.peopleChanged();
		},

		say: (from) => {
			const message = messageOf(from);
			this.heard(message);
			this.view.said([message], { live: true });
		},

		history: (answer) => {
			if (answer.before !== PROBE.before)
				this.remembered(answer, answer.messages.map(messageOf));
		},

		said: ({ ref }) => this.outbox.confirm(ref),

		error: ({ code, ref }) => {
			this.asked = false;
			if (ref)
				return this.outbox.refuse(ref, code);
			if (this.joined)
				return this.view.refused(code);
			/* The login was refused. Who was in already tries again: a full house may have a place later. */
			if (this.id && !FINAL.includes(code))
				return this.connection.lose();
			this.connection.stop('refused');
			this.view.refused(code);
		},
	};

	/* A long answer comes in several messages, the oldest first; only the first knows whether there are older ones. */
	remembered(answer, messages) {
		const older = answer.before !== undefined;
		const missed = !older && this.catchingUp;
		const first = older ? this.asked : this.awaitsHistory;

		/* Too much was missed: what is shown from before would have a gap behind it. */
		if (first && missed && answer.more)
			this.view.forget();
		messages.forEach((message) => this.heard(message));
		this.view.said(messages, { live: missed });
		if (older)
			this.asked = false;
		else
			this.awaitsHistory = false;
		if (first && (!missed || answer.more))
			this.view.olderExist(answer.more);
	}

	heard(message) {
		this.last = Math.max(this.last, message.id);
		if (message.from === this.id)
			this.outbox.cameBack(message.content, message.to);
	}
}
