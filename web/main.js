/* The page: puts the parts together. */

import { Composer } from './composer.js';
import { Log } from './log.js';
import { People } from './people.js';
import { avatar, nameOf } from './person.js';
import { room, roomName, startRooms } from './rooms.js';
import { Session } from './session.js';
import { startSide } from './side.js';
import { Status, announce } from './status.js';
import { browser, tab } from './store.js';
import { sendable } from './text.js';
import { onLanguage, say, startWords } from './words.js';

const NAME_MAX = 64;
const UNSHOWN = /[\u0000-\u001f\u007f-\u009f]/;

const find = (id) => document.getElementById(id);

startWords();
startRooms();

/* What the session tells. */
const session = new Session(room, {
	stateChanged: (state, details) => status.show(state, details),
	welcomed(id, name) {
		find('me').replaceChildren(avatar(id, name), nameOf(id, name));
		people.me = id;
	},
	peopleChanged: () => people.changed(session.people, session.id),
	joined: (id, name) => log.notice('joined', id, name),
	left: (id, name) => log.notice('left', id, name),
	said(messages, { live }) {
		const added = log.add(messages, session.id);
		const others = added.filter(({ from }) => from !== session.id);
		if (!live)
			return;
		log.missed(others.length);
		status.unread(others.length);
		for (const message of others.slice(-3))
			announce(say(message.to === 'all' ? 'said' : 'said.private', { name: message.fromName, text: message.content }));
	},
	waitingChanged: (entries) => log.showWaiting(entries),
	olderExist: (more) => log.olderExist(more),
	forget: () => log.forget(),
	refused(code) {
		if (session.joined)
			return composer.showProblem(say(`error.${code}`));
		showStart();
		find('name-error').textContent = say(`error.${code}`);
	},
});

const status = new Status({
	retry: () => session.connection.retry(),
	here: () => session.connection.start(),
});
const log = new Log({
	askOlder: (before) => session.askOlder(before),
	again(ref) {
		session.outbox.again(ref);
		find('text').focus();
	},
	drop(ref) {
		session.outbox.drop(ref);
		find('text').focus();
	},
});
const people = new People((fromList) => {
	if (!fromList)
		return;
	side.close();
	find('text').focus();
});
const composer = new Composer(room, (text) => {
	session.say(text, people.to, people.toName);
	log.toEnd();
});
const side = startSide();

function showStart() {
	find('chat').hidden = true;
	find('start').hidden = false;
	find('name').value = tab.get('name') ?? browser.get('name', '');
	find('name').focus();
}

function enter(name) {
	tab.set('name', name);
	browser.set('name', name);
	find('start').hidden = true;
	find('chat').hidden = false;
	log.showWaiting(session.outbox.entries);
	composer.fit();
	composer.focus();
	session.start(name);
}

find('start-form').addEventListener('submit', (event) => {
	event.preventDefault();
	const name = sendable(find('name').value).trim();
	const good = name && [...name].length <= NAME_MAX && !UNSHOWN.test(name);
	find('name-error').textContent = good ? '' : say('error.name');
	if (good)
		enter(name);
	else
		find('name').focus();
});

find('leave').addEventListener('click', () => {
	session.leave();
	tab.set('name');
	log.forget();
	side.close();
	showStart();
});

find('composer').addEventListener('keydown', (event) => {
	if (event.key === 'Escape' && people.to !== 'all')
		people.choose('all');
});

onLanguage(() => {
	find('start-room').textContent = find('room').textContent = roomName();
	status.name = roomName();
	status.showTitle();
});

if (tab.get('name'))
	enter(tab.get('name'));
else
	showStart();
