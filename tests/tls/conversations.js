'use strict';
/* Who talks with whom, and under which suite. Ports are below 32000, and of these tests alone. */

const fs = require('fs');
const path = require('path');
const { browserClient, nodeClient, nodeServer, openssl, proxies } = require('./programs.js');
const { HOST, captured, certificate, folder, listening, until } = require('../lib/programs.js');
const ws = require('../lib/ws.js');

let nextPort = 29100;

/* Node with Node. */
async function nodeTalk({ server = {}, client = {}, deflate = false, long = false, times = 1 }) {
	const port = nextPort++;
	const said = { c2s: [], s2c: [] }, keys = [];
	const it = await nodeServer({ port, options: server, said, keys, deflate });
	const talk = async () => {
		let session;

		for (let i = 0; i < times; i++)
			session = await nodeClient({ port, deflate, long, options: { ...client, session } });
		await it.close();
		return {};
	};
	const { capture } = await captured(port, talk);

	return { capture, keys: Buffer.concat(keys), said };
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const MASK = Buffer.from('37fa213d', 'hex');
const REQUEST = ws.head('GET /chat HTTP/1.1', [['Host', HOST], ['Upgrade', 'websocket'], ['Connection', 'Upgrade'],
	['Sec-WebSocket-Key', KEY], ['Sec-WebSocket-Version', '13']]);
const ANSWER = ws.head('HTTP/1.1 101 Switching Protocols', [['Upgrade', 'websocket'], ['Connection', 'Upgrade'],
	['Sec-WebSocket-Accept', ws.accept(KEY)]]);

/* OpenSSL with OpenSSL: a first connection for the session, and a second one that goes on with it, with the request as
 * early data (0-RTT). accepts: whether the server takes that. */
async function opensslEarly({ accepts }) {
	const port = nextPort++;
	const file = (name) => path.join(folder, name);
	const { key, cert } = certificate('rsa');
	fs.rmSync(file('session'), { force: true });
	fs.rmSync(file('early.keys'), { force: true });
	const said = { c2s: ['early is over', 'and again'], s2c: ['so it is'] };
	const connect = (...args) => openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, '-tls1_3', ...args]);
	const serve = (...args) => openssl(['s_server', '-accept', `127.0.0.1:${port}`, '-key', key, '-cert', cert, '-tls1_3',
		'-keylogfile', file('early.keys'), ...args]);
	const text = (payload, mask) => ws.frame({ opcode: 'text', payload: Buffer.from(payload), mask });

	fs.writeFileSync(file('request'), REQUEST);
	const talk = async () => {
		let server = serve('-early_data');
		await until(() => server.heard.includes('ACCEPT'), 's_server');
		const first = connect('-sess_out', file('session'));
		await until(() => fs.existsSync(file('session')) && fs.statSync(file('session')).size, 'a ticket');
		first.stdin.end('Q\n');
		await first.gone;
		if (!accepts) { /* one that knows nothing of that session */
			server.kill();
			await server.gone;
			server = serve();
			await until(() => server.heard.includes('ACCEPT'), 's_server');
		}
		const client = connect('-sess_in', file('session'), '-early_data', file('request'), '-no_ign_eof', '-quiet');
		if (!accepts) {
			await until(() => server.heard.includes('CIPHER'), 'the handshake');
			client.stdin.write(REQUEST);
		}
		await until(() => server.heard.includes('Sec-WebSocket-Key'), 'the request');
		server.stdin.write(ANSWER);
		await until(() => client.heard.includes('101'), 'the answer');
		client.stdin.write(text(said.c2s[0], MASK));
		await until(() => server.heard.includes(text(said.c2s[0], MASK)), 'a frame');
		server.stdin.write(text(said.s2c[0]));
		await until(() => client.heard.includes(said.s2c[0]), 'a frame');
		client.stdin.write(text(said.c2s[1], MASK));
		await until(() => server.heard.includes(text(said.c2s[1], MASK)), 'a frame');
		client.kill();
		await client.gone;
		server.kill();
		await server.gone;
		return {};
	};
	const { capture } = await captured(port, talk);

	return { capture, keys: fs.readFileSync(file('early.keys')), said };
}

/* OpenSSL with OpenSSL, and new keys in between: first for both sides, as the client asks, then for the server alone. */
async function opensslUpdates() {
	const port = nextPort++;
	const { key, cert } = certificate('rsa');
	const keylog = path.join(folder, 'updates.keys');
	const said = { c2s: ['first keys', 'second keys', 'still the second'], s2c: ['first', 'second', 'third'] };
	const text = (payload, mask) => ws.frame({ opcode: 'text', payload: Buffer.from(payload), mask });
	const { capture } = await captured(port, async () => {
		const server = openssl(['s_server', '-accept', `127.0.0.1:${port}`, '-key', key, '-cert', cert, '-tls1_3',
			'-keylogfile', keylog]);
		await listening(port);
		const client = openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, '-tls1_3', '-quiet', '-no_ign_eof']);

		client.stdin.write(REQUEST);
		await until(() => server.heard.includes('Sec-WebSocket-Key'), 'the request');
		server.stdin.write(ANSWER);
		await until(() => client.heard.includes('101'), 'the answer');
		for (const [i, letter] of ['K', 'k', ''].entries()) {
			client.stdin.write(text(said.c2s[i], MASK));
			await until(() => server.heard.includes(text(said.c2s[i], MASK)), 'a frame');
			server.stdin.write(text(said.s2c[i]));
			await until(() => client.heard.includes(said.s2c[i]), 'a frame');
			if (letter) /* it says so into a buffer, or not at all */
				(letter === 'K' ? client : server).stdin.write(`${letter}\n`);
			await new Promise((resolve) => setTimeout(resolve, 300));
		}
		client.kill();
		server.kill();
		await Promise.all([client.gone, server.gone]);
		return {};
	});

	return { capture, keys: fs.readFileSync(keylog), said };
}

/* Node's client, and a server of Node's behind a proxy that does the TLS. */
async function proxyTalk(proxy, options) {
	const [port, backend] = [nextPort++, nextPort++];
	const said = { c2s: [], s2c: [] }, keys = [];
	const it = await nodeServer({ port: backend, said, secure: false, deflate: true });
	const front = await proxies[proxy](port, backend);
	const { capture } = await captured(port, async () => {
		await nodeClient({ port, options, deflate: true, keys });
		front.kill();
		await front.gone;
		await it.close();
		return {};
	});

	return { capture, keys: Buffer.concat(keys), said };
}

/* A browser that loads a page, and talks from it. */
async function browserTalk(name) {
	const port = nextPort++;
	const keylog = path.join(folder, `${name}.keys`);
	const said = { c2s: [], s2c: [] };
	const it = await nodeServer({ port, said, keys: [], deflate: true });
	const { capture } = await captured(port, async () => {
		await browserClient({ name, port, keylog });
		await it.close();
		return {};
	});

	return { capture, keys: fs.readFileSync(keylog), said };
}

const NO_ENCRYPT_THEN_MAC = 0x80000; /* SSL_OP_NO_ENCRYPT_THEN_MAC */

const tls13 = (ciphers, more = {}) => () => nodeTalk({ server: { minVersion: 'TLSv1.3', ciphers }, ...more });
const tls12 = (ciphers, certificate = 'rsa', more = {}) => () => nodeTalk({
	server: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0`, certificate },
	client: { ciphers: `${ciphers}:@SECLEVEL=0`, maxVersion: 'TLSv1.2' }, ...more });

const conversations = {
	'node-13-aes128-gcm': tls13('TLS_AES_128_GCM_SHA256', { long: true }),
	'node-13-aes256-gcm': tls13('TLS_AES_256_GCM_SHA384', { deflate: true }),
	'node-13-chacha': tls13('TLS_CHACHA20_POLY1305_SHA256'),
	'node-13-ccm': tls13('TLS_AES_128_CCM_SHA256', { client: { ciphers: 'TLS_AES_128_CCM_SHA256' } }),
	'node-13-ccm8': tls13('TLS_AES_128_CCM_8_SHA256', { client: { ciphers: 'TLS_AES_128_CCM_8_SHA256' } }),
	'node-13-resumed': tls13('TLS_AES_128_GCM_SHA256', { times: 2 }),
	'node-13-retried': tls13('TLS_AES_128_GCM_SHA256', { client: { ecdhCurve: 'P-256:X25519' },
		server: { minVersion: 'TLSv1.3', ecdhCurve: 'X25519' } }),
	'openssl-13-key-updates': opensslUpdates,
	'openssl-13-early-data': () => opensslEarly({ accepts: true }),
	'openssl-13-early-data-rejected': () => opensslEarly({ accepts: false }),
	'node-12-aes128-gcm': tls12('ECDHE-RSA-AES128-GCM-SHA256', 'rsa', { long: true }),
	'node-12-aes256-gcm-ecdsa': tls12('ECDHE-ECDSA-AES256-GCM-SHA384', 'ec', { deflate: true }),
	'node-12-chacha': tls12('ECDHE-RSA-CHACHA20-POLY1305'),
	'node-12-ccm': tls12('ECDHE-ECDSA-AES128-CCM', 'ec'),
	'node-12-ccm8': tls12('ECDHE-ECDSA-AES256-CCM8', 'ec'),
	'node-12-cbc-sha1': tls12('ECDHE-RSA-AES128-SHA'),
	'node-12-cbc-sha256': tls12('ECDHE-RSA-AES128-SHA256', 'rsa', { long: true }),
	'node-12-cbc-sha384': tls12('ECDHE-RSA-AES256-SHA384'),
	'node-12-camellia': tls12('ECDHE-RSA-CAMELLIA128-SHA256'),
	'node-12-aria': tls12('ECDHE-ARIA128-GCM-SHA256'),
	'node-12-mac-then-encrypt': tls12('ECDHE-RSA-AES256-SHA', 'rsa', { client: { ciphers: 'ECDHE-RSA-AES256-SHA:@SECLEVEL=0',
		maxVersion: 'TLSv1.2', secureOptions: NO_ENCRYPT_THEN_MAC } }),
	'node-12-rsa-key-exchange': tls12('AES128-GCM-SHA256'),
	'nginx-13': () => proxyTalk('nginx', { minVersion: 'TLSv1.3' }),
	'nginx-12': () => proxyTalk('nginx', { maxVersion: 'TLSv1.2' }),
	'haproxy-13': () => proxyTalk('haproxy', { minVersion: 'TLSv1.3' }),
	'chromium': () => browserTalk('chromium'),
	'firefox': () => browserTalk('firefox'),
	'node-12-resumed': tls12('ECDHE-RSA-AES128-GCM-SHA256', 'rsa', { times: 2 }),
};

module.exports = { conversations };
