'use strict';
/* The conversations of captures/, each { capture, keys, said }. */

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const http2 = require('http2');
const https = require('https');
const net = require('net');
const tls = require('tls');
const { freePorts } = require('../lib/ports.js');
const path = require('path');
const { captured, certificate, folder, started, until } = require('../lib/programs.js');
const { chromium } = require('./programs.js');
const { answer, close, open, through, throughHttp1, upgraded } = require('./peers.js');

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

/* HAProxy's configuration: where it listens, and the port behind it. */
const forwarding = (front, back) => `defaults
	mode http
	timeout connect 10s
	timeout client 60s
	timeout server 60s
	timeout tunnel 60s
listen chat
	bind 127.0.0.1:${front}
	server s 127.0.0.1:${back}
`;

/* HAProxy speaks HTTP/2 with the client, and HTTP/1.1 with the server behind it. */
async function haproxy(body) {
	const [front, back] = await freePorts(2);
	const file = path.join(folder, 'haproxy.cfg');
	const said = [];
	const server = upgraded(said);

	fs.writeFileSync(file, forwarding(`${front} proto h2`, back));
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

/* The page says each thing once the one before was answered, on one WebSocket and then on two at once. */
const talkative = (port) => `<script>
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
</script>`;

/* Chromium and a server of Node's, through TLS. */
async function browser() {
	const [port] = await freePorts(1);
	const said = [], keys = path.join(folder, 'browser.keys');
	const { key, cert } = certificate('ec');
	const server = http2.createSecureServer({ settings, key: fs.readFileSync(key), cert: fs.readFileSync(cert) });
	const sessions = answer(server, said, { page: talkative(port) });

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

/* Chromium and HAProxy, through TLS; HAProxy allows WebSockets on streams by itself. */
async function browserAndHaproxy() {
	const [port, back] = await freePorts(2);
	const said = [], keys = path.join(folder, 'haproxy.keys'), file = path.join(folder, 'haproxy-tls.cfg');
	const { key, cert } = certificate('ec');
	const both = path.join(folder, 'haproxy.pem');
	const server = upgraded(said);
	const done = new Promise((resolve) => server.on('request', (request, response) => {
		response.setHeader('content-type', 'text/html; charset=utf-8');
		response.end(talkative(port));
		if (request.url === '/done')
			resolve();
	}));

	fs.writeFileSync(both, Buffer.concat([cert, key].map((each) => fs.readFileSync(each))));
	fs.writeFileSync(file, forwarding(`${port} ssl crt ${both} alpn h2,http/1.1`, back));
	await new Promise((resolve) => server.listen(back, '127.0.0.1', resolve));
	const proxy = await started('haproxy', ['-db', '-f', file], port);
	const { capture } = await captured(port, async () => {
		const program = chromium(`https://localhost:${port}/`, keys);

		await done;
		await program.end();
		return {};
	});
	proxy.kill();
	server.close();
	server.closeAllConnections();
	return { capture, keys: fs.readFileSync(keys), said };
}

/* A proxy of HTTP/1.1: CONNECT, but not to port 1. */
function forward(server = http.createServer()) {
	server.on('connect', (request, socket) => {
		const port = request.url.split(':')[1];

		socket.on('error', () => {});
		if (port === '1') {
			socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
			return;
		}
		const further = net.connect(Number(port), '127.0.0.1', () => {
			socket.write('HTTP/1.1 200 OK\r\n\r\n');
			socket.pipe(further).pipe(socket);
		});

		further.on('error', () => socket.destroy());
	});
	return server;
}

/* nghttpx is the proxy, over HTTP/2: each CONNECT is a stream of it. Behind it is another, and two servers, of which
 * one speaks TLS. body({ front, plain, secure, keys, said }) is the client's part. */
async function proxied(body, { secure: overTls = false } = {}) {
	const [front, back, plain, secure] = await freePorts(4);
	const keys = path.join(folder, 'tunnel.keys'), said = [];
	const { key, cert } = certificate('ec');
	const certificates = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
	const servers = [forward(), upgraded(said, http.createServer(), 101), upgraded(said, https.createServer(certificates), 101)];
	const ports = [back, plain, secure];

	fs.writeFileSync(keys, '');
	for (const [i, server] of servers.entries())
		await new Promise((resolve) => server.listen(ports[i], '127.0.0.1', resolve));
	const proxy = await started('nghttpx', ['--conf=/dev/null', '--http2-proxy', '--workers=1', '--errorlog-file=/dev/null',
		`--frontend=127.0.0.1,${front}${overTls ? '' : ';no-tls'}`, `--backend=127.0.0.1,${back}`,
		...(overTls ? [key, cert] : [])], front);
	const { capture } = await captured(front, async () => {
		await body({ front, plain, secure, keys, said });
		return {};
	});
	proxy.kill();
	for (const server of servers) {
		server.close();
		server.closeAllConnections();
	}
	return { capture, keys: fs.readFileSync(keys), said };
}

/* A proxy of HTTP/1.1, through TLS or not, and a server behind it that speaks TLS. */
async function proxiedByHttp1({ secure }) {
	const [front, back] = await freePorts(2);
	const said = [], keys = [];
	const { key, cert } = certificate('ec');
	const certificates = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
	const servers = [forward(secure ? https.createServer(certificates) : http.createServer()),
		upgraded(said, https.createServer(certificates), 101)];

	for (const [i, server] of servers.entries())
		await new Promise((resolve) => server.listen([front, back][i], '127.0.0.1', resolve));
	const { capture } = await captured(front, async () => {
		const peer = await throughHttp1(front, `localhost:${back}`, { secure, target: '/chat', key: (line) => keys.push(line) });

		await say(peer, ['hello', '{"type":"login","name":"mynick"}', 'x'.repeat(3000), crypto.randomBytes(300)]);
		await close(peer);
		return {};
	});
	for (const server of servers) {
		server.close();
		server.closeAllConnections();
	}
	return { capture, keys: Buffer.concat(keys), said };
}

/* Node's client: tunnels to both servers beside each other, and one that is refused. */
async function tunnelled({ front, plain, secure, keys }) {
	const session = http2.connect(`http://127.0.0.1:${front}`);
	const key = (line) => fs.appendFileSync(keys, line);

	await new Promise((resolve) => session.once('remoteSettings', resolve));
	await through(session, 'localhost:1').then(() => { throw new Error('not refused'); }, () => {});
	const first = await through(session, `localhost:${plain}`, { target: '/first' });
	const second = await through(session, `localhost:${secure}`, { target: '/second', key });
	await say(first, ['hello', '{"type":"login","name":"mynick"}']);
	await say(second, ['within TLS', 'x'.repeat(3000)]);
	await say(first, [crypto.randomBytes(300)]);
	await close(first);
	await say(second, ['after the first']);
	await close(second);
	await new Promise((resolve) => session.close(resolve));
}

/* HTTP/2 on a stream of a session that is a tunnel to authority. */
async function http2Through(session, authority) {
	const stream = session.request({ ':method': 'CONNECT', ':authority': authority }, { endStream: false });

	await new Promise((resolve) => stream.once('response', resolve));
	return http2.connect(`http://${authority}`, { createConnection: () => stream });
}

/* A tunnel to another proxy, in that a tunnel to a server, and all speak HTTP/2; WebSockets beside the latter. */
async function nested({ front, plain }) {
	const session = http2.connect(`http://127.0.0.1:${front}`);
	const server = http2.createServer((request, response) => response.end('a page'));
	const second = http2.createServer();

	second.on('stream', (stream, { ':authority': authority }) => {
		const further = net.connect(Number(authority.split(':')[1]), '127.0.0.1', () => {
			stream.respond({ ':status': 200 });
			stream.pipe(further).pipe(stream);
		});
		stream.on('error', () => further.destroy());
		further.on('error', () => stream.close());
	});
	for (const each of [server, second])
		await new Promise((resolve) => each.listen(0, '127.0.0.1', resolve));
	await new Promise((resolve) => session.once('remoteSettings', resolve));
	const within = await http2Through(session, `localhost:${second.address().port}`);
	const innermost = await http2Through(within, `localhost:${server.address().port}`);
	await page(innermost);
	const beside = await through(within, `localhost:${plain}`, { target: '/beside' });
	await say(beside, ['hello']);
	await page(innermost);
	await say(beside, ['beside HTTP/2 in HTTP/2 in HTTP/2']);
	await close(beside);
	for (const each of [innermost, within, session])
		await new Promise((resolve) => each.close(resolve));
	server.close();
	second.close();
}

/* HTTP/2 in the tunnels, with prior knowledge and through TLS: two WebSockets in one, one in the other, which both have
 * streams of the same numbers; and one on the outer HTTP/2's own tunnel beside them. */
async function doubled({ front, plain, keys, said }) {
	const session = http2.connect(`http://127.0.0.1:${front}`);
	const { key, cert } = certificate('ec');
	const servers = [http2.createServer({ settings }),
		http2.createSecureServer({ settings, key: fs.readFileSync(key), cert: fs.readFileSync(cert) })];
	const insides = [];

	await new Promise((resolve) => session.once('remoteSettings', resolve));
	for (const server of servers) {
		answer(server, said);
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		const authority = `localhost:${server.address().port}`;
		const stream = session.request({ ':method': 'CONNECT', ':authority': authority }, { endStream: false });
		await new Promise((resolve) => stream.once('response', resolve));
		stream.setNoDelay = stream.setKeepAlive = stream.ref = stream.unref = () => stream;
		const secure = server === servers[1];
		const carrier = secure ? tls.connect({ socket: stream, servername: 'localhost', ALPNProtocols: ['h2'], rejectUnauthorized: false }) : stream;
		if (secure)
			carrier.on('keylog', (line) => fs.appendFileSync(keys, line));
		const within = http2.connect(`http://${authority}`, { createConnection: () => carrier });
		await new Promise((resolve) => within.once('remoteSettings', resolve));
		insides.push(within);
	}
	const first = await open(insides[0], { target: '/first' });
	const second = await open(insides[0], { target: '/second', deflate: true });
	const third = await open(insides[1], { target: '/third', scheme: 'https' });
	const beside = await through(session, `localhost:${plain}`, { target: '/beside' });
	await say(first, ['hello', '{"type":"login","name":"mynick"}']);
	await say(third, ['within TLS', 'x'.repeat(3000)]);
	await say(second, ['y'.repeat(2000)]);
	await say(beside, ['beside them']);
	await page(insides[0]);
	await say(first, [crypto.randomBytes(300)]);
	await close(first);
	await say(second, ['after the first']);
	for (const peer of [second, third, beside])
		await close(peer);
	for (const each of [...insides, session])
		await new Promise((resolve) => each.close(resolve));
	servers.forEach((server) => server.close());
}

/* Chromium's page comes through HTTP/2, and its WebSockets with it: TLS with the proxy, HTTP/2, a CONNECT, TLS with the
 * server, HTTP/2 again, and there they are. */
async function surfingHttp2({ front, keys, said }) {
	const { key, cert } = certificate('ec');
	const server = http2.createSecureServer({ settings, key: fs.readFileSync(key), cert: fs.readFileSync(cert) });

	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	const sessions = answer(server, said, { page: talkative(port) });
	const done = new Promise((resolve) => server.on('stream', (_, headers) => headers[':path'] === '/done' && resolve()));
	const program = chromium(`https://localhost:${port}/`, keys, [`--proxy-server=https://localhost:${front}`,
		'--proxy-bypass-list=<-loopback>']);

	await done;
	sessions.end();
	await program.end();
	server.close();
}

/* Chromium's: TLS with the proxy, HTTP/2 in it, a CONNECT, TLS with the server in that, and there the WebSocket. */
async function surfing({ front, secure, keys, said }) {
	const page = path.join(folder, 'tunnel.html');

	fs.writeFileSync(page, `<script>
		const socket = new WebSocket('wss://localhost:${secure}/chat');
		const things = ['hello', '{"type":"login","name":"mynick"}', new Uint8Array([1, 2, 255]), 'über zwei TLS'];
		const next = () => (things.length ? socket.send(things.shift()) : socket.close(1000, 'bye'));
		socket.onopen = socket.onmessage = next;
	</script>`);
	const program = chromium(`file://${page}`, keys, [`--proxy-server=https://localhost:${front}`,
		'--proxy-bypass-list=<-loopback>']);

	await until(() => said.some(({ over }) => over), 'the page to have said all');
	await program.end();
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
	'chromium-haproxy': browserAndHaproxy,

	'http1-tunnel': () => proxiedByHttp1({ secure: false }),
	'http1-tunnel-tls': () => proxiedByHttp1({ secure: true }),
	'tunnel': () => proxied(tunnelled),
	'node-within': () => proxied(nested),
	'tunnel-h2': () => proxied(doubled),
	'tunnel-chromium-h2': () => proxied(surfingHttp2, { secure: true }),
	'tunnel-chromium': () => proxied(surfing, { secure: true }),
};

module.exports = { conversations, node, say, page, settings };
