'use strict';
/* A poor line: an address that leads nowhere, a server that is silent, one that has too much of it, another name. */

const assert = require('assert');
const net = require('net');
const tap = require('../../lib/tap.js');
const { Server } = require('./server.js');
const { Client } = require('./client.js');
const { start, Person } = require('./browsers.js');

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const opened = async (person) => (await person.sockets()).filter((socket) => socket.opened).length;

/* The first address that the server names leads nowhere: the next is taken, the page's own port. */
async function nextAddress(browser, server) {
	const person = await Person.sit(browser, server.page);

	await person.enter('Anna');
	await person.say('by the other way');
	await person.sees('by the other way');
	return person;
}

/* Who says nothing for longer than the idle time-out stays: the browser answers pings. */
async function silence(person) {
	await sleep(4500);
	assert.strictEqual(await opened(person), 1);
}

/* More than the server takes at once: it goes on in a moment, in order. */
async function tooMuch(person) {
	const texts = Array.from({ length: 9 }, (_, i) => `quickly ${i}`);

	for (const text of texts)
		await person.say(text);
	await person.sees(...texts);
	assert.deepStrictEqual((await person.texts()).filter((text) => texts.includes(text)), texts);
	const heard = (await person.sockets()).flatMap((socket) => socket.heard);
	assert.ok(heard.some((text) => text.includes('"code":"rate"')), 'the limit was met');
	assert.strictEqual(await opened(person), 1);
}

/* A server that does not answer is given up; when it comes to, what was said is said once. */
async function mute(person, server) {
	server.child.kill('SIGSTOP');
	await person.say('is anybody there?');
	await person.page.waitForSelector('.unsent');
	await person.disconnected();
	server.child.kill('SIGCONT');
	await person.connected();
	await person.sees('is anybody there?');
	await person.until(() => !document.querySelector('.unsent'));
	assert.strictEqual((await person.texts()).filter((text) => text === 'is anybody there?').length, 1);
}

/* By another name of this machine, where the chat's own port is the first address. */
async function anotherName(browser, server) {
	const person = await Person.sit(browser, server.page.replace('127.0.0.1', 'localhost'));

	await person.enter('Bruno');
	await person.say('hello from here');
	await person.sees('hello from here');
	assert.strictEqual(await opened(person), 1);
	await person.close();
}

/* From another port than the server knows of, as behind a proxy: all of it goes over that port. */
async function proxied(browser, server) {
	const proxy = net.createServer((socket) => {
		const there = net.connect(server.webPort, '127.0.0.1');
		socket.pipe(there).pipe(socket);
		socket.on('error', () => there.destroy());
		there.on('error', () => socket.destroy());
	});
	await new Promise((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
	const { port } = proxy.address();
	const person = await Person.sit(browser, `http://127.0.0.1:${port}/`);
	await person.enter('Carla');
	await person.say('from behind a proxy');
	await person.sees('from behind a proxy');
	await person.close();
	proxy.close();
}

/* A server whose history is gone counts anew: the page begins anew too, and misses nothing of what is said then. */
async function anotherHistory(browser, server) {
	const person = await Person.sit(browser, server.page);

	await person.enter('Anna');
	for (const text of ['one', 'two', 'three'])
		await person.say(text);
	await person.sees('one', 'two', 'three');
	await server.kill();
	server.forget();
	await person.disconnected();
	await server.start();
	const other = await Client.open(server.port);
	other.send({ type: 'login', client_name: 'Zoe', room_id: '1', history: 0 },
		{ type: 'say', to_client_id: 'all', to_client_name: 'all', content: 'it is all new' });
	await person.connected();
	await person.sees('it is all new');
	assert.deepStrictEqual(await person.texts(), ['it is all new']);
	await person.say('I see');
	await person.sees('I see');
	other.close();
	await person.close();
}

/* A thousand messages in a moment, and then some: the page stays of a size, at the end, and in order. */
async function flood(browser, server) {
	const person = await Person.sit(browser, server.page, { query: '?room_id=flood' });
	const other = await Client.open(server.port);
	const texts = Array.from({ length: 2500 }, (_, i) => `line ${i}`);

	await person.enter('Anna');
	other.send({ type: 'login', client_name: 'Zoe', room_id: 'flood', history: 0 });
	const began = Date.now();
	other.send(...texts.map((content) => ({ type: 'say', to_client_id: 'all', to_client_name: 'all', content })));
	await person.sees(texts.at(-1));
	tap.diagnose(`${texts.length} messages shown in ${Date.now() - began} ms`);
	const shown = await person.texts();
	assert.ok(shown.length <= 1000, `${shown.length} are kept`);
	assert.deepStrictEqual(shown, texts.slice(-shown.length));
	assert.ok(await person.page.$eval('#log', (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 2), 'at the end');
	other.close();
	await person.close();
}

async function run(browser) {
	const poor = await new Server(['--websocket-url', 'ws://127.0.0.1:1/', '--ping-interval', '1', '--idle-timeout', '3',
		'--message-rate', '1']).start();
	const good = await new Server(['--message-rate', '0']).start();
	let person;

	await tap.test('the next address, where the first leads nowhere', async () => {
		person = await nextAddress(browser, poor);
	});
	await tap.test('silence', () => silence(person));
	await tap.test('too much at once', () => tooMuch(person));
	await tap.test('a server that does not answer', () => mute(person, poor));
	await tap.test('another name of the host', () => anotherName(browser, good));
	await tap.test('another port, as behind a proxy', () => proxied(browser, good));
	await tap.test('another history', () => anotherHistory(browser, good));
	await tap.test('a flood', () => flood(browser, good));
	await tap.test('the servers stop cleanly', () => Promise.all([poor.stop(), good.stop()]));
}

(async () => {
	let browser;
	try {
		browser = await start('chromium');
	} catch (error) {
		tap.skip('a poor line', `chromium cannot be started: ${error.message}`);
	}
	if (browser)
		await run(browser);
	await browser?.close();
	tap.done();
	process.exit(0);
})();
