'use strict';
/* Conversations in which OpenSSL's own programs take part, which can do what others do not. */

const fs = require('fs');
const path = require('path');
const { openssl } = require('./programs.js');
const { HOST, captured, certificate, folder, listening, until } = require('../lib/programs.js');
const ws = require('../lib/ws.js');

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const MASK = Buffer.from('37fa213d', 'hex');
const REQUEST = ws.head('GET /chat HTTP/1.1', [['Host', HOST], ['Upgrade', 'websocket'], ['Connection', 'Upgrade'],
	['Sec-WebSocket-Key', KEY], ['Sec-WebSocket-Version', '13']]);
const ANSWER = ws.head('HTTP/1.1 101 Switching Protocols', [['Upgrade', 'websocket'], ['Connection', 'Upgrade'],
	['Sec-WebSocket-Accept', ws.accept(KEY)]]);

const text = (payload, mask) => ws.frame({ opcode: 'text', payload: Buffer.from(payload), mask });

/* OpenSSL with OpenSSL: a first connection for the session, and a second one that goes on with it, with the request as
 * early data (0-RTT). accepts: whether the server takes that. */
async function early({ port, accepts }) {
	const file = (name) => path.join(folder, name);
	const { key, cert } = certificate('rsa');
	fs.rmSync(file('session'), { force: true });
	fs.rmSync(file('early.keys'), { force: true });
	const said = { c2s: ['early is over', 'and again'], s2c: ['so it is'] };
	const connect = (...args) => openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, '-tls1_3', ...args]);
	const serve = (...args) => openssl(['s_server', '-accept', `127.0.0.1:${port}`, '-key', key, '-cert', cert, '-tls1_3',
		'-keylogfile', file('early.keys'), ...args]);

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
async function updates({ port }) {
	const { key, cert } = certificate('rsa');
	const keylog = path.join(folder, 'updates.keys');
	const said = { c2s: ['first keys', 'second keys', 'still the second'], s2c: ['first', 'second', 'third'] };
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

/* OpenSSL's client with a server of another kind, which answers each text with one of its own. */
async function client({ port, args, keylog, things = ['hello', '{"type":"login","name":"mynick"}', 'bye'] }) {
	const program = openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, '-alpn', 'http/1.1', '-quiet',
		'-no_ign_eof', '-keylogfile', keylog, ...args]);

	program.stdin.write(REQUEST);
	await until(() => program.heard.includes('101'), 'the answer');
	for (const thing of things) {
		const before = program.heard.length;

		program.stdin.write(text(thing, MASK));
		await until(() => program.heard.length > before, 'a frame');
	}
	program.kill();
	await program.gone;
}

/* OpenSSL with OpenSSL: a frame of each, then something else happens, by what it is told and until told() holds. */
async function frames({ port, args, serverArgs = [], clientArgs = [], then = () => {} }) {
	const { key, cert } = certificate('rsa');
	const keylog = path.join(folder, 'frames.keys');
	const said = { c2s: ['before'], s2c: ['heard'] };

	fs.writeFileSync(keylog, '');
	const { capture } = await captured(port, async () => {
		const server = openssl(['s_server', '-accept', `127.0.0.1:${port}`, '-key', key, '-cert', cert, '-keylogfile', keylog,
			...args, ...serverArgs]);
		await listening(port);
		const program = openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-servername', HOST, '-quiet', '-no_ign_eof', ...args, ...clientArgs]);

		program.stdin.write(REQUEST);
		await until(() => server.heard.includes('Sec-WebSocket-Key'), 'the request');
		server.stdin.write(ANSWER);
		await until(() => program.heard.includes('101'), 'the answer');
		program.stdin.write(text(said.c2s[0], MASK));
		await until(() => server.heard.includes(text(said.c2s[0], MASK)), 'a frame');
		server.stdin.write(text(said.s2c[0]));
		await until(() => program.heard.includes(said.s2c[0]), 'a frame');
		await then({ program, server });
		program.kill();
		await program.gone;
		server.kill();
		await server.gone;
		return {};
	});

	return { capture, keys: fs.readFileSync(keylog), said };
}

/* The client asks for a second handshake within the first one's protection (RFC 5246, section 7.4.1.1). A server that
 * agrees goes on with other keys. One that does not says so, and OpenSSL's client gives up. */
const renegotiation = ({ port, agrees }) => frames({ port, args: ['-tls1_2'], serverArgs: agrees ? ['-client_renegotiation'] : [],
	then: async ({ program, server }) => {
		program.stdin.write('R\n');
		if (!agrees) {
			await program.gone;
			return;
		}
		await new Promise((resolve) => setTimeout(resolve, 300)); /* what is said next is no part of the line */
		program.stdin.write(text('behind', MASK));
		await until(() => server.heard.includes(text('behind', MASK)), 'a frame');
	} });

/* The client's first hello has a key of a group that the server does not take: it asks for another (RFC 8446, section
 * 4.1.4). */
const retried = ({ port }) => frames({ port, args: ['-tls1_3'], serverArgs: ['-groups', 'X25519'], clientArgs: ['-groups', 'P-256:X25519'] });

/* A version that is not read. */
const old = ({ port, version }) => frames({ port, args: [version, '-cipher', 'DEFAULT@SECLEVEL=0'] });

module.exports = { client, early, old, renegotiation, retried, updates };
