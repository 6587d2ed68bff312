'use strict';
/* Both browsers in one chat, with wscap beside them: what the pages sent, what they showed, and what wscap told are the
 * same, message by message. The server is killed on the way, and nothing is lost, nothing there twice. */

const assert = require('assert');
const tap = require('../../lib/tap.js');
const { Server } = require('./server.js');
const { Capture } = require('./capture.js');
const { start, Person, PHONE } = require('./browsers.js');

const CLOSE_ABNORMAL = 1006;

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const twice = (list) => list.filter((each, i) => list.indexOf(each) !== i);

/* What each has typed, to be found everywhere where it belongs. */
const said = [];

async function everybodySees(people, text) {
	said.push({ text, seenBy: people });
	await Promise.all(people.map((person) => person.sees(text)));
}

async function talk(anna, bruno) {
	await anna.say('hi,  all !');
	await everybodySees([anna, bruno], 'hi,  all !');
	await bruno.say('one line\nand another — 你好 🙂 \\ \t"\'<b>&amp;');
	await everybodySees([anna, bruno], 'one line\nand another — 你好 🙂 \\ \t"\'<b>&amp;');
	const [first, second] = await anna.log();
	assert.deepStrictEqual([first.own, second.own, second.name], [true, false, 'Bruno']);
}

async function talkPrivately(anna, bruno, carla) {
	await anna.tell('Bruno', 'only for you');
	await everybodySees([anna, bruno], 'only for you');
	await bruno.tell('Anna', 'and for you');
	await everybodySees([anna, bruno], 'and for you');
	await carla.say('what are\nyou doing?');
	await everybodySees([anna, bruno, carla], 'what are\nyou doing?');
	assert.ok(!(await carla.texts()).some((text) => /for you/.test(text)), 'somebody else saw it');
	const log = await bruno.log();
	assert.deepStrictEqual(log.filter((each) => each.private).map(({ text }) => text), ['only for you', 'and for you']);
	await Promise.all([anna.picture('chromium'), bruno.picture('firefox-dark'), carla.picture('phone')]);
}

/* Both go on writing while the server dies and comes again; afterwards both show the same, once and in one order. */
async function survive(server, anna, bruno, round) {
	const texts = (name) => Array.from({ length: 6 }, (_, i) => `${name}, ${round}.${i}`);
	const write = async (person) => {
		for (const text of texts(person.name))
			await person.say(text);
	};

	const writing = Promise.all([write(anna), write(bruno)]);
	await bruno.sees(texts('Anna')[round]); /* in the middle of it */
	await server.kill();
	await Promise.all([anna.disconnected(), bruno.disconnected()]);
	await writing;
	await anna.page.type('#text', 'half a sen');
	if (round === 1)
		await anna.picture('disconnected');
	await server.start();
	await Promise.all([anna.connected(), bruno.connected()]);
	for (const text of [...texts('Anna'), ...texts('Bruno')])
		said.push({ text, seenBy: [anna, bruno] });
	await Promise.all([anna, bruno].map((each) => each.sees(...texts('Anna'), ...texts('Bruno'))));
	assert.strictEqual(await anna.page.$eval('#text', (field) => field.value), 'half a sen');
	await anna.page.$eval('#text', (field) => { field.value = ''; });
	const [ours, theirs] = [await anna.texts(), await bruno.texts()];
	assert.deepStrictEqual(twice(ours), []);
	assert.deepStrictEqual(ours, theirs);
	for (const name of ['Anna', 'Bruno'])
		assert.deepStrictEqual(ours.filter((text) => text.startsWith(`${name}, ${round}.`)), texts(name), 'in order');
	assert.strictEqual(await anna.page.$$eval('#waiting > *', (all) => all.length), 0);
}

/* A reload goes on as the same person, with what was written but not sent. */
async function reload(anna, bruno) {
	const before = await anna.log();

	await anna.page.type('#text', 'unfinished');
	await anna.reload();
	await anna.connected();
	await anna.sees(before.at(-1).text);
	assert.deepStrictEqual(await anna.log(), before);
	assert.strictEqual(await anna.page.$eval('#text', (field) => field.value), 'unfinished');
	await anna.page.focus('#text');
	await anna.page.keyboard.press('Enter');
	await everybodySees([anna, bruno], 'unfinished');
}

/* The same person in a second window: the first one says so, and does not take it back by itself. */
async function replace(server, browser, anna) {
	const keys = await anna.page.evaluate(() => ({ ...sessionStorage }));
	const second = await Person.sit(browser, server.page, {
		prepare: (page) => page.evaluateOnNewDocument((all) => Object.assign(sessionStorage, all), keys),
	});

	second.name = 'Anna, elsewhere';
	await second.connected();
	await anna.page.waitForSelector('#state[data-state="stopped"]');
	await sleep(1500);
	assert.strictEqual(await anna.page.$eval('#state', (state) => state.dataset.state), 'stopped');
	assert.match(await anna.page.$eval('#banner', (banner) => banner.innerText), /another window/);
	await anna.page.click('#banner-button');
	await anna.connected();
	await second.page.waitForSelector('#state[data-state="stopped"]');
	return second;
}

const decode = (text) => text.replace(/<br \/>\n/g, '\n').replace(/&lt;/g, '<').replace(/&gt;/g, '>')
	.replace(/&quot;/g, '"').replace(/&#039;/g, '\'').replace(/&amp;/g, '&');

/* wscap's messages by connection: { sent, heard }, as the page that was there has them. */
function tellings(events) {
	const conns = new Map();

	for (const { event, conn, dir, text } of events) {
		if (event === 'handshake' || event === 'message')
			conns.set(conn, conns.get(conn) || { sent: [], heard: [] });
		if (event === 'message')
			conns.get(conn)[dir === 'c2s' ? 'sent' : 'heard'].push(text);
	}
	return [...conns.values()];
}

/* Every socket of every page is a connection that wscap told, with the same messages each way, in the same order. */
async function compareSockets(events, people) {
	const told = tellings(events);
	let count = 0;

	for (const person of people) {
		const sockets = (await person.sockets()).filter(({ opened }) => opened);
		for (const { sent, heard, code } of sockets) {
			/* What a dead server had said last is lost with its connection, though it was on the wire. */
			const at = told.findIndex((each) => each.sent[0] === sent[0] &&
				(each.heard[0] === heard[0] || (code === CLOSE_ABNORMAL && !heard.length)));
			assert.notStrictEqual(at, -1, `wscap told nothing of ${person.name}'s connection ${JSON.stringify([sent, heard, code])}, ` +
				`but of ${JSON.stringify(told)}`);
			const [conn] = told.splice(at, 1);
			/* A dead server's kernel says so at once: what was under way then never was on the wire, or never read. */
			const cut = code === CLOSE_ABNORMAL;
			assert.deepStrictEqual(conn.sent, cut ? sent.slice(0, Math.max(conn.sent.length, sent.length - 1)) : sent,
				`what ${person.name} sent`);
			assert.deepStrictEqual(cut ? conn.heard.slice(0, heard.length) : conn.heard, heard, `what ${person.name} heard`);
			count += sent.length + heard.length;
		}
	}
	assert.deepStrictEqual(told, [], 'connections that no page had');
	return count;
}

/* What the pages showed came over the wire, and what came over the wire was shown. */
async function compareShown(events, people) {
	const messages = events.filter(({ event }) => event === 'message');
	const sayings = messages.filter(({ dir }) => dir === 's2c').map(({ text }) => JSON.parse(text))
		.flatMap((message) => message.type === 'history' ? message.messages : message.type === 'say' ? [message] : []);
	const wire = new Map(sayings.map((saying) => [saying.id, decode(saying.content)]));

	for (const person of people)
		for (const { id, text } of await person.log())
			assert.strictEqual(text, wire.get(id), `message ${id} as ${person.name} sees it`);
	const asked = messages.filter(({ dir }) => dir === 'c2s').map(({ text }) => JSON.parse(text))
		.filter(({ type }) => type === 'say').map(({ content }) => content);
	for (const { text, seenBy } of said) {
		assert.ok(asked.includes(text), `nobody was seen sending ${JSON.stringify(text)}`);
		assert.strictEqual([...wire.values()].filter((each) => each === text).length, 1, `${JSON.stringify(text)} is one message`);
		for (const person of seenBy)
			assert.ok((await person.texts()).includes(text), `${person.name} shows ${JSON.stringify(text)}`);
	}
}

/* The same person after every reconnect: the server said so, with the same id. */
async function sameIdentity(people) {
	for (const person of people) {
		const sockets = await person.sockets();
		const welcomes = sockets.flatMap(({ heard }) => heard).map((text) => JSON.parse(text))
			.filter((message) => message.type === 'login' && message.client_list);
		assert.ok(welcomes.length > 1, `${person.name} came back`);
		assert.strictEqual(new Set(welcomes.map((each) => each.client_id)).size, 1);
		assert.deepStrictEqual(welcomes.map((each) => each.resumed), welcomes.map((_, i) => i > 0));
	}
}

async function nothingRan(people) {
	for (const person of people) {
		const { violations, errors } = await person.records();
		assert.deepStrictEqual([violations, errors], [[], []], person.name);
	}
}

async function run(browsers, server, capture) {
	const [chromium, firefox] = browsers;
	const [anna, bruno] = await Promise.all([Person.sit(chromium, server.page), Person.sit(firefox, server.page)]);
	const carla = await Person.sit(chromium, server.page, { viewport: PHONE });
	let second;

	await anna.picture('start');
	await tap.test('two browsers enter by a nickname', async () => {
		await anna.enter('Anna');
		await bruno.enter('Bruno');
		await anna.until(() => document.querySelectorAll('#people .person').length === 2);
	});
	await tap.test('a message reaches everybody as it was typed', () => talk(anna, bruno));
	await carla.enter('Carla');
	await tap.test('a private message reaches one', () => talkPrivately(anna, bruno, carla));
	await carla.page.click('#side-open');
	await sleep(300);
	await carla.picture('phone-people');
	await carla.goAway();
	for (const round of [1, 2, 3])
		await tap.test(`nothing is lost or there twice when the server dies, ${round}`, () => survive(server, anna, bruno, round));
	await tap.test('a reload changes nothing', () => reload(anna, bruno));
	await tap.test('a second window takes over and says so', async () => {
		second = await replace(server, chromium, anna);
	});
	await tap.test('the same person after each reconnect', () => sameIdentity([anna, bruno]));
	await tap.test('no error, no violated policy', () => nothingRan([anna, bruno]));
	if (capture.reason)
		return tap.skip('wscap told all of it', capture.reason);
	return tap.test('wscap told all of it', async () => {
		const sockets = (await Promise.all([anna, bruno, carla, second].map((each) => each.sockets()))).flat();
		const events = await capture.stop(sockets.filter(({ code }) => code !== CLOSE_ABNORMAL).flatMap(({ heard }) => heard.slice(-1)));
		assert.strictEqual(capture.status, 0, capture.stderr);
		assert.deepStrictEqual(events.filter(({ event }) => event === 'gap' || event === 'violation'), []);
		const count = await compareSockets(events, [anna, bruno, carla, second]);
		await compareShown(events, [anna, bruno, carla]);
		tap.diagnose(`${count} messages, each as the pages have it`);
	});
}

(async () => {
	const browsers = await Promise.all(['chromium', 'firefox'].map((name) => start(name).catch((error) => ({ name, error }))));
	const failed = browsers.find(({ error }) => error);
	if (failed) {
		tap.skip('two browsers in one chat', `${failed.name} cannot be started: ${failed.error.message}`);
	} else {
		const server = await new Server().start();
		/* A page takes the way through its own port while the other one is not there yet. */
		const capture = await Capture.start(server.port, server.webPort);
		await tap.test('the conversation came to its end', () => run(browsers, server, capture));
		await tap.test('the server stops cleanly', () => server.stop());
	}
	await Promise.all(browsers.map((browser) => browser.close?.()));
	tap.done();
	process.exit(0);
})();
