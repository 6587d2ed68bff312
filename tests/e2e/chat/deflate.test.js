'use strict';
/* RFC 7692 against /echo: what is agreed on, and what goes over the wire then. */

const assert = require('assert');
const crypto = require('crypto');
const zlib = require('zlib');
const tap = require('../../lib/tap.js');
const { start } = require('../../lib/wschat.js');
const { open, join } = require('../../lib/peer.js');
const { Deflater, bomb } = require('../../lib/ws.js');

let server;

const RSV1 = 4;
const echo = (deflate, options) => open(server.port, { target: '/echo', deflate, ...options });

async function comesBack(peer, type, bytes) {
	const got = await peer.next();

	assert.ok(got, 'the connection ended');
	assert.strictEqual(got.type, type, JSON.stringify({ ...got, bytes: undefined }));
	assert.ok(got.bytes.equals(Buffer.from(bytes)), `${got.bytes.length} bytes, wanted ${bytes.length}`);
	return got;
}

async function fails(peer, code) {
	const got = await peer.nextFrame();

	assert.ok(got, 'ended without a close frame');
	assert.deepStrictEqual([got.opcode, got.opcode === 8 && got.payload.readUInt16BE(0)], [8, code]);
	assert.strictEqual(await peer.nextFrame(), null);
}

/* Parameters of an answer, as an object. */
function parameters(answer) {
	const [name, ...rest] = answer.split(';').map((part) => part.trim());

	return { name, ...Object.fromEntries(rest.map((part) => part.split('='))) };
}

const NO_CONTEXTS = { server_no_context_takeover: undefined, client_no_context_takeover: undefined };

/* Section 7.1: what an offer may say, and that the answer says nothing that was not offered. */
async function agreeing() {
	const good = {
		'permessage-deflate': {},
		'permessage-deflate; client_max_window_bits': { client_max_window_bits: true },
		'permessage-deflate; client_max_window_bits=12': { client_max_window_bits: 12 },
		'permessage-deflate; server_max_window_bits=15': {},
		'permessage-deflate; server_max_window_bits=10': { server_max_window_bits: 10 },
		'permessage-deflate; server_max_window_bits=9': { server_max_window_bits: 9 },
		'permessage-deflate; server_max_window_bits="11"': { server_max_window_bits: 11 },
		'permessage-deflate; server_no_context_takeover': {},
		'permessage-deflate; client_no_context_takeover': {},
		'permessage-deflate; client_no_context_takeover; client_max_window_bits=8; server_max_window_bits=14': { client_max_window_bits: 8, server_max_window_bits: 14 },
		'x-unknown, permessage-deflate': {},
		'x-unknown; a=b; c="d", permessage-deflate; server_max_window_bits=13': { server_max_window_bits: 13 },
		'permessage-deflate; x=1, permessage-deflate': {},
		'permessage-deflate; server_max_window_bits=16, permessage-deflate; client_max_window_bits':
			{ client_max_window_bits: true },
	};
	for (const [offer, wanted] of Object.entries(good))
		await tap.test(`7.1: offered ${offer}`, async () => {
			const peer = await echo(offer);
			const answer = parameters(peer.extensions);
			assert.strictEqual(answer.name, 'permessage-deflate');
			/* 7.1.2.2: only who was offered client_max_window_bits may answer with it. */
			if ('client_max_window_bits' in answer)
				assert.ok(wanted.client_max_window_bits, peer.extensions);
			if (wanted.server_max_window_bits)
				assert.ok(Number(answer.server_max_window_bits) <= wanted.server_max_window_bits, peer.extensions);
			if (/server_no_context_takeover/.test(offer))
				assert.ok('server_no_context_takeover' in answer, peer.extensions);
			assert.ok(Object.keys(answer).every((name) => name === 'name' || name in NO_CONTEXTS ||
				/^(server|client)_max_window_bits$/.test(name)), peer.extensions);
			/* …and it works with just that. */
			const bits = Number(answer.client_max_window_bits || 15);
			const deflater = new Deflater({ windowBits: bits, takeover: !('client_no_context_takeover' in answer) });
			for (const length of [0, 10, 1000, 100000]) {
				const text = crypto.randomBytes(length / 4).toString('hex').repeat(2);
				peer.frame('text', deflater.compress(Buffer.from(text)), { rsv: RSV1 });
				await comesBack(peer, 'text', text);
			}
			peer.destroy();
		});

	const bad = ['permessage-deflate; unknown', 'permessage-deflate; server_max_window_bits',
		'permessage-deflate; server_max_window_bits=7', 'permessage-deflate; server_max_window_bits=16',
		'permessage-deflate; server_max_window_bits=010', 'permessage-deflate; server_max_window_bits=x',
		'permessage-deflate; client_max_window_bits=7', 'permessage-deflate; client_max_window_bits=16',
		'permessage-deflate; client_max_window_bits=', 'permessage-deflate; server_no_context_takeover=1',
		'permessage-deflate; client_no_context_takeover=true',
		'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
		'permessage-deflate; server_max_window_bits=10; server_max_window_bits=11', 'permessage-deflate;',
		'permessage-deflate-frame', 'deflate-stream', ',', ''];
	for (const offer of bad)
		await tap.test(`7.1: offered '${offer}', nothing is agreed on`, async () => {
			const peer = await echo(undefined, { fields: [['Sec-WebSocket-Extensions', offer]] });
			assert.strictEqual(peer.extensions, '');
			peer.text('x'.repeat(1000));
			assert.strictEqual((await comesBack(peer, 'text', 'x'.repeat(1000))).compressed, false);
			/* Without an agreement RSV1 is an error: RFC 6455, section 5.2. */
			peer.frame('text', 'x', { rsv: RSV1 });
			await fails(peer, 1002);
			peer.destroy();
		});
	await tap.test('7.1: offers in two fields are one list', async () => {
		const peer = await echo(undefined, { fields: [['Sec-WebSocket-Extensions', 'x-unknown'],
			['Sec-WebSocket-Extensions', 'permessage-deflate']] });
		assert.match(peer.extensions, /^permessage-deflate/);
		peer.destroy();
	});
}

function test(name, body, offer = 'permessage-deflate; client_max_window_bits') {
	return tap.test(name, async () => {
		const peer = await echo(offer);
		assert.match(peer.extensions, /^permessage-deflate/);
		try {
			await body(peer);
		} finally {
			peer.destroy();
		}
	});
}

const raw = (bytes, options = {}) =>
	zlib.deflateRawSync(bytes, { finishFlush: zlib.constants.Z_SYNC_FLUSH, ...options }).subarray(0, -4);

async function payloads() {
	await test('7.2.3.1: "Hello" as the RFC has it', async (peer) => {
		peer.frame('text', Buffer.from('f248cdc9c90700', 'hex'), { rsv: RSV1 });
		await comesBack(peer, 'text', 'Hello');
	});
	await test('7.2.3.1: "Hello" in two fragments', async (peer) => {
		peer.frame('text', Buffer.from('f248cd', 'hex'), { rsv: RSV1, fin: false });
		peer.frame('continuation', Buffer.from('c9c90700', 'hex'));
		await comesBack(peer, 'text', 'Hello');
	});
	await test('7.2.3.3: a block without compression', async (peer) => {
		peer.frame('text', Buffer.from('000500faff48656c6c6f00', 'hex'), { rsv: RSV1 });
		await comesBack(peer, 'text', 'Hello');
	});
	await test('7.2.3.4: a block with BFINAL set', async (peer) => {
		peer.frame('text', Buffer.from('f348cdc9c9070000', 'hex'), { rsv: RSV1 });
		await comesBack(peer, 'text', 'Hello');
	});
	await test('7.2.3.5: two blocks', async (peer) => {
		peer.frame('text', Buffer.from('f24805000000ffffcac9c90700', 'hex'), { rsv: RSV1 });
		await comesBack(peer, 'text', 'Hello');
	});
	await test('7.2.3.6: an empty message', async (peer) => {
		peer.frame('text', Buffer.from('00', 'hex'), { rsv: RSV1 });
		await comesBack(peer, 'text', '');
	});
	await test('6: a message may be sent as it is', async (peer) => {
		peer.text('as it is');
		await comesBack(peer, 'text', 'as it is');
		peer.frame('binary', raw(Buffer.from('compressed')), { rsv: RSV1 });
		await comesBack(peer, 'binary', 'compressed');
		peer.text('as it is again');
		await comesBack(peer, 'text', 'as it is again');
	});
	await test('7.2.1: long messages come back compressed, and are what they were', async (peer) => {
		const text = '猪猪侠 '.repeat(10000);
		peer.frame('text', raw(Buffer.from(text)), { rsv: RSV1 });
		assert.strictEqual((await comesBack(peer, 'text', text)).compressed, true);
	});
	for (const length of [1, 125, 126, 65535, 65536, 1 << 20, 16 << 20])
		await test(`7.2: ${length} random bytes`, async (peer) => {
			const bytes = crypto.randomBytes(length);
			peer.frame('binary', raw(bytes, { level: 1 }), { rsv: RSV1 });
			await comesBack(peer, 'binary', bytes);
		});
	/* More than the server takes of a message has come when it looks at what is there so far. */
	await test('7.2: what becomes longer than a message may be is none that is too long', async (peer) => {
		const bytes = Buffer.alloc(16 << 20, 'x'), stored = raw(bytes, { level: 0 });
		assert.ok(stored.length > bytes.length + 500);
		peer.frame('binary', stored.subarray(0, -100), { rsv: RSV1, fin: false });
		peer.frame('ping', 'all of that');
		assert.strictEqual((await peer.nextFrame()).opcode, 10);
		peer.frame('continuation', stored.subarray(-100));
		await comesBack(peer, 'binary', bytes);
	});
	await test('7.2: empty blocks without end fail', async (peer) => {
		const empty = Buffer.from('000000ffff'.repeat(1 << 18), 'hex');
		for (let i = 0; i < 20; i++)
			peer.frame(i ? 'continuation' : 'binary', empty, { rsv: i ? 0 : RSV1, fin: false });
		await fails(peer, 1009);
	});
	for (const level of [0, 1, 9])
		for (const strategy of ['Z_FIXED', 'Z_HUFFMAN_ONLY', 'Z_RLE'])
			await test(`7.2: level ${level}, ${strategy}`, async (peer) => {
				const bytes = Buffer.from('abcabcabd'.repeat(5000));
				peer.frame('binary', raw(bytes, { level, strategy: zlib.constants[strategy] }), { rsv: RSV1 });
				await comesBack(peer, 'binary', bytes);
			});
	await test('6.1: a compressed message in fragments of each length, with pings between', async (peer) => {
		const text = 'fragmented and compressed, '.repeat(30), bytes = raw(Buffer.from(text));
		for (let length = 1; length <= bytes.length; length += 1 + (length >> 3)) {
			for (let at = 0; at < bytes.length; at += length) {
				peer.frame(at ? 'continuation' : 'text', bytes.subarray(at, at + length),
					{ rsv: at ? 0 : RSV1, fin: at + length >= bytes.length });
				if (at === 0)
					peer.frame('ping', 'between');
			}
			await comesBack(peer, 'text', text);
		}
	});
	await test('6.1: empty fragments around it', async (peer) => {
		peer.frame('text', '', { rsv: RSV1, fin: false });
		peer.frame('continuation', raw(Buffer.from('inside')), { fin: false });
		peer.frame('continuation', '');
		await comesBack(peer, 'text', 'inside');
	});
	await test('6.1: RSV1 in a continuation fails', async (peer) => {
		peer.frame('text', Buffer.from('f248cd', 'hex'), { rsv: RSV1, fin: false });
		peer.frame('continuation', Buffer.from('c9c90700', 'hex'), { rsv: RSV1 });
		await fails(peer, 1002);
	});
	await test('6.1: RSV1 in a control frame fails', async (peer) => {
		peer.frame('ping', '', { rsv: RSV1 });
		await fails(peer, 1002);
	});
	await test('6.1: RSV2 and RSV3 stay reserved', async (peer) => {
		peer.frame('text', raw(Buffer.from('x')), { rsv: RSV1 | 2 });
		await fails(peer, 1002);
	});
	for (const [name, hex] of [['a reserved kind of block', '06'], ['a wrong length', '000500ffff4865'],
		['garbage', 'ffffffffff']])
		await test(`7.2.2: ${name} fails`, async (peer) => {
			peer.frame('text', Buffer.from(hex, 'hex'), { rsv: RSV1 });
			const got = await peer.next();
			assert.ok(got.type === 'close' && [1002, 1003, 1007].includes(got.code), JSON.stringify(got));
		});
	await test('7.2.2: a distance that reaches behind the beginning fails', async (peer) => {
		const bytes = Buffer.from('what was never said before');
		peer.frame('binary', raw(bytes, { dictionary: bytes }), { rsv: RSV1 });
		const got = await peer.next();
		assert.ok(got.type === 'close' && [1002, 1007].includes(got.code), JSON.stringify(got));
	});
	await test('7.2.2: inflated text that is not UTF-8 fails with 1007', async (peer) => {
		peer.frame('text', raw(Buffer.from('ceba80ff', 'hex')), { rsv: RSV1 });
		await fails(peer, 1007);
	});
	await test('8: a bomb fails with 1009', async (peer) => {
		peer.frame('binary', bomb(1 << 28), { rsv: RSV1 });
		await fails(peer, 1009);
	});
	await test('7.1.1.2: without takeover a message may not refer to the one before', async (peer) => {
		assert.match(peer.extensions, /client_no_context_takeover/);
		const bytes = crypto.randomBytes(300), deflater = new Deflater();
		peer.frame('binary', deflater.compress(bytes), { rsv: RSV1 });
		await comesBack(peer, 'binary', bytes);
		peer.frame('binary', deflater.compress(bytes), { rsv: RSV1 });
		const got = await peer.next();
		assert.ok(got.type === 'close' && [1002, 1007].includes(got.code), JSON.stringify(got));
	});
}

/* A room's messages are compressed once for everybody; who did not agree hears them as they are. */
async function inTheChat() {
	await tap.test('the chat: compressed for who agreed, and the same for who did not', async () => {
		const packed = await join(server.port, 'packed', { deflate: 'permessage-deflate' });
		const plain = await join(server.port, 'plain');
		const small = await join(server.port, 'small', { deflate: 'permessage-deflate; server_max_window_bits=9' });
		assert.strictEqual(small.extensions, '');
		await packed.nextJson();
		await packed.nextJson();
		await plain.nextJson();
		const content = 'all the same words, '.repeat(50), text = JSON.stringify({ type: 'say', to_client_id: 'all', content });
		packed.frame('text', raw(Buffer.from(text)), { rsv: RSV1 });
		const heard = [];
		for (const peer of [packed, plain, small])
			heard.push(await peer.next());
		assert.deepStrictEqual(heard.map(({ compressed }) => compressed), [true, false, false]);
		assert.strictEqual(JSON.parse(heard[0].text).content, content);
		assert.ok(heard.every((got) => got.text === heard[0].text));
		for (const peer of [packed, plain, small])
			peer.destroy();
	});
	await tap.test('the chat: a bomb closes who sent it with 1009', async () => {
		const peer = await join(server.port, 'bomber', { room: 'bomb', deflate: 'permessage-deflate' });
		peer.frame('text', bomb(1 << 24), { rsv: RSV1 });
		await fails(peer, 1009);
		peer.destroy();
	});
	await tap.test('--no-compress agrees to nothing', async () => {
		const other = await start({ args: ['--no-compress', '--echo'] });
		const peer = await open(other.port, { target: '/echo', deflate: 'permessage-deflate' });
		assert.strictEqual(peer.extensions, '');
		peer.destroy();
		await other.stop();
	});
}

async function main() {
	server = await start({ args: ['--echo', '--connections-per-address', '0'] });
	await agreeing();
	await payloads();
	await inTheChat();
	const { status, log } = await server.stop();
	await tap.test('and the server ends well', () => assert.strictEqual(status, 0, log));
	tap.done();
	process.exit();
}

main();
