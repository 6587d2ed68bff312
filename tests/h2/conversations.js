'use strict';
/* The conversations of captures/, each { capture, keys, said }. */

const crypto = require('crypto');
const http2 = require('http2');
const { freePorts } = require('../lib/ports.js');
const { captured } = require('./programs.js');
const { answer, close, open } = require('./peers.js');

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
};

module.exports = { conversations, node, say, page, settings };
