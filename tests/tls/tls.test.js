'use strict';
/* Captures of real programs that talk WebSocket through TLS, each with its key log and with what they themselves wrote
 * down (record.js makes them): wscap's messages are theirs. And the same captures damaged: nothing is told that was not
 * said, and what is missing is named.
 *
 *     WSCAP=build/src/wscap/wscap node tests/tls/tls.test.js [--slow] */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const tap = require('../lib/tap.js');
const { assertHas, assertNoNoise, captureOf, content, fileOf, keylog, messages, names, of, read, said, told, unread } = require('./captures.js');
const { packetsOf, payloadsOf, withPackets } = require('./pcapfile.js');
const { Capture, Conversation, WAYS } = require('../lib/conversation.js');
const { wscap } = require('../lib/wscap.js');

const slow = process.argv.includes('--slow');
/* One for each way in which records are numbered and padded: damaged here as events are printed; damaged.test.js does it
 * to all of them. */
const damaged = ['node-13-aes128-gcm', 'node-12-cbc-sha256'];

/* Those that came to more than a reset as their answer. */
const established = (all) => all.filter(({ event }) => event === 'tcp_open').map(({ conn }) => conn)
	.filter((conn) => !all.some(({ event, how, conn: its, packet }) => event === 'tcp_close' && how === 'rst' && its === conn &&
		packet === all.find((one) => one.event === 'tcp_open' && one.conn === conn).packet + 1));

for (const name of names)
	tap.test(`${name}: what the programs said`, () => {
		const all = read(captureOf(name), keylog(name));

		for (const dir of ['c2s', 's2c']) {
			assert.deepStrictEqual(messages(all, dir).map(content), said(name)[dir]);
			assert.ok(messages(all, dir).every(({ tls }) => tls === true));
		}
		assert.deepStrictEqual(all.filter(({ event }) => ['violation', 'gap', 'tls_locked', 'limit', 'mid_stream'].includes(event)), []);
		const tls = all.filter(({ event }) => event === 'tls');
		assert.deepStrictEqual(tls.map(({ conn }) => conn), established(all));
		assert.ok(tls.every(({ server_name: host }) => host === 'localhost'));
		if (!/chromium|firefox/.test(name)) /* they have their own mind */
			tls.forEach(({ resumed }, i) => assert.strictEqual(resumed, i > 0 && !name.includes('rejected')));
	});

tap.test('versions and suites are told as they were asked for', () => {
	const tls = (name) => read(captureOf(name), keylog(name)).find(({ event }) => event === 'tls');

	assertHas(tls('node-13-chacha'),
		{ version: 'TLS 1.3', suite: 'TLS_CHACHA20_POLY1305_SHA256', alpn: 'http/1.1' });
	assertHas(tls('node-12-ccm8'), { version: 'TLS 1.2', suite: 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8' });
	assertHas(tls('node-12-cbc-sha1'), { version: 'TLS 1.2', suite: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' });
});

/* A version that is not read is named, and so is what makes reading end. */
const UNREAD = {
	'tls-10': { tls: { version: 'TLS 1.0', resumed: false }, why: ['version'], story: /It is TLS 1\.0: only TLS 1\.2 and 1\.3 are read\./ },
	'tls-11': { tls: { version: 'TLS 1.1', resumed: false }, why: ['version'], story: /It is TLS 1\.1: only TLS 1\.2 and 1\.3 are read\./ },
	renegotiated: { tls: { version: 'TLS 1.2' }, why: ['renegotiation'], heard: true,
		story: /A second handshake begins inside of the first one's protection: that is not followed\./ },
	'renegotiation-refused': { tls: { version: 'TLS 1.2' }, why: [], heard: true, alerts: ['no_renegotiation', 'handshake_failure'],
		story: /The server warns: no_renegotiation\./ },
};

assert.deepStrictEqual(Object.keys(UNREAD).sort(), [...unread].sort());
for (const [name, { tls, why, story, heard = false, alerts = [] }] of Object.entries(UNREAD))
	tap.test(`${name}: what is not read is said to be, and why`, () => {
		const all = read(captureOf(name), keylog(name));

		assertHas(of(all, 'tls')[0], tls);
		assert.deepStrictEqual(of(all, 'tls_locked').map(({ why: its }) => its), why);
		assert.deepStrictEqual(of(all, 'tls_alert').map(({ name: its }) => its), alerts);
		for (const dir of ['c2s', 's2c'])
			assert.deepStrictEqual(messages(all, dir).map(content), heard ? said(name)[dir] : []);
		assert.match(`${wscap(['-r', fileOf(name, 'pcap'), ...keylog(name)]).stdout}`, story);
	});

tap.test('SSL 3.0 is named, too', () => {
	const capture = Buffer.from(captureOf('tls-10').toString('latin1').replaceAll('\x03\x01', '\x03\x00'), 'latin1');
	const all = read(capture, []);

	assertHas(of(all, 'tls')[0], { version: 'SSL 3.0' });
	assert.deepStrictEqual(of(all, 'tls_locked').map(({ why }) => why), ['version']);
	assert.match(`${wscap(['-r', '-'], { input: capture }).stdout}`, /It is SSL 3\.0/);
});

tap.test('early data is told to be taken, or not', () => {
	const early = (name) => read(captureOf(name), keylog(name))
		.filter(({ event }) => event === 'tls').map(({ early_data: its }) => its);

	assert.deepStrictEqual(early('openssl-13-early-data'), [undefined, 'accepted']);
	assert.deepStrictEqual(early('openssl-13-early-data-rejected'), [undefined, 'rejected']);
});

tap.test('without a key log, the secret that is missing is named, once', () => {
	const secret = { 'node-13-aes128-gcm': 'SERVER_HANDSHAKE_TRAFFIC_SECRET', 'node-12-aes128-gcm': 'CLIENT_RANDOM' };

	for (const [name, missing] of Object.entries(secret)) {
		const all = read(captureOf(name), []);
		const locked = all.filter(({ event }) => event === 'tls_locked');

		assert.deepStrictEqual(messages(all, 'c2s'), []);
		assert.strictEqual(locked.length, 1);
		assertHas(locked[0], { why: 'secret', missing });
		assert.ok(fs.readFileSync(fileOf(name, 'keys')).includes(` ${locked[0].client_random} `));
	}
});

tap.test('a wrong secret is said to be wrong, and nothing is told', () => {
	const other = fs.readFileSync(fileOf('node-13-chacha', 'keys')).toString();
	const random = /CLIENT_\w+ (\w{64})/.exec(fs.readFileSync(fileOf('node-13-aes128-gcm', 'keys')))[1];
	const file = path.join(os.tmpdir(), `wscap-wrong.${process.pid}`);

	fs.writeFileSync(file, other.replace(/^(\w+) \w{64} /gm, `$1 ${random} `));
	const all = read(captureOf('node-13-aes128-gcm'), ['--keylog', file]);
	fs.unlinkSync(file);
	assert.deepStrictEqual(all.filter(({ event }) => event === 'message'), []);
	assert.deepStrictEqual(all.filter(({ event }) => event === 'tls_locked').map(({ why }) => why), ['wrong-secret']);
});

tap.test('a key log that is not there is an error in a file, and SSLKEYLOGFILE is read', () => {
	const pcap = fileOf('node-13-chacha', 'pcap');
	const { status, stderr } = wscap(['-r', pcap, '--keylog', '/nonexistent/keys']);

	assert.strictEqual(status, 1);
	assert.match(`${stderr}`, /\/nonexistent\/keys: /);
	const read = wscap(['-r', pcap, '--format', 'json', '-v'], { env: { SSLKEYLOGFILE: fileOf('node-13-chacha', 'keys') } });
	assert.strictEqual(read.status, 0);
	assert.match(`${read.stdout}`, /"event":"message"/);
	assert.match(`${read.stderr}`, /SSLKEYLOGFILE/);
});

tap.test('the story tells of TLS, in three languages', () => {
	const told = (lang, ...args) => wscap(['-r', fileOf('openssl-13-early-data', 'pcap'), '--lang', lang, ...args]).stdout.toString();
	const keys = keylog('openssl-13-early-data');
	const facts = {
		en: [/TLS handshake, the client's hello/, /data along before there is an answer \(0-RTT\)/, /TLS 1\.3 with TLS_AES_256_GCM_SHA384/,
			/goes on with an earlier session/, /sent along is taken/, /Through TLS; masked with 37 fa 21 3d/, /gives up: decode_error/],
		it: [/Stretta di mano TLS/, /Riprende una sessione precedente/, /Attraverso TLS; con maschera|[Aa]ttraverso TLS/],
		zh_CN: [/TLS 握手/, /继续先前的会话/, /经由 TLS/],
	};

	for (const [lang, sentences] of Object.entries(facts))
		sentences.forEach((sentence) => assert.match(told(lang, ...keys), sentence));
	assert.match(told('en'), /TLS that cannot be read · connection #1\n \* No key log has its \w+_TRAFFIC_SECRET/);
	assert.doesNotMatch(told('en'), /not a WebSocket/);
});

/* The longest connection's bytes as other segments: the same messages. */
for (const name of slow ? names.filter((one) => !one.includes('resumed')) : ['node-13-aes128-gcm', 'openssl-13-key-updates', 'firefox'])
	for (const way of WAYS)
		tap.test(`${name}: the same, ${way}`, () => {
			const capture = new Capture({ way });
			const conversation = new Conversation(capture, { mss: 1000 });

			conversation.connect();
			for (const { server, bytes } of payloadsOf(captureOf(name)))
				conversation.send(server ? 's2c' : 'c2s', bytes);
			conversation.flush();
			const all = read(capture.bytes(), keylog(name));

			for (const dir of ['c2s', 's2c'])
				assert.deepStrictEqual(messages(all, dir).map(content), said(name)[dir].slice(said(name)[dir].length - messages(all, dir).length));
			assert.strictEqual(told(all), said(name).c2s.length + said(name).s2c.length);
		});

/* What is told of a handshake is true, whatever is missing of it. */
function assertNoLie(all, expected, what) {
	for (const { conn, time, packet, event, ...facts } of of(all, 'tls'))
		assert.ok(expected.some((one) => Object.entries(facts).every(([name, value]) => one[name] === value || value === false)),
			`${what}: ${JSON.stringify(facts)}`);
}

const loss = (all) => all.filter(({ event }) => ['gap', 'tls_locked', 'mid_stream'].includes(event)).length;

for (const name of damaged) {
	const capture = captureOf(name);
	const packets = packetsOf(capture);
	const truth = said(name);
	const all = truth.c2s.length + truth.s2c.length;
	const handshakes = of(read(capture, keylog(name)), 'tls');

	tap.test(`${name}: cut at every packet`, () => {
		for (let i = 0; i < packets.length; i++)
			assertNoNoise(read(withPackets(capture, packets.slice(0, i)), keylog(name)), truth, `up to ${i}`);
	});

	tap.test(`${name}: joined at every packet`, () => {
		for (let i = 1; i < packets.length; i++)
			assertNoNoise(read(withPackets(capture, packets.slice(i)), keylog(name)), truth, `from ${i}`);
	});

	tap.test(`${name}: each packet removed`, () => {
		for (let i = 0; i < packets.length; i++) {
			const events = read(withPackets(capture, packets.filter((_, at) => at !== i)), keylog(name));

			assertNoNoise(events, truth, `without ${i}`);
			assertNoLie(events, handshakes, `without ${i}`);
			assert.ok(told(events) === all || loss(events) > 0, `without ${i}: ${told(events)} of ${all}, and no word of it`);
		}
	});
}

tap.done();
