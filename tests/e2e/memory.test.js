'use strict';
/* What a stranger sends must not make wscap grow: peak memory, as the kernel counts it, behind a deflate bomb, an endless
 * message, a stream with a hole, and many connections. */

const assert = require('assert');
const fs = require('fs');
const { spawn } = require('child_process');
const tap = require('../lib/tap.js');
const { program, events } = require('../lib/wscap.js');
const { Capture } = require('../lib/conversation.js');
const { pcapng } = require('../lib/pcap.js');
const { captureOf } = require('../tls/captures.js');
const { cutPackets } = require('../tls/pcapfile.js');
const { Session } = require('../lib/session.js');
const { segment } = require('../lib/net.js');
const { frame, bomb } = require('../lib/ws.js');

const MB = 1 << 20;
/* Under a sanitizer each byte has its shadow, and freed memory is kept for a while. */
const factor = /asan|__asan_init/.test(fs.readFileSync(program, 'latin1')) ? 6 : 1;

/* Peak resident memory in bytes after wscap has read all of capture: `done` stands in what it prints last. */
function peak(capture, args, done) {
	const child = spawn(program, ['-l', '-r', '-', ...args], { stdio: ['pipe', 'pipe', 'ignore'] });

	return new Promise((resolve, reject) => {
		let tail = '';
		let result;
		child.on('error', reject);
		child.stdin.on('error', reject);
		child.stdin.write(capture);
		child.stdout.on('data', (text) => {
			tail = (tail + text.toString('latin1')).slice(-4096);
			if (result === undefined && tail.includes(done)) {
				const now = fs.readFileSync(`/proc/${child.pid}/status`, 'latin1');
				result = Number(/VmHWM:\s*(\d+)/.exec(now)[1]) * 1024;
				child.stdin.end();
			}
		});
		child.on('close', (status) =>
			status === 0 && result !== undefined ? resolve(result) : reject(new Error(`it ended with ${status}`)));
	});
}

/* A conversation in TLS 1.3, from another port for each number. */
const tls = cutPackets(captureOf('node-13-aes128-gcm'));
function tlsPackets(number) {
	const IP = 14, TCP = IP + 20;

	return tls.map(({ time, bytes, wireLen }) => {
		const other = Buffer.from(bytes);
		const fromClient = bytes.readUInt16BE(TCP + 2) === tls[0].bytes.readUInt16BE(TCP + 2);

		other.writeUInt16BE(1024 + number, TCP + (fromClient ? 0 : 2));
		return { time: time + BigInt(number) * 1000000000n, bytes: other, wireLen };
	});
}

async function staysBelow(name, limit, build, args = []) {
	await tap.test(name, async () => {
		const capture = new Capture();
		build(capture);
		const last = new Session(capture, { clientPort: 1 });
		last.open();
		last.client.text('this is the last message');
		last.tcp.flush();
		const most = await peak(capture.bytes(), ['--format', 'messages', '-n', ...args], 'this is the last message');
		tap.diagnose(`${name}: ${(most / MB).toFixed(1)} MB at most`);
		assert.ok(most < limit * factor, `${(most / MB).toFixed(1)} MB, where ${limit * factor / MB} MB are enough`);
	});
}

const session = (capture, options) => new Session(capture, { timestamps: false, ...options });

(async () => {
	await staysBelow('a deflate bomb: 1 MB that inflates to 1 GB', 96 * MB, (capture) => {
		const ws = session(capture);
		ws.open({ deflate: 'permessage-deflate' });
		ws.client.write(frame({ opcode: 'binary', rsv: 4, payload: bomb(1 << 30), mask: Buffer.alloc(4) }));
	});
	await staysBelow('bombs on 40 connections at once, where 64 MB are allowed to all', 128 * MB, (capture) => {
		const all = Array.from({ length: 40 }, (_, i) => session(capture, { clientPort: 50000 + i }));
		const bytes = frame({ opcode: 'binary', rsv: 4, payload: bomb(1 << 26), mask: Buffer.alloc(4) });
		all.forEach((ws) => ws.open({ deflate: 'permessage-deflate' }));
		for (let at = 0; at < bytes.length; at += 10000)
			all.forEach((ws) => ws.client.write(bytes.subarray(at, at + 10000)));
	}, ['--max-message-total', '64M']);
	await staysBelow('a message of 100 MB', 96 * MB, (capture) => {
		const ws = session(capture);
		const piece = Buffer.alloc(1 << 20, 0x61);
		ws.open();
		for (let i = 0; i < 100; i++)
			ws.server.write(frame({ opcode: i ? 'continuation' : 'text', payload: piece, fin: i === 99 }));
	});
	await staysBelow('50 MB behind a missing segment', 48 * MB, (capture) => {
		const ws = session(capture);
		const piece = Buffer.alloc(60000, 0x61);
		ws.open();
		/* Nobody acknowledges it: it may still come. */
		for (let at = 1; at < 50 * MB; at += piece.length)
			ws.tcp.segment('s2c', { offset: ws.tcp.ends.s2c.next + at, payload: piece });
	});
	await staysBelow('a request that never ends', 48 * MB, (capture) => {
		const ws = session(capture);
		ws.connect();
		ws.client.write(Buffer.from('GET / HTTP/1.1\r\nUpgrade: websocket\r\n'));
		for (let i = 0; i < 500; i++)
			ws.client.write(Buffer.from(`X-${i}: ${'x'.repeat(40000)}\r\n`));
	});
	await staysBelow('200,000 connections where 10,000 are allowed', 96 * MB, (capture) => {
		for (let i = 0; i < 200000; i++)
			capture.add(segment({
				src: `10.0.${i >> 16}.1`, dst: '10.1.0.1', sport: i & 0xffff, dport: 80, flags: 'S', seq: i,
			}));
	}, ['--max-connections', '10000']);
	for (const [what, args] of [['a file that may have its secrets at its end', []], ['a key log that may', ['--keylog', '/dev/null']]])
		await tap.test(`TLS of 1,500 connections that are over, from ${what}`, async () => {
			const limit = 8 * MB;
			const capture = pcapng(Array.from({ length: 1500 }, (_, i) => tlsPackets(i)).flat(), { link: 'ethernet' });
			const last = await peak(capture, ['--format', 'json', '--max-tls-waiting-total', `${limit}`, ...args], `"packet":${1499 * tls.length + 33},"how":"fin"`);
			tap.diagnose(`${(last / MB).toFixed(1)} MB at most`);
			assert.ok(last > limit, 'it keeps what there is room for');
			assert.ok(last < (limit + 24 * MB) * factor);
		});
	await tap.test('who asks for too much is cut, and named; the others go on', () => {
		const capture = new Capture();
		const [first, second] = [50001, 50002].map((clientPort) => session(capture, { clientPort, mss: 1000 }));
		for (const ws of [first, second]) {
			ws.open();
			ws.server.write(frame({ opcode: 'text', payload: Buffer.alloc(30000, 0x61), fin: false }));
		}
		first.server.write(frame({ opcode: 'continuation', payload: Buffer.from('the end') }));
		const list = events(capture.bytes(), ['--max-message-total', '50K']).filter(({ dir }) => dir);
		assert.deepStrictEqual(list.map(({ event, conn }) => `${event} #${conn}`),
				       ['limit #2', 'message #2', 'message #1', 'gap #2']); /* what came behind it, unread */
		assert.strictEqual(list[0].limit, 'max-message-total');
		assert.strictEqual(list[1].truncated, 'max-message');
		assert.strictEqual(list[2].text, `${'a'.repeat(30000)}the end`);
	});
	tap.done();
})();
