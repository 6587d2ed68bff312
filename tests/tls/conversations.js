'use strict';
/* Who talks with whom, and under which suite. Ports are below 32000, and of these tests alone. */

const fs = require('fs');
const path = require('path');
const openssl = require('./openssl.js');
const { browserClient, nodeClient, nodeServer, proxies } = require('./programs.js');
const { captured, folder } = require('../lib/programs.js');

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

/* A server of Node's behind a proxy that does the TLS, while talk(port, said) runs. */
async function behind(proxy, talk) {
	const [port, backend] = [nextPort++, nextPort++];
	const said = { c2s: [], s2c: [] };
	const it = await nodeServer({ port: backend, said, secure: false, deflate: true });
	const front = await proxies[proxy](port, backend);
	const { capture, keys } = await captured(port, async () => {
		const its = await talk(port);

		front.kill();
		await front.gone;
		await it.close();
		return { keys: its };
	});

	return { capture, keys, said };
}

/* …with Node's client. */
const proxyTalk = (proxy, options, times = 1) => behind(proxy, async (port) => {
	const keys = [];
	let session;

	for (let i = 0; i < times; i++)
		session = await nodeClient({ port, options: { ...options, session }, deflate: true, keys });
	return Buffer.concat(keys);
});

/* …with OpenSSL's. */
const opensslTalk = (proxy, args) => behind(proxy, async (port) => {
	const keylog = path.join(folder, 'client.keys');

	fs.rmSync(keylog, { force: true });
	await openssl.client({ port, args, keylog });
	return fs.readFileSync(keylog);
});

/* …with a browser, that loads a page, and talks from it. */
const browserBehind = (proxy, name) => behind(proxy, async (port) => {
	const keylog = path.join(folder, `${name}.keys`);

	fs.rmSync(keylog, { force: true });
	await browserClient({ name, port, keylog });
	return fs.readFileSync(keylog);
});

/* The browser with Node's server. */
async function browserTalk(name, server = {}) {
	const port = nextPort++;
	const keylog = path.join(folder, `${name}.keys`);
	const said = { c2s: [], s2c: [] };

	fs.rmSync(keylog, { force: true });
	const it = await nodeServer({ port, said, keys: [], deflate: true, options: server });
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
	'openssl-13-key-updates': () => openssl.updates({ port: nextPort++ }),
	'openssl-13-early-data': () => openssl.early({ port: nextPort++, accepts: true }),
	'openssl-13-early-data-rejected': () => openssl.early({ port: nextPort++, accepts: false }),
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
	'nginx-13-resumed': () => proxyTalk('nginx', { minVersion: 'TLSv1.3' }, 2),
	'nginx-12-resumed': () => proxyTalk('nginx', { maxVersion: 'TLSv1.2' }, 2),
	'openssl-12-nginx': () => opensslTalk('nginx', ['-tls1_2', '-cipher', 'ECDHE-RSA-CHACHA20-POLY1305']),
	'openssl-13-haproxy': () => opensslTalk('haproxy', ['-tls1_3']),
	'haproxy-12-resumed': () => proxyTalk('haproxy', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-SHA384' }, 2),
	'haproxy-13-resumed': () => proxyTalk('haproxy', { minVersion: 'TLSv1.3' }, 2),
	'haproxy-13': () => proxyTalk('haproxy', { minVersion: 'TLSv1.3' }),
	'chromium': () => browserTalk('chromium'),
	'firefox': () => browserTalk('firefox'),
	'chromium-12': () => browserTalk('chromium', { maxVersion: 'TLSv1.2' }),
	'firefox-12': () => browserTalk('firefox', { maxVersion: 'TLSv1.2' }),
	'chromium-nginx': () => browserBehind('nginx', 'chromium'),
	'firefox-haproxy': () => browserBehind('haproxy', 'firefox'),
	'node-12-resumed': tls12('ECDHE-RSA-AES128-GCM-SHA256', 'rsa', { times: 2 }),
};

/* What is not read, or not to its end: said is what was, before that. */
const unread = {
	'tls-10': () => openssl.old({ port: nextPort++, version: '-tls1' }),
	'tls-11': () => openssl.old({ port: nextPort++, version: '-tls1_1' }),
	'renegotiated': () => openssl.renegotiation({ port: nextPort++, agrees: true }),
	'renegotiation-refused': () => openssl.renegotiation({ port: nextPort++, agrees: false }),
};

module.exports = { conversations, unread };
