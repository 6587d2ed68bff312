'use strict';
/* The conversations of captures/, each { capture, keys, said }. */

const crypto = require('crypto');
const fs = require('fs');
const http2 = require('http2');
const { freePorts } = require('../lib/ports.js');
const path = require('path');
const { captured, certificate, folder, started, until } = require('../lib/programs.js');
const { chromium } = require('./programs.js');
const { answer, close, open, upgraded } = require('./peers.js');

const settings = { enableConnectProtocol: true };

/* Node on both sides, in clear, with prior knowledge: body(session) is the client's part. */
async function node(body, { server: given = {}, client = {}, why } = {}) {
	const [port] = await freePorts(1);
	const said = [];
	const server = http2.createServer({ settings, ...given });
	const sessions = answer(server, said);

	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	const { capture } = await captured(port, async () => {
		const session = http2.connect(`http://127.0.0.1:${port}`, client);

		await new Promise((resolve) => session.once('remoteSettings', resolve));
		await body(session);
		sessions.end(why);
		await new Promise((resolve) => session.close(resolve));
		return {};
	});
	await new Promise((resolve) => server.close(resolve));
	return { capture, keys: '', said };
}

/* Each thing is said once the one before was answered. */
async function say(peer, things) {
	for (const thing of things) {
		peer.socket.send(thing);
		await peer.next();
	}
}

async function page(session) {
	const stream = session.request({ ':path': '/' });

	stream.resume();
	await new Promise((resolve) => stream.on('end', resolve));
}

/* HAProxy speaks HTTP/2 with the client, and HTTP/1.1 with the server behind it. */
async function haproxy(body) {
	const [front, back] = await freePorts(2);
	const file = path.join(folder, 'haproxy.cfg');
	const said = [];
	const server = upgraded(said);

	fs.writeFileSync(file, `defaults
	mode http
	timeout connect 10s
	timeout client 60s
	timeout server 60s
	timeout tunnel 60s
listen chat
	bind 127.0.0.1:${front} proto h2
	server s 127.0.0.1:${back}
`);
	await new Promise((resolve) => server.listen(back, '127.0.0.1', resolve));
	const proxy = await started('haproxy', ['-db', '-f', file], front);
	const { capture } = await captured(front, async () => {
		const session = http2.connect(`http://127.0.0.1:${front}`);

		await new Promise((resolve) => session.once('remoteSettings', resolve));
		await body(session);
		await new Promise((resolve) => session.close(resolve));
		return {};
	});
	proxy.kill();
	server.close();
	server.closeAllConnections();
	return { capture, keys: '', said };
}

/* Chromium and a server of Node's, through TLS: the page says each thing once the one before was answered. */
async function browser() {
	const [port] = await freePorts(1);
	const said = [], keys = path.join(folder, 'browser.keys');
	const { key, cert } = certificate('ec');
	const server = http2.createSecureServer({ settings, key: fs.readFileSync(key), cert: fs.readFileSync(cert) });
	const sessions = answer(server, said, { page: `<script>
		async function talk(target, things) {
			const socket = new WebSocket('wss://localhost:${port}' + target);
			const heard = () => new Promise((resolve) => { socket.onmessage = resolve; });
			await new Promise((resolve) => { socket.onopen = resolve; });
			for (const thing of things) {
				const answer = heard();
				socket.send(thing);
				await answer;
			}
			const closed = new Promise((resolve) => { socket.onclose = resolve; });
			socket.close(1000, 'bye');
			await closed;
		}
		(async () => {
			await talk('/first', ['hello', '{"type":"login","name":"mynick"}', 'x'.repeat(3000)]);
			await Promise.all([talk('/second', ['one', new Uint8Array([1, 2, 255])]), talk('/third', ['two', 'über'])]);
			await fetch('/done');
		})();
	</script>` });

	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	const { capture } = await captured(port, async () => {
		const done = new Promise((resolve) => server.on('stream', (_, headers) => headers[':path'] === '/done' && resolve()));
		const program = chromium(`https://localhost:${port}/`, keys);

		await done;
		sessions.end();
		await program.end();
		return {};
	});
	server.close();
	return { capture, keys: fs.readFileSync(keys), said };
}

const conversations = {
	/* Two WebSockets, pages between them, and a refusal. */
	'node-two': () => node(async (session) => {
		await page(session);
		const first = await open(session, { target: '/first' });
		await say(first, ['hello', '{"type":"login","name":"mynick"}']);
		const second = await open(session, { target: '/second', deflate: true });
		await say(second, ['{"type":"login","name":"other"}', 'x'.repeat(2000)]);
		await open(session, { target: '/forbidden' });
		await page(session);
		await say(first, [crypto.randomBytes(300), '{"type":"say","text":"über HTTP/2 gesprochen"}']);
		await close(first);
		await say(second, ['after the first']);
		await close(second);
	}),

	/* More than a frame and than a window hold: both sides have to wait. */
	'node-windows': () => node(async (session) => {
		const peer = await open(session, { target: '/large' });

		await say(peer, ['y'.repeat(70000), 'z']);
		await close(peer);
	}),

	/* The server resets a stream; the other goes on; then it wants no more, and says why. */
	'node-reset': () => node(async (session) => {
		const first = await open(session, { target: '/one' });
		const second = await open(session, { target: '/two' });

		await say(first, ['hello']);
		first.stream.on('error', () => {});
		const gone = new Promise((resolve) => first.stream.on('close', resolve));
		first.socket.send('reset');
		await gone;
		await say(second, ['still here']);
		await close(second);
	}, { why: 'maintenance' }),

	'haproxy': () => haproxy(async (session) => {
		const first = await open(session, { target: '/first', deflate: true });
		await say(first, ['hello', 'x'.repeat(2000)]);
		const second = await open(session, { target: '/second' });
		await say(second, [crypto.randomBytes(100), '{"type":"say","text":"durch HAProxy"}']);
		await close(first);
		await close(second);
	}),

	'chromium': browser,
};

module.exports = { conversations, node, say, page, settings };
