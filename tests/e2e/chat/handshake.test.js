'use strict';
/* Opening handshakes, good and bad: RFC 6455, section 4; and the HTTP around them. */

const assert = require('assert');
const http = require('http');
const net = require('net');
const tap = require('../../lib/tap.js');
const { start, isSanitized } = require('../../lib/wschat.js');
const { connect, handshake, open, sleep, MASK } = require('../../lib/peer.js');
const { frame, accept } = require('../../lib/ws.js');

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
let server;

/* What the server answers to these bytes; null: it ended without a word. */
async function ask(bytes, { port = server.port, ...options } = {}) {
	const stream = await connect(port);

	stream.write(bytes);
	const answer = await stream.answer(options);
	return { ...answer, stream };
}

const fields = (...list) => ({ fields: list });

async function good() {
	await tap.test('1.3: the example of the RFC', async () => {
		const { status, reason, headers, stream } = await ask(handshake({ key: KEY }));
		assert.deepStrictEqual([status, reason], [101, 'Switching Protocols']);
		assert.strictEqual(headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
		assert.strictEqual(headers.upgrade.toLowerCase(), 'websocket');
		assert.strictEqual(headers.connection.toLowerCase(), 'upgrade');
		/* 4.2.2: nothing is chosen that was not offered. */
		assert.strictEqual(headers['sec-websocket-protocol'], undefined);
		assert.strictEqual(headers['sec-websocket-extensions'], undefined);
		stream.destroy();
	});
	const oddButGood = {
		'names and values in any case': fields(['upgrade', undefined], ['UPGRADE', 'WebSocket'], ['connection', undefined],
			['CONNECTION', 'keep-alive, UPGRADE']),
		'white space around values': fields(['Upgrade', ' \t websocket \t'], ['Sec-WebSocket-Version', '  13 ']),
		'several tokens': fields(['Upgrade', 'h2c, websocket'], ['Connection', 'keep-alive,  Upgrade , x']),
		'two Connection fields': fields(['Connection', 'keep-alive'], ['connection', 'Upgrade']),
		'many other fields': fields(...Array.from({ length: 50 }, (_, i) => [`X-${i}`, 'y'.repeat(100)])),
		'a subprotocol that we do not speak': fields(['Sec-WebSocket-Protocol', 'chat, superchat']),
		'its own origin': fields(['Origin', 'http://127.0.0.1:55151'], ['Host', '127.0.0.1:7272']),
		'an origin that --origin allows': fields(['Origin', 'https://chat.example.org']),
		'an origin that a pattern allows': fields(['Origin', 'https://a.b.example.net']),
		'a query': { target: '/?room_id=7' },
		'any path on the chat port': { target: '/some/where' },
	};
	for (const [name, options] of Object.entries(oddButGood))
		await tap.test(`4.2.1: good: ${name}`, async () => {
			const { status, headers, stream } = await ask(handshake({ key: KEY, ...options }));
			assert.strictEqual(status, 101);
			assert.strictEqual(headers['sec-websocket-accept'], accept(KEY));
			assert.strictEqual(headers['sec-websocket-protocol'], undefined);
			stream.destroy();
		});
	await tap.test('4.2.1: one byte at a time', async () => {
		const stream = await connect(server.port);
		for (const byte of handshake({ key: KEY })) {
			stream.write(Buffer.from([byte]));
			await new Promise(setImmediate);
		}
		assert.strictEqual((await stream.answer()).status, 101);
		stream.destroy();
	});
	for (const cut of [1, 5, 40, -1, -2, -3])
		await tap.test(`4.1: frames right behind the request, cut at ${cut}`, async () => {
			const request = handshake({ key: KEY, target: '/echo' });
			const bytes = Buffer.concat([request, frame({ opcode: 'text', payload: Buffer.from('early'), mask: MASK }),
				frame({ opcode: 'ping', payload: Buffer.from('p'), mask: MASK })]);
			const at = cut < 0 ? request.length - 2 - cut * 2 : cut;
			const stream = await connect(server.port);
			stream.write(bytes.subarray(0, at));
			await sleep(20);
			stream.write(bytes.subarray(at));
			assert.strictEqual((await stream.answer()).status, 101);
			const wanted = Buffer.from('\x81\x05early\x8a\x01p', 'latin1');
			assert.ok((await stream.until(() => (stream.bytes.length < wanted.length ? undefined : stream.bytes))).equals(wanted));
			stream.destroy();
		});
	await tap.test('the page\'s port has it at /ws', async () => {
		const { status, stream } = await ask(handshake({ target: '/ws?x' }), { port: server.web });
		assert.strictEqual(status, 101);
		stream.destroy();
		const echo = await open(server.web, { target: '/echo' });
		echo.text('over here');
		assert.strictEqual((await echo.next()).text, 'over here');
		echo.destroy();
	});
	await tap.test('after other requests on the same connection', async () => {
		const stream = await connect(server.web);
		stream.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
		assert.strictEqual((await stream.answer()).status, 200);
		stream.write(handshake({ target: '/ws' }));
		assert.strictEqual((await stream.answer()).status, 101);
		stream.destroy();
	});
}

async function bad() {
	const wrong = {
		'another method': [{ method: 'POST' }, 405],
		'HTTP/1.0': [{ version: 'HTTP/1.0' }, 400],
		'no Host': [fields(['Host', undefined]), 400],
		'two Hosts': [fields(['Host', 'a'], ['host', 'b']), 400],
		'no Connection': [fields(['Connection', undefined]), 400],
		'Connection without upgrade': [fields(['Connection', 'keep-alive']), 400],
		'Connection with almost upgrade': [fields(['Connection', 'upgraded']), 400],
		'no key': [fields(['Sec-WebSocket-Key', undefined]), 400],
		'an empty key': [fields(['Sec-WebSocket-Key', '']), 400],
		'a key of 15 bytes': [{ key: Buffer.alloc(15).toString('base64') }, 400],
		'a key of 17 bytes': [{ key: Buffer.alloc(17).toString('base64') }, 400],
		'a key that is not base64': [{ key: '!'.repeat(22) + '==' }, 400],
		'two keys': [fields(['Sec-WebSocket-Key', KEY], ['sec-websocket-key', KEY]), 400],
		'no version': [fields(['Sec-WebSocket-Version', undefined]), 426],
		'version 8': [fields(['Sec-WebSocket-Version', '8']), 426],
		'version 14': [fields(['Sec-WebSocket-Version', '14']), 426],
		'versions 13 and 8': [fields(['Sec-WebSocket-Version', '13, 8']), 426],
		'a page of somebody else': [fields(['Origin', 'https://evil.example']), 403],
		'a page whose host begins alike': [fields(['Origin', 'http://127.0.0.1.evil.example']), 403],
		'a page without an origin': [fields(['Origin', 'null']), 403],
		'an empty origin': [fields(['Origin', '']), 403],
		'two origins': [fields(['Origin', 'https://chat.example.org'], ['origin', 'https://evil.example']), 403],
		'an origin that only begins as allowed': [fields(['Origin', 'https://chat.example.org.evil.example']), 403],
		'an endless origin': [fields(['Origin', `https://${'a'.repeat(2000)}.example.net`]), 403],
	};
	for (const [name, [options, status]] of Object.entries(wrong))
		await tap.test(`4.2.2: bad: ${name}: ${status}`, async () => {
			const answer = await ask(handshake(options));
			assert.strictEqual(answer.status, status);
			assert.ok(answer.body.length > 5, 'it says why');
			if (status === 426)
				assert.strictEqual(answer.headers['sec-websocket-version'], '13');
			assert.ok(await answer.stream.gone(), 'then it ends');
			answer.stream.destroy();
		});
	await tap.test('4.2.2: bad: another path on the page\'s port: 404', async () => {
		const { status, stream } = await ask(handshake({ target: '/' }), { port: server.web });
		assert.strictEqual(status, 404);
		stream.destroy();
	});
	await tap.test('no WebSocket on the chat\'s port: 426 with where to go', async () => {
		const { status, headers, stream } = await ask('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
		assert.deepStrictEqual([status, headers.upgrade], [426, 'websocket']);
		stream.destroy();
	});
	const heads = {
		'garbage': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
		'no HTTP': ['hello there\r\n\r\n', 400],
		'a response': ['HTTP/1.1 200 OK\r\n\r\n', 400],
		'a space before the colon': ['GET / HTTP/1.1\r\nHost : x\r\n\r\n', 400],
		'a folded field': ['GET / HTTP/1.1\r\nHost: x\r\n  y\r\n\r\n', 400],
		'a zero in a value': ['GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n', 400],
		'a line without a colon': ['GET / HTTP/1.1\r\nHost\r\n\r\n', 400],
		'HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 405],
		'a content': ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello', 400],
		'a chunked content': ['GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
		'a head of 20,000 bytes': [`GET /${'x'.repeat(20000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
		'a field of 20,000 bytes': [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20000)}\r\n\r\n`, 431],
		'a head without end': [`GET / HTTP/1.1\r\nX: ${'x'.repeat(200000)}`, 431],
		'1,000 fields': [`GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(1000)}\r\n`, 431],
	};
	for (const [name, [bytes, status]] of Object.entries(heads))
		for (const port of ['port', 'web'])
			await tap.test(`bad: ${name}, on the ${port === 'web' ? 'page' : 'chat'}'s port: ${status}`, async () => {
				const answer = await ask(Buffer.from(bytes, 'latin1'), { port: server[port] });
				assert.strictEqual(answer.status, status);
				answer.stream.destroy();
			});
}

async function pages() {
	const policy = /^default-src 'none'; script-src 'self'; style-src 'self';/;

	await tap.test('the page: its headers, its ETag, not modified', async () => {
		const first = await server.get('/');
		assert.strictEqual(first.status, 200);
		assert.match(first.headers['content-type'], /^text\/html; charset=utf-8$/i);
		assert.match(first.headers['content-security-policy'], policy);
		assert.ok(!/unsafe/.test(first.headers['content-security-policy']));
		assert.strictEqual(first.headers['x-content-type-options'], 'nosniff');
		assert.ok(!/ style=| on\w+=|javascript:|<script>/i.test(first.body), 'nothing inline');
		const second = await server.get('/', { headers: { 'If-None-Match': first.headers.etag } });
		assert.deepStrictEqual([second.status, second.body], [304, '']);
		assert.strictEqual((await server.get('/', { headers: { 'If-None-Match': '"other"' } })).status, 200);
		assert.strictEqual((await server.get('/', { headers: { 'If-None-Match': `"x", ${first.headers.etag}` } })).status, 304);
		assert.strictEqual((await server.get('/', { headers: { 'If-None-Match': '*' } })).status, 304);
		assert.strictEqual((await server.get('/', { headers: { 'If-None-Match': `W/${first.headers.etag}` } })).status, 304);
		assert.strictEqual((await server.get('/?room_id=<script>')).status, 200);
	});
	await tap.test('HEAD has the head, and nothing behind it', async () => {
		const { body } = await server.get('/');
		const stream = await connect(server.web);
		stream.write('HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
		const head = await stream.answer({ bodyless: true });
		assert.deepStrictEqual([head.status, head.headers['content-length']], [200, String(Buffer.byteLength(body))]);
		assert.strictEqual((await stream.answer()).body.trim(), 'ok');
		stream.destroy();
	});
	for (const path of ['/nothing', '/../../etc/passwd', '/%2e%2e/x', '//', '/index.html/', '/.git/config', '/wsx'])
		await tap.test(`404: ${path}`, async () => {
			const stream = await connect(server.web);
			stream.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
			const { status, headers } = await stream.answer();
			assert.strictEqual(status, 404);
			assert.match(headers['content-security-policy'], policy);
			stream.destroy();
		});
	for (const method of ['PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'FOO'])
		await tap.test(`405: ${method}`, async () => {
			const { status, headers, stream } = await ask(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n`, { port: server.web });
			assert.deepStrictEqual([status, headers.allow], [405, 'GET, HEAD']);
			stream.destroy();
		});
	await tap.test('a hundred requests in one go, answered in order', async () => {
		const stream = await connect(server.web);
		stream.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50));
		for (let i = 0; i < 100; i++)
			assert.strictEqual((await stream.answer()).status, i % 2 ? 404 : 200);
		stream.destroy();
	});
	await tap.test('keep-alive, and close where it is asked for', async () => {
		const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
		const get = (headers) => new Promise((resolve, reject) => http.get({ port: server.web, host: '127.0.0.1', path: '/',
			agent, headers }, (response) => response.resume().on('end', () => resolve(response))).on('error', reject));
		const [first, second] = [await get(), await get()];
		assert.strictEqual(first.socket ?? second.socket, second.socket);
		assert.strictEqual((await get({ Connection: 'close' })).headers.connection, 'close');
		agent.destroy();
		const { headers, stream } = await ask('GET /healthz HTTP/1.0\r\n\r\n', { port: server.web });
		assert.strictEqual(headers.connection, 'close');
		assert.ok(await stream.gone());
		stream.destroy();
	});
	await tap.test('who asks for a lot and reads nothing is not answered without end', async () => {
		const stream = await connect(server.web);
		const { body } = await server.get('/style.css');
		const before = server.memory();
		stream.socket.pause();
		stream.write('GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20000));
		await sleep(1500);
		const grown = server.memory() - before;
		tap.diagnose(`20,000 requests for ${body.length} bytes each: ${grown} bytes of memory more`);
		assert.ok(isSanitized || grown < 16 << 20, `${grown} bytes more`);
		stream.destroy();
	});
	await tap.test('where the WebSocket is', async () => {
		const { body, headers } = await server.get('/config.json');
		assert.match(headers['content-type'], /^application\/json/);
		assert.deepStrictEqual(JSON.parse(body), { websocket: [{ port: server.port, path: '/' }, { path: 'ws' }] });
	});
	await tap.test('a client that shuts its side down still gets its answer', async () => {
		const answer = await new Promise((resolve, reject) => {
			const socket = net.connect({ port: server.web, host: '127.0.0.1', allowHalfOpen: true });
			let text = '';
			socket.on('data', (bytes) => {
				text += bytes;
			});
			socket.on('end', () => resolve(text)).on('error', reject);
			socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
		});
		assert.match(answer, /^HTTP\/1\.1 200 /);
		assert.match(answer, /<\/html>/);
	});
}

async function main() {
	server = await start({ args: ['--echo', '--connections-per-address', '0', '--origin', 'https://chat.example.org', '--origin',
		'https://*.example.net'] });
	await good();
	await bad();
	await pages();
	const { status, log } = await server.stop();
	await tap.test('and the server ends well', () => assert.strictEqual(status, 0, log));
	tap.done();
	process.exit();
}

main();
