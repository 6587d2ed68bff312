'use strict';
/* The original's dialects and ours, in one room: what each hears is compared to the byte, times and ids apart. */

const assert = require('assert');
const tap = require('../../lib/tap.js');
const { start } = require('../../lib/wschat.js');
const { open, join, sleep } = require('../../lib/peer.js');

/* What is different on every run, by what it is. */
function plain(text, names = {}) {
	let result = text.replace(/"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"/g, 'TIME').replace(/"ms":\d{13}/g, '"ms":MS')
		.replace(/"token":"[0-9a-f]{48}"/g, '"token":TOKEN');

	for (const [name, id] of Object.entries(names)) {
		result = result.replaceAll(`"${id}"`, name);
		if (/^\d+$/.test(id))
			result = result.replaceAll(`uid":${id}`, `uid":${name}`);
	}
	return result;
}

/* The original page of dialect A sends these, to the byte. */
const loginA = (name) => `{"type":"login","name":"${name}"}`;
const sayA = (to, content) => `{"type":"say","to_uid":"${to}","content":"${content}"}`;
/* …and of dialect C. */
const loginC = (name, room) => `{"type":"login","client_name":"${name}","room_id":${room}}`;
const sayC = (id, name, content) =>
	`{"type":"say","to_client_id":"${id}","to_client_name":"${name}","content":"${content}"}`;

async function hears(peer, expected, names) {
	const got = await peer.next();

	assert.notStrictEqual(got, null, `the connection ended instead of ${expected}`);
	assert.strictEqual(plain(got.text ?? JSON.stringify(got), names), expected);
	return JSON.parse(got.text);
}

/* Nothing waits: a ping comes back first. */
async function hearsNothing(peer) {
	peer.frame('ping', 'anything?');
	const got = await peer.nextFrame();
	assert.strictEqual(got.opcode, 10, `heard ${got.payload}`);
}

async function dialectA(server) {
	const names = {};
	const first = await open(server.port);
	first.text(loginA('first'));
	const list = await first.nextJson();
	assert.deepStrictEqual(Object.keys(list), ['type', 'user_list']);
	names.FIRST = String(list.user_list[0].uid);
	await hears(first, '{"type":"login","uid":FIRST,"name":"first","time":TIME}', names);

	const second = await open(server.port);
	second.text(loginA('mynick'));
	const both = (await second.next()).text;
	names.SECOND = String(JSON.parse(both).user_list[1].uid);
	assert.strictEqual(plain(both, names),
		'{"type":"user_list","user_list":[{"uid":FIRST,"name":"first"},{"uid":SECOND,"name":"mynick"}]}');
	const came = '{"type":"login","uid":SECOND,"name":"mynick","time":TIME}';
	await hears(second, came, names);
	await hears(first, came, names);

	second.text(sayA('all', 'hi,  all !'));
	const said = '{"type":"say","from_uid":SECOND,"to_uid":"all","content":"hi,  all !","time":TIME}';
	await hears(first, said, names);
	await hears(second, said, names);

	/* In private, the sender gets no copy. */
	second.text(sayA(names.FIRST, 'psst'));
	await hears(first, '{"type":"say","from_uid":SECOND,"to_uid":FIRST,"content":"psst","time":TIME}', names);
	await hearsNothing(second);

	second.close(1000);
	await hears(first, '{"type":"logout","uid":SECOND,"time":TIME}', names);
	first.destroy();
}

async function dialectC(server) {
	const names = {};
	const first = await open(server.port);
	first.text(loginC('first', 7));
	const welcome = await first.next();
	names.FIRST = JSON.parse(welcome.text).client_id;
	assert.match(names.FIRST, /^[0-9a-f]{20}$/);
	assert.strictEqual(plain(welcome.text, names),
		'{"type":"login","client_id":FIRST,"client_name":"first","time":TIME,"client_list":{FIRST:"first"}}');

	const second = await open(server.port);
	second.text(loginC('second', '"7"'));
	const list = await second.next();
	names.SECOND = JSON.parse(list.text).client_id;
	assert.strictEqual(plain(list.text, names), '{"type":"login","client_id":SECOND,"client_name":"second","time":TIME,' +
		'"client_list":{FIRST:"first",SECOND:"second"}}');
	await hears(first, '{"type":"login","client_id":SECOND,"client_name":"second","time":TIME}', names);

	second.text(sayC('all', '所有人', 'hello'));
	const said = '{"type":"say","from_client_id":SECOND,"from_client_name":"second","to_client_id":"all",' +
		'"content":"hello","time":TIME}';
	await hears(first, said, names);
	await hears(second, said, names);

	first.text(sayC(names.SECOND, 'second', '<i>'));
	await hears(second, '{"type":"say","from_client_id":FIRST,"from_client_name":"first","to_client_id":SECOND,' +
		'"content":"<b>对你说: </b>&lt;i&gt;","time":TIME}', names);
	await hears(first, '{"type":"say","from_client_id":FIRST,"from_client_name":"first","to_client_id":SECOND,' +
		'"content":"<b>你对second说: </b>&lt;i&gt;","time":TIME}', names);

	second.destroy();
	await hears(first, '{"type":"logout","from_client_id":SECOND,"from_client_name":"second","time":TIME}', names);
	first.destroy();
}

/* People of three dialects in room 1: each hears all of them in its own. */
async function mixed(server) {
	const names = {};
	const a = await open(server.port);
	a.text(loginA('Ann &amp;'));
	names.A = String((await a.nextJson()).user_list[0].uid);
	await a.next();

	const c = await open(server.port);
	c.text('{"type":"login","client_name":"C<script>","room_id":1}');
	const welcome = await c.nextJson();
	names.C = welcome.client_id;
	names.AHEX = Object.keys(welcome.client_list)[0];
	assert.deepStrictEqual(Object.values(welcome.client_list), ['Ann &amp;amp;', 'C&lt;script&gt;']);
	const joined = await a.nextJson();
	names.CUID = String(joined.uid);
	assert.strictEqual(joined.name, 'C&lt;script&gt;');

	const o = await open(server.port);
	o.text('{"type":"login","client_name":"ours","room_id":"1","history":0}');
	names.O = (await o.until(({ type }) => type === 'login')).client_id;
	await o.until(({ type }) => type === 'history');
	names.OUID = String((await a.nextJson()).uid);
	await c.nextJson();

	/* All that JSON and HTML can make of text: it comes back escaped once, for every dialect alike. */
	const hard = 'a\\b\tc"d\'e<f>&g\nh\r\ni/j 猪😀\u2028\x7f';
	const html = 'a\\\\b\\tc&quot;d&#039;e&lt;f&gt;&amp;g<br />\\nh<br />\\ni/j 猪😀\u2028\\u007f';
	c.json({ type: 'say', to_client_id: 'all', to_client_name: '所有人', content: hard });
	await hears(a, `{"type":"say","from_uid":CUID,"to_uid":"all","content":"${html}","time":TIME}`, names);
	await hears(c, '{"type":"say","from_client_id":C,"from_client_name":"C&lt;script&gt;","to_client_id":"all",' +
		`"content":"${html}","time":TIME}`, names);
	const heard = await o.nextJson();
	assert.deepStrictEqual(Object.keys(heard), ['type', 'from_client_id', 'from_client_name', 'to_client_id', 'content',
		'time', 'ms', 'id']);
	assert.strictEqual(heard.content, JSON.parse(`"${html}"`));

	/* PHP's and JavaScript's ways to write the same are the same. */
	a.text('{"type":"say","to_uid":"all","content":"\\u732a\\/\\ud83d\\ude00"}');
	for (const peer of [a, c, o])
		assert.strictEqual((await peer.nextJson()).content, '猪/😀');

	/* In private across dialects: to one, by its id there; nobody else hears. */
	o.json({ type: 'say', to_client_id: names.AHEX, content: 'for A', ref: 'r1' });
	await hears(a, '{"type":"say","from_uid":OUID,"to_uid":A,"content":"for A","time":TIME}', names);
	const copy = await o.nextJson();
	assert.strictEqual(copy.to_client_id, names.AHEX);
	assert.strictEqual(copy.to_client_name, 'Ann &amp;amp;');
	assert.deepStrictEqual(await o.nextJson(), { type: 'said', ref: 'r1', id: copy.id });
	await hearsNothing(c);

	a.json({ type: 'say', to_uid: Number(names.CUID), content: 'for C' });
	await hears(c, '{"type":"say","from_client_id":AHEX,"from_client_name":"Ann &amp;amp;","to_client_id":C,' +
		'"content":"<b>对你说: </b>for C","time":TIME}', names);
	await hearsNothing(o);

	/* A second login moves: who stays sees it go, and it hears nothing of the first room any more. */
	c.text(loginC('moved', 2));
	assert.strictEqual((await c.nextJson()).client_name, 'moved');
	await hears(a, '{"type":"logout","uid":CUID,"time":TIME}', names);
	assert.strictEqual((await o.nextJson()).type, 'logout');
	a.text(sayA('all', 'without C'));
	await o.nextJson();
	await hearsNothing(c);
	/* Nobody whispers across rooms. */
	c.text(sayC(names.AHEX, 'Ann', 'psst'));
	assert.strictEqual((await c.nextJson()).code, 'nobody');
	for (const peer of [a, c, o])
		peer.destroy();
}

/* What is no message of the dialect is passed over; nobody is disturbed, least of all who sent it. */
async function ignored(server) {
	const peer = await join(server.port, 'ignored', { room: 'ignored' });
	const strange = ['', ' ', '{', '[]', '"text"', 'null', '{}', '{"type":1}', '{"type":"re_login"}', '{"type":"say"}',
		'{"type":"say","to_client_id":"all"}', '{"type":"say","to_client_id":"all","content":7}',
		'{"type":"say","to_client_id":[],"content":"x"}', '{"type":"say","content":"to whom"}',
		'{"type":"login"}', '{"type":"login","client_name":{}}', '{"type":"history"}', '{"type":"history","before":-1}',
		'{"type":"history","before":1e3,"count":"x"}', '{"type":"pong"}', '{"type":"ping"}',
		`${'['.repeat(3000)}${']'.repeat(3000)}`, '{"type":"say","to_client_id":"all","content":"a\\u0000b"}',
		'{"type":"say","to_client_id":"all","content":"\\ud83d"}', '\ufeff{"type":"pong"}',
		'{"type":"say","to_client_id":"all","content":"x"} {}'];
	const before = await server.metrics();

	for (const text of strange)
		peer.text(text);
	peer.frame('binary', Buffer.from('{"type":"say","to_client_id":"all","content":"x"}'));
	await hearsNothing(peer);
	const after = await server.metrics();
	assert.strictEqual(after.messages_ignored_total - before.messages_ignored_total, strange.length);
	peer.destroy();

	const stranger = await open(server.port);
	stranger.json({ type: 'say', to_client_id: 'all', content: 'before login' });
	assert.strictEqual((await stranger.nextJson()).code, 'login');
	stranger.text('{"type":"login","client_name":"no room"}');
	assert.strictEqual((await stranger.nextJson()).code, 'room');
	stranger.text('{"type":"login","name":" \\t"}');
	stranger.json({ type: 'login', client_name: 'in the end', room_id: 'ignored', history: 0 });
	assert.strictEqual((await stranger.nextJson()).client_name, 'in the end');
	stranger.destroy();
}

async function errors(server) {
	const peer = await open(server.port);
	const refused = async (message, code, ref) => {
		peer.json(message);
		const got = await peer.nextJson();
		assert.deepStrictEqual(Object.keys(got), ['type', 'code', 'message', ...(ref ? ['ref'] : [])]);
		assert.deepStrictEqual([got.type, got.code, got.ref], ['error', code, ref]);
	};
	const login = (name, room) => ({ type: 'login', client_name: name, room_id: room, history: 0 });

	for (const name of ['', '   ', 'a\nb', 'a\x7f', 'a\x85b', 'x'.repeat(65), '猪'.repeat(65)])
		await refused(login(name, 'errors'), 'name');
	for (const room of ['', 'r'.repeat(65), 'a\tb', {}, 1.5, null])
		await refused(login('name', room), 'room');
	peer.json(login('猪'.repeat(64), '猪'.repeat(64)));
	assert.strictEqual((await peer.nextJson()).client_name, '猪'.repeat(64));
	await peer.nextJson();
	await refused({ type: 'say', to_client_id: 'all', content: '', ref: 'empty' }, 'content', 'empty');
	await refused({ type: 'say', to_client_id: 'all', content: 'x'.repeat(16385), ref: 'long' }, 'content', 'long');
	await refused({ type: 'say', to_client_id: '0'.repeat(20), content: 'x', ref: 'who' }, 'nobody', 'who');
	await refused({ type: 'say', to_client_id: 'x', content: 'x' }, 'nobody');
	/* The longest that is taken, at its longest on the wire. */
	peer.text(`{"type":"say","to_client_id":"all","content":"${'\\u0001'.repeat(16384)}"}`);
	assert.strictEqual((await peer.nextJson()).content, '\x01'.repeat(16384));
	peer.destroy();
}

/* Numbers, references, the history in pages, resuming. */
async function ours(server) {
	const room = 'ours';
	const ann = await join(server.port, 'Ann', { room });
	const bob = await join(server.port, 'Bob', { room });
	assert.deepStrictEqual(ann.history, { type: 'history', messages: [], more: false });
	assert.strictEqual(ann.welcome.resumed, false);
	await ann.nextJson();

	const ids = [];
	for (let i = 0; i < 10; i++) {
		ann.json({ type: 'say', to_client_id: 'all', content: `m${i}`, ref: `r${i}` });
		const said = await ann.nextJson();
		assert.deepStrictEqual(await ann.nextJson(), { type: 'said', ref: `r${i}`, id: said.id });
		ids.push(said.id);
		assert.strictEqual((await bob.nextJson()).id, said.id);
	}
	assert.deepStrictEqual([...ids].sort((x, y) => x - y), ids);

	/* Said again under the same name: said once. */
	ann.json({ type: 'say', to_client_id: 'all', content: 'm9 again', ref: 'r9' });
	assert.deepStrictEqual(await ann.nextJson(), { type: 'said', ref: 'r9', id: ids[9] });
	await hearsNothing(bob);
	/* Somebody else's name for another thing is another thing. */
	bob.json({ type: 'say', to_client_id: 'all', content: 'from Bob', ref: 'r9' });
	ids.push((await ann.nextJson()).id);
	await bob.nextJson();
	await bob.nextJson();

	ann.json({ type: 'history', before: ids[5], count: 3 });
	const page = await ann.nextJson();
	assert.deepStrictEqual(Object.keys(page), ['type', 'messages', 'before', 'more']);
	assert.deepStrictEqual(page.messages.map(({ content }) => content), ['m2', 'm3', 'm4']);
	assert.deepStrictEqual([page.before, page.more], [ids[5], true]);
	assert.deepStrictEqual(Object.keys(page.messages[0]), ['id', 'from_client_id', 'from_client_name', 'to_client_id',
		'content', 'time', 'ms']);
	ann.json({ type: 'history', before: ids[2], count: 1000 });
	const oldest = await ann.nextJson();
	assert.deepStrictEqual(oldest.messages.map(({ id }) => id), [ids[0], ids[1]]);
	assert.strictEqual(oldest.more, false);

	/* Ann's connection breaks; meanwhile there is talk, also in private. */
	ann.destroy();
	await bob.until(({ type }) => type === 'logout');
	for (let i = 0; i < 3; i++) {
		bob.json({ type: 'say', to_client_id: 'all', content: `missed ${i}` });
		ids.push((await bob.nextJson()).id);
	}
	const back = await join(server.port, 'Ann', { room, login: { token: ann.welcome.token, since: ids[10], history: 50 } });
	assert.strictEqual(back.welcome.resumed, true);
	assert.strictEqual(back.id, ann.id);
	assert.strictEqual(back.welcome.since, ids[13]);
	assert.deepStrictEqual(back.history.messages.map(({ content }) => content), ['missed 0', 'missed 1', 'missed 2']);

	/* The same person from a second window: the first is told and closed. */
	const again = await join(server.port, 'Ann', { room, login: { token: ann.welcome.token, since: ids[13] } });
	assert.strictEqual(again.id, ann.id);
	const end = await back.next();
	assert.deepStrictEqual([end.type, end.code], ['close', 4000]);
	assert.deepStrictEqual(again.history.messages, []);
	/* A token of nobody's. */
	const forged = await join(server.port, 'Mallory', { room, login: { token: `${'0'.repeat(15)}1${'f'.repeat(32)}` } });
	assert.strictEqual(forged.welcome.resumed, false);
	assert.notStrictEqual(forged.id, ann.id);

	/* The last ones on entering. */
	const late = await join(server.port, 'late', { room, login: { history: 2 } });
	assert.deepStrictEqual(late.history.messages.map(({ content }) => content), ['missed 1', 'missed 2']);
	assert.strictEqual(late.history.more, true);
	for (const peer of [bob, again, forged, late])
		peer.destroy();
}

/* Who was not let in again, in another dialect, is still understood in their own. */
async function refusedElsewhere(server) {
	const room = 'refused-elsewhere';
	const ann = await join(server.port, 'Ann', { room });

	ann.text(loginA('\\u0007'));
	assert.strictEqual((await ann.until(({ type }) => type === 'error')).code, 'name');
	/* The refusal goes out in one batch with what sets it right, so that it is known now. */
	ann.json({ type: 'say', to_client_id: 'all', content: 'still here', ref: '1' });
	assert.strictEqual((await ann.until(({ type }) => type === 'say')).content, 'still here');
	ann.destroy();
}

/* Silence is met with a ping: dialect C's, and WebSocket's for all. Who answers stays. */
async function pings() {
	const server = await start({ args: ['--ping-interval', '1', '--idle-timeout', '3'] });
	const c = await open(server.port);
	c.text(loginC('c', 1));
	await c.next();
	assert.strictEqual((await c.next()).text, '{"type":"ping"}');
	c.text('{"type":"pong"}');
	assert.strictEqual((await c.next()).text, '{"type":"ping"}');
	const a = await open(server.port);
	a.text(loginA('a'));
	await a.next();
	await a.next();
	a.isAnswering = false;
	while ((await a.nextFrame()).opcode !== 9)
		continue; /* on a busy machine it may hear that c went, first */
	/* Now neither says anything: both are given up. */
	c.isAnswering = false;
	const ends = await Promise.all([a, c].map(async (peer) => {
		for (;;) {
			const got = await peer.next();
			if (got.type === 'close')
				return got.code;
		}
	}));
	assert.deepStrictEqual(ends, [1001, 1001]);
	assert.strictEqual((await server.metrics()).idle_clients_closed_total, 2);
	await server.stop();
}

async function main() {
	const server = await start({ args: ['--message-rate', '0'] });

	await tap.test('dialect A, as the document has it', () => dialectA(server));
	await sleep(50);
	await tap.test('dialect C, as the original page speaks it', () => dialectC(server));
	await tap.test('three dialects in one room', () => mixed(server));
	await tap.test('what is no message is passed over', () => ignored(server));
	await tap.test('what is refused is told to who asked', () => errors(server));
	await tap.test('numbers, references, history, resuming', () => ours(server));
	await tap.test('a login in another dialect, refused', () => refusedElsewhere(server));
	await tap.test('silence, pings and being given up', pings);
	const { status, log } = await server.stop();
	await tap.test('and the server ends well', () => assert.strictEqual(status, 0, log));
	tap.done();
	process.exit();
}

main();
