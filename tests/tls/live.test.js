'use strict';
/* What OpenSSL's programs do live, with a key log that is written meanwhile: 0-RTT that is taken and that is not, a second
 * hello, new keys, a second handshake that is refused. What is told while it happens is what their capture tells.
 *
 *     WSCAP=build/src/wscap/wscap node tests/tls/live.test.js */

const assert = require('assert');
const path = require('path');
const { listen, whyNot, withTimeout } = require('../lib/live.js');
const { freePorts } = require('../lib/ports.js');
const { folder, until } = require('../lib/programs.js');
const tap = require('../lib/tap.js');
const { check } = require('../lib/schema.js');
const { events, program, wscap } = require('../lib/wscap.js');
const openssl = require('./openssl.js');
const { content, messages, of } = require('./captures.js');

const TRIES = 3; /* where the kernel had to drop packets */

/* What depends on nothing but what was sent. */
const sent = ({ event, dir, opcode, text, base64, version, suite, resumed, early_data: early, name, why, path: at, status, accept_ok: accept }) =>
	JSON.stringify({ event, dir, opcode, text, base64, version, suite, resumed, early, name, why, at, status, accept });
const parse = (text) => text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
const closes = (all) => of(all, 'tcp_close').length;

async function live(keys, talk, tries = TRIES) {
	const [port] = await freePorts(1);
	const reader = await listen(program, ['-l', '-n', '-i', 'lo', '--format', 'json', '--keylog', path.join(folder, keys), 'tcp', 'port', `${port}`]);

	assert.notStrictEqual(await reader.ready, 'ended', reader.stderr.text);
	const { capture, said } = await talk(port);
	const offline = events(capture, ['--keylog', path.join(folder, keys)]);
	await until(() => closes(parse(reader.stdout.text)) >= closes(offline), 'the end of the connections');
	reader.child.kill('SIGINT');
	assert.strictEqual(await reader.exited, 0, reader.stderr.text);
	if (tries > 1 && !/^0 packets dropped by kernel/m.test(reader.stderr.text))
		return live(keys, talk, tries - 1);
	const all = parse(reader.stdout.text);
	all.forEach(check);
	for (const dir of ['c2s', 's2c'])
		assert.deepStrictEqual(messages(all, dir).map(content), said[dir]);
	/* By kind: a connection may be over before its secrets are read. */
	for (const kind of ['tls', 'tls_alert', 'handshake', 'message', 'control', 'tcp_open'])
		assert.deepStrictEqual(of(all, kind).map(sent), of(offline, kind).map(sent));
	assert.deepStrictEqual(of(all, 'gap', 'violation', 'limit', 'mid_stream'), []);
	return { all, story: () => `${wscap(['-n', '-r', '-', '--keylog', path.join(folder, keys)], { input: capture }).stdout}` };
}

const tls = (all, key) => of(all, 'tls').map((event) => event[key]);
const runs = {
	'0-RTT that is taken': ['early.keys', (port) => openssl.early({ port, accepts: true }),
		({ all }) => assert.deepStrictEqual(tls(all, 'early_data'), [undefined, 'accepted'])],
	'0-RTT that is not': ['early.keys', (port) => openssl.early({ port, accepts: false }),
		({ all }) => assert.deepStrictEqual(tls(all, 'early_data'), [undefined, 'rejected'])],
	'a second hello': ['frames.keys', (port) => openssl.retried({ port }), ({ story }) => assert.match(story(), /The server asked for a second hello first\./)],
	'new keys': ['updates.keys', (port) => openssl.updates({ port }), ({ all }) => assert.deepStrictEqual(tls(all, 'version'), ['TLS 1.3'])],
	'renegotiation that is refused': ['frames.keys', (port) => openssl.renegotiation({ port, agrees: false }),
		({ all }) => assert.ok(of(all, 'tls_alert').some(({ name }) => name === 'no_renegotiation'))],
};

(async () => {
	const reason = await whyNot('lo');

	for (const [name, [keys, talk, look]] of Object.entries(runs))
		if (reason)
			tap.skip(name, reason);
		else
			await tap.test(name, async () => look(await withTimeout(live(keys, talk))));
	tap.done();
	process.exit();
})();
