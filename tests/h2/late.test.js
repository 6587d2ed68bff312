'use strict';
/* TLS in tunnels, of HTTP/1.1 and of HTTP/2, whose secrets come when all is over: those of the tunnel, those within it,
 * or both, in any order. Whenever they come, the same is told, of the same packets.
 *
 *     WSCAP=build/src/wscap/wscap node tests/h2/late.test.js */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const tap = require('../lib/tap.js');
const { Reader, closed } = require('../lib/reader.js');
const { events } = require('../lib/wscap.js');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-late.'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
const fileOf = (name, kind) => path.join(__dirname, 'captures', `${name}.${kind}`);

const KINDS = ['handshake', 'tunnel', 'message', 'control'];
/* What was said, in the order of the packets that it came in. */
const parts = (all) => all.filter(({ event }) => KINDS.includes(event)).sort((a, b) => a.packet - b.packet);
const whole = (name, ...args) => events(fs.readFileSync(fileOf(name, 'pcap')), args);

/* A key log's secrets, by the ClientHello that they belong to. */
function secretsOf(name) {
	const groups = new Map();

	for (const line of fs.readFileSync(fileOf(name, 'keys'), 'latin1').split('\n')) {
		const random = line.split(' ')[1];

		if (random)
			groups.set(random, Buffer.concat([groups.get(random) || Buffer.alloc(0), Buffer.from(`${line}\n`)]));
	}
	return [...groups.values()];
}

/* Steps: secrets that come one after the other, each once the ones before are used, and all once all is over. */
async function assertAllTold(name, steps) {
	const reader = new Reader(path.join(folder, 'keys'), '-r', fileOf(name, 'pcap'), '--follow');
	const known = path.join(folder, 'known');
	const expected = parts(whole(name, '--keylog', fileOf(name, 'keys')));

	await reader.until(closed(whole(name).filter(({ event }) => event === 'tcp_close').length), 'the end of the connections');
	fs.writeFileSync(known, '');
	for (const step of steps) {
		fs.appendFileSync(known, step);
		reader.logKeys(step);
		const count = parts(whole(name, '--keylog', known)).length;
		await reader.until((all) => parts(all).length >= count, `what ${count} parts tell`);
	}
	reader.child.kill('SIGINT');
	assert.deepStrictEqual(parts(await reader.end()), expected);
	assert.ok(reader.events.every(({ event, why }) => event !== 'tls_locked' || why === 'secret'));
	assert.deepStrictEqual(reader.events.filter(({ event }) => ['gap', 'violation', 'limit', 'mid_stream'].includes(event)), []);
}

(async () => {
	for (const name of fs.readdirSync(path.join(__dirname, 'captures')).filter((file) => file.endsWith('.keys')).map((file) => path.parse(file).name)) {
		const secrets = secretsOf(name);

		await tap.test(`${name}: all secrets at once`, () => assertAllTold(name, [Buffer.concat(secrets)]));
		if (secrets.length === 1)
			continue;
		await tap.test(`${name}: one after the other`, () => assertAllTold(name, secrets));
		await tap.test(`${name}: …and the other way round`, () => assertAllTold(name, [...secrets].reverse()));
	}
	tap.done();
})();
