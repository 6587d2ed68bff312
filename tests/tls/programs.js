'use strict';
/* The programs that talk: a server, a client, what stands in between. */

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');
const tls = require('tls');
const WebSocket = require('ws');
const { HOST, certificate, folder, run, started, until } = require('../lib/programs.js');

const plain = (data, isBinary) => (isBinary ? { base64: data.toString('base64') } : data.toString());

const answer = (text) => (text.length > 1000 ? `{"type":"heard","length":${text.length}}` : `{"type":"heard","text":${JSON.stringify(text)}}`);

/* A server of Node's that answers each message with one of its own. said and keys grow while it runs. */
async function nodeServer({ port, options: given = {}, said, keys, secure = true, deflate = false, path: at = '/chat' }) {
	const { key, cert } = certificate(given.certificate || 'rsa');
	const options = { ...given, key: fs.readFileSync(key), cert: fs.readFileSync(cert), ALPNProtocols: ['http/1.1'] };
	const page = (request, response) => response.end('<!doctype html><title>wscap</title>');
	const server = secure ? https.createServer(options, page) : http.createServer(page);
	const sockets = new WebSocket.Server({ server, path: at, perMessageDeflate: deflate && { threshold: 0 } });

	if (secure)
		server.on('keylog', (line) => keys.push(line));
	sockets.on('connection', (socket) => {
		const send = (data, isBinary) => {
			said.s2c.push(plain(Buffer.from(data), isBinary));
			socket.send(data, { binary: isBinary });
		};

		socket.on('message', (data, isBinary) => {
			said.c2s.push(plain(data, isBinary));
			send(isBinary ? Buffer.concat([data, data]) : answer(data.toString()), isBinary);
			if (data.toString() === 'more')
				for (let i = 0; i < 3; i++)
					send(`{"type":"more","number":${i}}`, false);
		});
	});
	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	return { server, close: () => new Promise((resolve) => {
		sockets.clients.forEach((socket) => socket.terminate());
		server.close(resolve);
		server.closeAllConnections();
	}) };
}

/* What is said in each conversation: short, binary, what compresses, and sometimes more than a record holds. */
const sayings = (long) => ['hello', '{"type":"login","name":"mynick"}', crypto.randomBytes(100), 'more',
	'x'.repeat(long ? 17000 : 300), '{"type":"say","text":"über TLS gesprochen"}'];

/* A client of Node's: says each thing once the one before was answered, and closes. Returns the last TLS session that
 * it was given, for the next client to go on with. keys: its key log. */
async function nodeClient({ port, options = {}, long = false, things = sayings(long), deflate = false, keys = [] }) {
	let session, heard = 0;
	const agent = new https.Agent();

	agent.createConnection = () => tls.connect({ port, host: '127.0.0.1', servername: HOST, rejectUnauthorized: false,
		ALPNProtocols: ['http/1.1'], ...options }).on('session', (ticket) => { session = ticket; }).on('keylog', (line) => keys.push(line));
	const socket = new WebSocket(`wss://${HOST}:${port}/chat`, { agent, perMessageDeflate: deflate && { threshold: 0 } });

	socket.on('message', () => { heard++; });
	await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); });
	for (const thing of things) {
		const before = heard;

		socket.send(thing);
		await until(() => heard > before + (thing === 'more' ? 3 : 0), 'an answer');
	}
	socket.ping('are you there');
	await new Promise((resolve) => socket.on('pong', resolve));
	socket.close(1000, 'bye');
	await new Promise((resolve) => socket.on('close', resolve));
	return session;
}

/* OpenSSL's own server and client, which send the bytes that they are given and print those that come. */
const openssl = (args) => run('openssl', args);

/* What puts TLS in front of a server that has none. Each is started on its port, before tcpdump. */
const proxies = {
	nginx(port, backend) {
		const { key, cert } = certificate('rsa');
		const file = path.join(folder, 'nginx.conf');

		fs.writeFileSync(file, `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log stderr;
			events { worker_connections 64; }
			http {
				access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p;
				fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
				server {
					listen 127.0.0.1:${port} ssl; ssl_certificate ${cert}; ssl_certificate_key ${key};
					ssl_protocols TLSv1.2 TLSv1.3;
					location / {
						proxy_pass http://127.0.0.1:${backend}; proxy_http_version 1.1; proxy_set_header Host $host;
						proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
					}
				}
			}`);
		return started('/usr/sbin/nginx', ['-c', file, '-p', folder], port);
	},
	haproxy(port, backend) {
		const { key, cert } = certificate('rsa');
		const [file, pem] = ['haproxy.cfg', 'haproxy.pem'].map((name) => path.join(folder, name));

		fs.writeFileSync(pem, Buffer.concat([fs.readFileSync(cert), fs.readFileSync(key)]));
		fs.writeFileSync(file, `defaults
	mode http
	timeout connect 5s
	timeout client 60s
	timeout server 60s
frontend front
	bind 127.0.0.1:${port} ssl crt ${pem} alpn http/1.1
	default_backend back
backend back
	server node 127.0.0.1:${backend}
`);
		return started('/usr/sbin/haproxy', ['-db', '-f', file], port);
	},
};

/* A browser with an empty profile, which writes its keys to the file, and is told what to say. */
async function browserClient({ name, port, keylog, things = sayings(false) }) {
	const puppeteer = require(path.join(__dirname, '../e2e/browser/node_modules/puppeteer-core'));
	const kinds = {
		chromium: { browser: 'chrome', executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
			'--ignore-certificate-errors', '--disable-background-networking', '--disable-dev-shm-usage'] },
		firefox: { browser: 'firefox', executablePath: '/usr/bin/firefox-esr' },
	};
	const browser = await puppeteer.launch({ ...kinds[name], headless: true, acceptInsecureCerts: true, timeout: 60000,
		env: { ...process.env, SSLKEYLOGFILE: keylog, HOME: folder } });
	const page = await browser.newPage();

	await page.goto(`https://${HOST}:${port}/`);
	await page.evaluate(async (address, list) => {
		const socket = new WebSocket(address);
		let heard = 0;
		const settled = (count) => new Promise((resolve) => {
			const look = () => (heard >= count ? resolve() : setTimeout(look, 10));
			look();
		});

		socket.onmessage = () => { heard++; };
		await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
		for (const thing of list) {
			const count = heard + (thing === 'more' ? 4 : 1);

			socket.send(Array.isArray(thing) ? new Uint8Array(thing) : thing);
			await settled(count);
		}
		socket.close(1000, 'bye');
		await new Promise((resolve) => { socket.onclose = resolve; });
	}, `wss://${HOST}:${port}/chat`, things.map((thing) => (Buffer.isBuffer(thing) ? [...thing] : thing)));
	await browser.close();
}

module.exports = { browserClient, nodeClient, nodeServer, openssl, proxies, sayings };
