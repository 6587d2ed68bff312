'use strict';
/* RFC 6455 against /echo, by section, over raw sockets. */

const assert = require('assert');
const crypto = require('crypto');
const tap = require('../../lib/tap.js');
const { start } = require('../../lib/wschat.js');
const { open, sleep, MASK } = require('../../lib/peer.js');
const { frame, closePayload } = require('../../lib/ws.js');

let server;

const masked = (opcode, payload = '', options = {}) => frame({ opcode, payload: Buffer.from(payload), mask: MASK, ...options });
const echo = (options) => open(server.port, { target: '/echo', ...options });

/* Each body gets a connection of its own; what it forgot to read is an error in itself, told by the next ping. */
function test(section, name, body) {
	return tap.test(`${section}: ${name}`, async () => {
		const peer = await echo();
		try {
			await body(peer);
		} finally {
			peer.destroy();
		}
	});
}

async function comesBack(peer, type, bytes) {
	const got = await peer.next();

	assert.ok(got, 'the connection ended');
	assert.strictEqual(got.type, type, JSON.stringify({ ...got, bytes: undefined }));
	assert.ok(got.bytes.equals(Buffer.from(bytes)), `${got.bytes.length} bytes, wanted ${bytes.length}`);
}

/* The connection fails with this code, and ends, section 7.1.7. Nothing comes before. */
async function fails(peer, code) {
	const got = await peer.nextFrame();

	assert.ok(got, 'ended without a close frame');
	assert.strictEqual(got.opcode, 8, `heard opcode ${got.opcode} with ${got.payload.length} bytes`);
	assert.strictEqual(got.payload.readUInt16BE(0), code);
	assert.strictEqual(await peer.nextFrame(), null);
}

/* A ping comes back as a pong with the same bytes, before anything else. */
async function alive(peer, body = 'still there') {
	peer.frame('ping', body);
	const got = await peer.nextFrame();

	assert.ok(got, 'the connection ended');
	assert.deepStrictEqual([got.opcode, got.payload.toString()], [10, body]);
}

async function framing() {
	/* The three forms of the length, at their edges. */
	for (const length of [0, 1, 125, 126, 127, 128, 65535, 65536, 65537])
		await test('5.2', `a text and a binary message of ${length} bytes`, async (peer) => {
			const text = 'x'.repeat(length), bytes = crypto.randomBytes(length);
			peer.text(text);
			await comesBack(peer, 'text', text);
			peer.frame('binary', bytes);
			await comesBack(peer, 'binary', bytes);
		});
	for (const length of [1 << 20, 16 << 20])
		await test('5.2', `a binary message of ${length >> 20} MiB`, async (peer) => {
			const bytes = crypto.randomBytes(length);
			peer.frame('binary', bytes);
			await comesBack(peer, 'binary', bytes);
			await alive(peer);
		});
	await test('5.2', 'a text of 16 MiB in fragments of 1 MiB', async (peer) => {
		const text = '猪😀-'.repeat((16 << 20) / 8), bytes = Buffer.from(text);
		assert.strictEqual(bytes.length, 16 << 20);
		for (let at = 0; at < bytes.length; at += 1 << 20)
			peer.frame(at ? 'continuation' : 'text', bytes.subarray(at, at + (1 << 20)),
				{ fin: at + (1 << 20) === bytes.length });
		await comesBack(peer, 'text', bytes);
	});
	await test('10.4', 'a message over 16 MiB fails with 1009', async (peer) => {
		peer.frame('binary', Buffer.alloc((16 << 20) + 1));
		await fails(peer, 1009);
	});
	await test('10.4', 'fragments that come to more than 16 MiB fail with 1009', async (peer) => {
		for (let i = 0; i < 17; i++)
			peer.frame(i ? 'continuation' : 'binary', Buffer.alloc(1 << 20), { fin: false });
		await fails(peer, 1009);
	});
	/* 5.2: "the minimal number of bytes MUST be used to encode the length", and the most significant bit MUST be 0. */
	for (const [length, form] of [[5, 2], [125, 2], [5, 8], [126, 8], [65535, 8]])
		await test('5.2', `a length of ${length} in ${form} bytes fails`, async (peer) => {
			peer.frame('binary', Buffer.alloc(length), { form });
			await fails(peer, 1002);
		});
	await test('5.2', 'a length of 2^63 fails', async (peer) => {
		peer.frame('binary', '', { length: 1n << 63n, form: 8 });
		await fails(peer, 1002);
	});
	await test('5.1', 'a frame that is not masked fails', async (peer) => {
		peer.stream.write(frame({ opcode: 'text', payload: Buffer.from('bare') }));
		await fails(peer, 1002);
	});
	await test('5.3', 'masks of every kind are undone', async (peer) => {
		for (const mask of ['00000000', 'ffffffff', '00000001', '80000000', '0a0b0c0d']) {
			for (const text of ['', 'a', 'abc', 'abcdefgh'.repeat(20)]) {
				peer.text(text, { mask: Buffer.from(mask, 'hex') });
				await comesBack(peer, 'text', text);
			}
		}
	});
	for (const rsv of [1, 2, 3, 4, 5, 6, 7])
		for (const opcode of ['text', 'continuation', 'close', 'ping', 'pong'])
			await test('5.2', `reserved bits ${rsv} in a ${opcode} frame fail`, async (peer) => {
				peer.frame(opcode, opcode === 'close' ? closePayload(1000) : 'x', { rsv });
				await fails(peer, 1002);
			});
	for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
		for (const payload of ['', 'payload'])
			await test('5.2', `opcode ${opcode} with ${payload.length} bytes fails`, async (peer) => {
				peer.text('before');
				peer.frame(opcode, payload);
				await comesBack(peer, 'text', 'before');
				await fails(peer, 1002);
			});
}

async function control() {
	for (const length of [0, 1, 8, 125])
		await test('5.5.2', `a ping of ${length} bytes comes back`, async (peer) => {
			const bytes = crypto.randomBytes(length);
			peer.frame('ping', bytes);
			const got = await peer.nextFrame();
			assert.strictEqual(got.opcode, 10);
			assert.ok(got.payload.equals(bytes));
		});
	for (const opcode of ['ping', 'pong', 'close'])
		for (const length of [126, 65536])
			await test('5.5', `a ${opcode} of ${length} bytes fails`, async (peer) => {
				peer.frame(opcode, opcode === 'close' ? closePayload(1000, 'x'.repeat(length - 2)) : 'x'.repeat(length));
				await fails(peer, 1002);
			});
	for (const opcode of ['ping', 'pong', 'close'])
		await test('5.5', `a fragment of a ${opcode} fails`, async (peer) => {
			peer.frame(opcode, '', { fin: false });
			await fails(peer, 1002);
		});
	await test('5.5.3', 'a pong that nobody asked for is passed over', async (peer) => {
		peer.frame('pong');
		peer.frame('pong', 'unasked');
		await alive(peer);
	});
	await test('5.5.2', 'a thousand pings in one go', async (peer) => {
		peer.stream.write(Buffer.concat(Array.from({ length: 1000 }, (_, i) => masked('ping', String(i)))));
		for (let i = 0; i < 1000; i++)
			assert.strictEqual((await peer.nextFrame()).payload.toString(), String(i));
	});
	await test('5.5.2', 'a ping of which each byte comes by itself', async (peer) => {
		for (const byte of masked('ping', 'slow')) {
			peer.stream.write(Buffer.from([byte]));
			await sleep(1);
		}
		assert.strictEqual((await peer.nextFrame()).payload.toString(), 'slow');
	});
}

async function fragmentation() {
	for (const pieces of [['one', 'two'], ['', ''], ['', 'all'], ['all', ''], ['a', '', 'b', '', 'c']])
		await test('5.4', `${JSON.stringify(pieces)} is one message`, async (peer) => {
			pieces.forEach((piece, i) => peer.frame(i ? 'continuation' : 'text', piece, { fin: i === pieces.length - 1 }));
			await comesBack(peer, 'text', pieces.join(''));
		});
	await test('5.4', 'a message in 10,000 fragments of one byte', async (peer) => {
		const bytes = crypto.randomBytes(10000);
		peer.stream.write(Buffer.concat(Array.from(bytes, (byte, i) =>
			masked(i ? 'continuation' : 'binary', Buffer.from([byte]), { fin: i === bytes.length - 1 }))));
		await comesBack(peer, 'binary', bytes);
	});
	await test('5.4', 'control frames between the fragments are answered at once', async (peer) => {
		peer.frame('text', 'be', { fin: false });
		await alive(peer, 'first');
		peer.frame('continuation', 'twe', { fin: false });
		await alive(peer, 'second');
		peer.frame('pong', 'x');
		peer.frame('continuation', 'en');
		await comesBack(peer, 'text', 'between');
	});
	for (const [name, frames] of [
		['a continuation of nothing', [['continuation', 'x', true]]],
		['an unfinished continuation of nothing', [['continuation', 'x', false]]],
		['a continuation behind a whole message', [['text', 'whole', true], ['continuation', 'x', true]]],
		['a message inside a message', [['text', 'one', false], ['text', 'two', true]]],
		['a binary message inside a text', [['text', 'one', false], ['binary', 'two', false]]],
	])
		await test('5.4', `${name} fails`, async (peer) => {
			frames.forEach(([opcode, payload, fin]) => peer.frame(opcode, payload, { fin }));
			if (frames[0][2] && frames.length > 1)
				await comesBack(peer, 'text', frames[0][1]);
			await fails(peer, 1002);
		});
	await test('5.4', 'fragments and pings, every byte by itself, are the same', async (peer) => {
		const bytes = Buffer.concat([masked('text', '猪', { fin: false }), masked('ping', 'p'),
			masked('continuation', '😀'), masked('binary', 'b')]);
		for (const byte of bytes) {
			peer.stream.write(Buffer.from([byte]));
			await new Promise(setImmediate);
		}
		assert.strictEqual((await peer.nextFrame()).payload.toString(), 'p');
		await comesBack(peer, 'text', '猪😀');
		await comesBack(peer, 'binary', 'b');
	});
}

/* UTF-8: RFC 3629. */
const GOOD = ['κόσμε', '\u0000', '\x7f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufffd', '\uffff', '\u{10000}',
	'\u{10ffff}', '\ufeffwith a BOM', 'e\u0301', '猪猪侠😀'];
const BAD = {
	'a continuation byte alone': '80', 'the last continuation byte alone': 'bf', 'bytes that never occur: FE': 'fe',
	'bytes that never occur: FF': 'ff', 'an overlong slash in two bytes': 'c0af', 'an overlong slash in three': 'e080af',
	'an overlong slash in four': 'f08080af', 'an overlong U+007F': 'c1bf', 'an overlong U+07FF': 'e09fbf',
	'an overlong U+FFFF': 'f08fbfbf', 'the first surrogate': 'eda080', 'the last surrogate': 'edbfbf',
	'a pair of surrogates': 'eda080edb080', 'what is above U+10FFFF': 'f4908080', 'five bytes': 'f888808080',
	'six bytes': 'fc8480808080', 'a character cut by ASCII': 'e78c41', 'a lead byte behind a lead byte': 'c3c3a9',
};

async function utf8() {
	await test('8.1', 'characters at the edges of every length come back', async (peer) => {
		for (const text of GOOD) {
			peer.text(text);
			await comesBack(peer, 'text', text);
		}
	});
	await test('8.1', 'good text cut at each of its bytes into two fragments', async (peer) => {
		const bytes = Buffer.from(GOOD.join(' '));
		for (let cut = 0; cut <= bytes.length; cut++) {
			peer.frame('text', bytes.subarray(0, cut), { fin: false });
			peer.frame('continuation', bytes.subarray(cut));
			await comesBack(peer, 'text', bytes);
		}
	});
	await test('8.1', 'good text, a byte at a time', async (peer) => {
		const whole = masked('text', GOOD.join(' '));
		for (const byte of whole) {
			peer.stream.write(Buffer.from([byte]));
			await new Promise(setImmediate);
		}
		await comesBack(peer, 'text', GOOD.join(' '));
	});
	for (const [name, hex] of Object.entries(BAD)) {
		const bytes = Buffer.concat([Buffer.from('before '), Buffer.from(hex, 'hex'), Buffer.from(' behind')]);
		await test('8.1', `${name} fails with 1007`, async (peer) => {
			peer.text(bytes);
			await fails(peer, 1007);
		});
		await tap.test(`8.1: ${name}, cut at each byte into two fragments, fails with 1007`, () =>
			Promise.all(Array.from({ length: bytes.length + 1 }, async (_, cut) => {
				const peer = await echo();
				peer.frame('text', bytes.subarray(0, cut), { fin: false });
				peer.frame('continuation', bytes.subarray(cut));
				await fails(peer, 1007);
				peer.destroy();
			})));
	}
	await test('8.1', 'text that ends within a character fails with 1007', async (peer) => {
		peer.text(Buffer.from('e78c', 'hex'));
		await fails(peer, 1007);
	});
	await test('8.1', 'it fails fast: bad text in a fragment, before the message ends', async (peer) => {
		peer.frame('text', Buffer.from('cebaff', 'hex'), { fin: false });
		await fails(peer, 1007);
	});
	await test('8.1', 'it fails fast: bad text in a frame, before the frame ends', async (peer) => {
		peer.stream.write(masked('text', Buffer.concat([Buffer.from('f4908080', 'hex'), Buffer.alloc(5000)])).subarray(0, 20));
		await fails(peer, 1007);
	});
	await test('8.1', 'half a character waits for its other half', async (peer) => {
		peer.frame('text', Buffer.from('f09f', 'hex'), { fin: false });
		await alive(peer);
		peer.frame('continuation', Buffer.from('9880', 'hex'));
		await comesBack(peer, 'text', '😀');
	});
	await test('5.6', 'binary messages may hold anything', async (peer) => {
		const bytes = Buffer.from(Object.values(BAD).join(''), 'hex');
		peer.frame('binary', bytes);
		await comesBack(peer, 'binary', bytes);
	});
}

async function closing() {
	/* The answer has the same code (5.5.1), then the server ends the connection (7.1.1). */
	const answers = async (peer, payload, code) => {
		peer.frame('close', payload);
		const got = await peer.next();
		assert.deepStrictEqual([got?.type, got?.code], ['close', code]);
		assert.strictEqual(await peer.nextFrame(), null);
	};

	await test('5.5.1', 'a close frame without a body', (peer) => answers(peer, '', 1005));
	for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
		await test('7.4', `code ${code} is answered`, (peer) => answers(peer, closePayload(code), code));
	await test('5.5.1', 'with the longest reason', (peer) => answers(peer, closePayload(1000, 'x'.repeat(123)), 1000));
	await test('5.5.1', 'with a reason in UTF-8', (peer) => answers(peer, closePayload(1000, '猪'.repeat(41)), 1000));
	for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
		await test('7.4', `code ${code} fails`, async (peer) => {
			peer.frame('close', closePayload(code));
			await fails(peer, 1002);
		});
	await test('5.5.1', 'a body of one byte fails', async (peer) => {
		peer.frame('close', 'x');
		await fails(peer, 1002);
	});
	await test('5.5.1', 'a reason that is not UTF-8 fails with 1007', async (peer) => {
		peer.frame('close', Buffer.concat([closePayload(1000), Buffer.from('ceba80ff', 'hex')]));
		await fails(peer, 1007);
	});
	await test('7.1', 'what comes behind a close frame is passed over', async (peer) => {
		peer.stream.write(Buffer.concat([masked('text', 'before'), masked('close', closePayload(1000)), masked('text', 'behind'),
			masked('ping', 'behind'), Buffer.alloc(1000, 0xff)]));
		await comesBack(peer, 'text', 'before');
		await fails(peer, 1000);
	});
	await test('7.1', 'a close frame between fragments ends it', async (peer) => {
		peer.frame('text', 'half', { fin: false });
		peer.close(1000);
		await fails(peer, 1000);
	});
	await test('7.1.1', 'the connection may end without a word', async (peer) => {
		peer.frame('text', 'half', { fin: false });
		peer.stream.reset();
		const other = await echo();
		await alive(other);
		other.destroy();
	});
	await test('7.1.7', 'the first violation ends it; nothing behind it is looked at', async (peer) => {
		peer.stream.write(Buffer.concat([masked('text', 'x', { rsv: 2 }), masked('text', 'behind'), masked('close', closePayload(1000))]));
		await fails(peer, 1002);
	});
	await test('7.1.7', 'garbage fails', async (peer) => {
		peer.stream.write(Buffer.alloc(100000, 0xff));
		await fails(peer, 1002);
	});
}

async function main() {
	server = await start({ args: ['--echo', '--connections-per-address', '0'] });
	await framing();
	await control();
	await fragmentation();
	await utf8();
	await closing();
	const { connections } = await server.metrics();
	await tap.test('no connection is left over', () => assert.ok(connections < 5, `${connections} are`));
	const { status, log } = await server.stop();
	await tap.test('and the server ends well', () => assert.strictEqual(status, 0, log));
	tap.done();
	process.exit();
}

main();
