'use strict';
/* A WebSocket server and client over HTTP/2 (RFC 8441): Node's http2 carries them, ws speaks WebSocket on the streams.
 *
 * What each conversation said is written down by who sent it: { path, c2s: [message…], s2c: [message…] }, a message as
 * its text or { "base64": … }. */

const http = require('http');
const http2 = require('http2');
const net = require('net');
const path = require('path');
const tls = require('tls');
const WebSocket = require('ws');
/* ws keeps it to itself */
const PerMessageDeflate = require(path.join(path.dirname(require.resolve('ws')), 'lib/permessage-deflate.js'));

const plain = (data, isBinary) => (isBinary ? { base64: Buffer.from(data).toString('base64') } : data.toString());

/* A WebSocket of ws on an HTTP/2 stream, which lacks some of a TCP socket's manners. */
function socketOn(stream, isServer, deflate) {
	const socket = new WebSocket(null, undefined, {});

	socket._isServer = isServer;
	if (deflate) {
		const extension = new PerMessageDeflate({ threshold: 0 }, isServer);

		extension.accept([{}]);
		socket._extensions['permessage-deflate'] = extension;
	}
	stream.setNoDelay = () => {};
	socket.setSocket(stream, Buffer.alloc(0), { maxPayload: 0, skipUTF8Validation: false });
	return socket;
}

/* Answers each message with one of its own; what is asked for other than WebSockets, with a page. said grows while it
 * runs. */
function answer(server, said, { page = '<html>a page</html>'.repeat(20) } = {}) {
	const sessions = new Set();

	server.on('session', (session) => {
		sessions.add(session);
		session.on('close', () => sessions.delete(session));
	});
	server.on('stream', (stream, headers) => {
		const target = headers[':path'];

		stream.on('error', () => {});
		if (headers[':protocol'] !== 'websocket') {
			stream.respond({ ':status': 200, 'content-type': 'text/html; charset=utf-8' });
			stream.end(page);
			return;
		}
		if (target === '/forbidden') {
			stream.respond({ ':status': 403, 'retry-after': '60' }, { endStream: true });
			said.push({ path: target, status: 403, c2s: [], s2c: [] });
			return;
		}
		const deflate = /permessage-deflate/.test(headers['sec-websocket-extensions'] || '');
		const log = { path: target, status: 200, c2s: [], s2c: [] };

		said.push(log);
		stream.respond({ ':status': 200, ...(deflate && { 'sec-websocket-extensions': 'permessage-deflate' }) });
		talk(socketOn(stream, true, deflate), stream, log);
	});
	return { end: (why) => sessions.forEach((session) => {
		if (why)
			session.goaway(http2.constants.NGHTTP2_NO_ERROR, 0x7fffffff, Buffer.from(why));
		session.close();
	}) };
}

/* The same over HTTP/1.1, for a proxy that speaks HTTP/2 for it: what status the client sees is the proxy's. */
function upgraded(said, server = http.createServer(), status = 200) {
	const sockets = new WebSocket.Server({ server, perMessageDeflate: { threshold: 0 } });

	sockets.on('connection', (socket, request) => {
		const log = { path: request.url, status, c2s: [], s2c: [] };

		said.push(log);
		socket.on('close', () => Object.defineProperty(log, 'over', { value: true }));
		talk(socket, null, log);
	});
	return server;
}

function talk(socket, stream, log) {
	const send = (data, isBinary) => {
		log.s2c.push(plain(data, isBinary));
		socket.send(data, { binary: isBinary });
	};

	socket.on('error', () => {});
	socket.on('message', (data, isBinary) => {
		const text = data.toString();

		log.c2s.push(plain(data, isBinary));
		if (text === 'reset')
			stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
		else if (isBinary)
			send(Buffer.concat([data, data]), true);
		else
			send(`{"type":"heard","length":${text.length},"text":${JSON.stringify(text.slice(0, 100))}}`, false);
	});
}

/* Asks for a WebSocket on a session. Resolves to { socket, stream, next() }: next() resolves with the next message. */
async function open(session, { target = '/chat', authority = 'localhost', deflate = false, scheme = 'http' } = {}) {
	const stream = session.request({
		':method': 'CONNECT', ':protocol': 'websocket', ':scheme': scheme, ':path': target, ':authority': authority,
		'sec-websocket-version': '13', origin: 'http://localhost',
		...(deflate && { 'sec-websocket-extensions': 'permessage-deflate' }),
	}, { endStream: false });
	const headers = await new Promise((resolve, reject) => {
		stream.on('response', resolve);
		stream.on('error', reject);
	});

	if (headers[':status'] !== 200) {
		stream.close();
		return null;
	}
	return peer(socketOn(stream, false, /permessage-deflate/.test(headers['sec-websocket-extensions'] || '')), stream);
}

function peer(socket, stream) {
	const heard = [], waiting = [];

	socket.on('error', () => {});
	socket.on('message', (data) => (waiting.length ? waiting.shift()(data) : heard.push(data)));
	return { socket, stream, next: () => (heard.length ? Promise.resolve(heard.shift())
		: new Promise((resolve) => waiting.push(resolve))) };
}

/* Asks a proxy, over its session, for a tunnel to authority, and in it for a WebSocket: through TLS where key, which
 * takes the lines of a key log, is given. Resolves as open() does. */
async function through(session, authority, { target, key } = {}) {
	const stream = session.request({ ':method': 'CONNECT', ':authority': authority }, { endStream: false });
	const headers = await new Promise((resolve, reject) => {
		stream.on('response', resolve);
		stream.on('error', reject);
	});

	if (headers[':status'] !== 200) {
		stream.close();
		throw new Error(`${headers[':status']}`);
	}
	stream.setNoDelay = stream.setKeepAlive = stream.ref = stream.unref = () => stream;
	return webSocketIn(stream, authority, { target, key });
}

/* The same over HTTP/1.1, and TLS with the proxy where secure is. */
async function throughHttp1(port, authority, { target, key, secure }) {
	const stream = secure ? tls.connect({ port, servername: 'localhost', rejectUnauthorized: false }) : net.connect(port);

	if (secure)
		stream.on('keylog', key);
	stream.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
	const head = `${await new Promise((resolve) => stream.once('data', resolve))}`;
	if (!/^HTTP\/1.1 200 [^]*\r\n\r\n$/.test(head))
		throw new Error(head);
	return webSocketIn(stream, authority, { target, key });
}

async function webSocketIn(stream, authority, { target, key }) {
	const carrier = key ? tls.connect({ socket: stream, servername: 'localhost', rejectUnauthorized: false }) : stream;

	if (key)
		carrier.on('keylog', key);
	const agent = Object.assign(new http.Agent(), { createConnection: () => carrier });
	const socket = new WebSocket(`ws://${authority}${target}`, { agent, perMessageDeflate: !key });
	const there = peer(socket, stream);

	await new Promise((resolve, reject) => {
		socket.on('open', resolve);
		socket.on('error', reject);
	});
	return there;
}

async function close({ socket, stream }) {
	const closed = new Promise((resolve) => stream.on('close', resolve));

	socket.close(1000, 'bye');
	await closed;
}

module.exports = { answer, close, open, through, throughHttp1, upgraded };
