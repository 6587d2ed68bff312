'use strict';
/* The live wire: a real client and a real server (node-ws) talk on loopback, wscap listens, and every message that was
 * sent is found, in its direction and in order. */

const assert = require('assert');
const dgram = require('dgram');
const { listen, whyNot, withTimeout } = require('../lib/live.js');
const { freePorts } = require('../lib/ports.js');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');

let converse;
try {
	({ converse } = require('./chat.js'));
} catch {
	tap.skip('live', 'node-ws is not installed');
	tap.done();
	process.exit(0);
}

function checkMessages(text, sent) {
	const events = text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	const bytes = (event) => (event.text !== undefined ? Buffer.from(event.text) : Buffer.from(event.base64, 'base64'));

	for (const dir of ['c2s', 's2c']) {
		const messages = events.filter(({ event, dir: each }) => event === 'message' && each === dir);
		sent[dir].forEach((payload, i) => {
			assert.ok(messages[i], `${dir}: message ${i + 1} was not found`);
			assert.strictEqual(messages[i].opcode, typeof payload === 'string' ? 'text' : 'binary');
			assert.ok(bytes(messages[i]).equals(Buffer.from(payload)), `${dir}: message ${i + 1} is another`);
		});
		assert.strictEqual(messages.length, sent[dir].length);
	}
	const find = (wanted) => events.filter((event) => Object.entries(wanted).every(([key, value]) => event[key] === value));
	assert.strictEqual(find({ event: 'handshake', status: 101, accept_ok: true, path: '/chat' }).length, 1);
	assert.strictEqual(find({ event: 'control', opcode: 'ping', dir: 'c2s', text: 'are you there' }).length, 1);
	assert.strictEqual(find({ event: 'control', opcode: 'pong', dir: 's2c', text: 'are you there' }).length, 1);
	const close = { event: 'control', opcode: 'close', dir: 'c2s', close_code: 1000, close_reason: 'goodbye' };
	assert.strictEqual(find(close).length, 1);
	assert.deepStrictEqual([...find({ event: 'gap' }), ...find({ event: 'violation' })], []);
	return events;
}

const CLOSED = /"event":\s*"tcp_close"/;

/* Where much else goes over the wire, the kernel may drop packets before the filter is in place: that is no fault of who
 * captures, and it says so. Such a conversation is held again. */
const TRIES = 5;
const dropped = ({ stderr }) => !/^0 packets dropped by kernel/m.test(stderr.text);

/* wscap itself captures. */
async function captureAlone(device, perMessageDeflate, tries = TRIES) {
	let wscap;
	const { sent } = await converse({
		perMessageDeflate,
		async started(port) {
			wscap = await listen(program, ['-l', '-i', device, '--format', 'json', 'port', `${port}`]);
			assert.notStrictEqual(await wscap.ready, 'ended', wscap.stderr.text);
		},
	});
	/* As it comes, not at the end: the last event is there before anybody stops it. */
	await wscap.stdout.says(CLOSED);
	wscap.child.kill('SIGINT');
	assert.strictEqual(await wscap.exited, 0, wscap.stderr.text);
	assert.match(wscap.stderr.text, /packets captured/);
	assert.match(wscap.stderr.text, /packets dropped by kernel/);
	if (tries > 1 && dropped(wscap))
		return captureAlone(device, perMessageDeflate, tries - 1);
	checkMessages(wscap.stdout.text, sent);
}

/* tcpdump captures, wscap reads its pipe. */
async function capturePiped(device, perMessageDeflate, tries = TRIES) {
	let tcpdump;
	const wscap = await listen(program, ['-l', '-r', '-', '-n', '--format', 'json']);
	const { sent } = await converse({
		perMessageDeflate,
		async started(port) {
			tcpdump = await listen('tcpdump', ['-i', device, '-U', '-B', '16384', '-w', '-', 'port', `${port}`],
					       { stdio: ['ignore', wscap.child.stdin, 'pipe'] });
			assert.notStrictEqual(await tcpdump.ready, 'ended', tcpdump.stderr.text);
		},
	});
	await wscap.stdout.says(CLOSED);
	tcpdump.child.kill('SIGINT');
	await tcpdump.exited;
	wscap.child.stdin.end();
	assert.strictEqual(await wscap.exited, 0, wscap.stderr.text);
	if (tries > 1 && dropped(tcpdump))
		return capturePiped(device, perMessageDeflate, tries - 1);
	checkMessages(wscap.stdout.text, sent);
}

/* A full ring is told while the capture goes on: wscap is held for as long as it takes to fill it. */
async function tellsDrops() {
	const [port] = await freePorts(1);
	const wscap = await listen(program, ['-i', 'lo', '-B', '64', '-s', '256', '--format', 'null', 'udp', 'port', `${port}`]);
	const socket = dgram.createSocket('udp4');

	assert.notStrictEqual(await wscap.ready, 'ended', wscap.stderr.text);
	wscap.child.kill('SIGSTOP');
	for (let i = 0; i < 5000; i++)
		await new Promise((resolve) => socket.send(Buffer.alloc(200), port, '127.0.0.1', resolve));
	socket.close();
	wscap.child.kill('SIGCONT');
	await wscap.stderr.says(/^wscap: the kernel dropped \d+ packets? for want of room; a larger ring is -B$/m);
	wscap.child.kill('SIGINT');
	assert.strictEqual(await wscap.exited, 0, wscap.stderr.text);
	const [, told] = wscap.stderr.text.match(/the kernel dropped (\d+)/);
	const [, counted] = wscap.stderr.text.match(/^(\d+) packets dropped by kernel$/m);
	assert.ok(Number(told) > 0 && Number(told) <= Number(counted), wscap.stderr.text);
}

/* The kernel shows what goes over loopback on its way out and on its way in; tcpdump takes the latter, also of all devices
 * together, and so does wscap. On loopback itself the former takes no room in its ring, and is not counted. */
async function takesEachOnce(device, tries = TRIES) {
	const [port] = await freePorts(1);
	const args = ['-l', '-n', '-t', '-i', device, 'udp', 'dst', 'port', `${port}`];
	const wscap = await listen(program, ['--format', 'packets', ...args]), tcpdump = await listen('tcpdump', args);
	const socket = dgram.createSocket('udp4');
	const lengths = Array.from({ length: 30 }, (_, i) => 100 + i);
	const found = ({ stdout }) => (stdout.text.match(/length \d+$/gm) || []).map((text) => Number(text.slice(7)));

	for (const each of [wscap, tcpdump])
		assert.notStrictEqual(await each.ready, 'ended', each.stderr.text);
	for (const length of lengths)
		await new Promise((resolve) => socket.send(Buffer.alloc(length), port, '127.0.0.1', resolve));
	socket.close();
	for (const each of [wscap, tcpdump]) {
		await each.stdout.says(new RegExp(`length ${lengths.at(-1)}\n`));
		each.child.kill('SIGINT');
		assert.strictEqual(await each.exited, 0, each.stderr.text);
	}
	/* What other tests send is counted while the device is open and has no filter yet, for tcpdump as well. */
	const counted = new RegExp(`^${lengths.length} packets received by filter$`, 'm').test(wscap.stderr.text);

	if (tries > 1 && (dropped(wscap) || dropped(tcpdump) || (device === 'lo' && !counted)))
		return takesEachOnce(device, tries - 1);
	assert.deepStrictEqual(found(wscap), lengths);
	assert.deepStrictEqual(found(tcpdump), lengths);
	if (device === 'lo')
		assert.ok(counted, wscap.stderr.text);
}

const runs = [
	['lo', captureAlone, false], ['lo', captureAlone, { threshold: 0 }], ['any', captureAlone, { threshold: 0 }],
	['any', captureAlone, { threshold: 0, serverNoContextTakeover: true, clientMaxWindowBits: 10 }],
	['any', capturePiped, { threshold: 0 }],
];

(async () => {
	for (const [device, capture, deflate] of runs) {
		const name = `${capture === captureAlone ? 'wscap' : 'tcpdump, and wscap behind it'} on ${device}, ` +
			`permessage-deflate ${JSON.stringify(deflate)}`;
		const reason = await whyNot(device);
		if (reason)
			tap.skip(name, reason);
		else
			await tap.test(name, () => withTimeout(capture(device, deflate)));
	}
	const more = {
		'what the kernel drops is told while it happens': tellsDrops,
		'what goes over loopback is taken once': () => takesEachOnce('lo'),
		'…and once of all devices': () => takesEachOnce('any'),
	};
	for (const [name, body] of Object.entries(more)) {
		const reason = await whyNot('any');
		if (reason)
			tap.skip(name, reason);
		else
			await tap.test(name, () => withTimeout(body()));
	}
	tap.done();
	/* What a failed run left behind would keep us here. */
	process.exit(0);
})();
