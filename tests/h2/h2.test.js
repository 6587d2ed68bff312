'use strict';
/* The captures of captures/ (record.js makes them): what wscap finds on each stream is what its two programs said they
 * sent; and damaged at each packet (damage/damage.c) they tell nothing else.
 *
 *     WSCAP=build/src/wscap/wscap node tests/h2/h2.test.js [NAME…] */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { check } = require('../lib/schema.js');
const { damage } = require('../lib/damage.js');
const { wscap, lines } = require('../lib/wscap.js');
const { packetsOf, shifted, withPackets } = require('../tls/pcapfile.js');

const folder = path.join(__dirname, 'captures');

function decode(bytes, keys) {
	const args = ['-n', '-r', '-', '--format', 'json'];
	const { status, signal, stdout, stderr } = wscap(keys ? [...args, '--keylog', keys] : args, { input: bytes });

	assert.strictEqual(status, 0, `${signal || stderr}`);
	const events = lines(stdout).filter(Boolean).map((line) => JSON.parse(line));
	events.forEach(check);
	return events;
}

const message = ({ text, base64, opcode }) => (opcode === 'text' ? text : { base64: base64 || Buffer.from(text).toString('base64') });

/* By connection and stream, in the order in which they were opened: { path, status, c2s, s2c }. */
function streams(events) {
	const found = new Map();
	const of = ({ conn, within, stream }) => {
		const name = `${conn}.${within || 0}.${stream || 0}`;

		if (!found.has(name))
			found.set(name, { c2s: [], s2c: [] });
		return found.get(name);
	};

	for (const event of events) {
		if (event.event === 'handshake')
			Object.assign(of(event), { path: event.path, status: event.status });
		else if (event.event === 'message')
			of(event)[event.dir].push(event.truncated ? { truncated: event.truncated } : message(event));
	}
	return [...found.values()];
}

const byPath = (list) => [...list].sort((a, b) => (a.path < b.path ? -1 : 1));

const wanted = process.argv.slice(2);
const names = fs.readdirSync(folder).filter((file) => file.endsWith('.pcap')).map((file) => file.slice(0, -5));

for (const name of names.filter((each) => !wanted.length || wanted.includes(each))) {
	const capture = fs.readFileSync(path.join(folder, `${name}.pcap`));
	const said = JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`)));
	const keys = fs.existsSync(path.join(folder, `${name}.keys`)) ? path.join(folder, `${name}.keys`) : null;

	tap.test(`${name}: what was said, on each stream`, () => {
		const events = decode(capture, keys);

		assert.deepStrictEqual(byPath(streams(events)), byPath(said.map(({ path: at, status = 200, c2s, s2c }) =>
			({ c2s, s2c, path: at, status }))));
		assert.deepStrictEqual(events.filter(({ event }) => ['gap', 'violation', 'mid_stream', 'limit'].includes(event)), []);
	});
	if (name === 'node-within')
		tap.test('a third HTTP/2 within two is not followed, and that is told once', () => {
			const within = decode(capture).filter(({ event }) => event === 'h2_within');
			assert.deepStrictEqual(within.map(({ conn, within: outer, stream }) => ({ conn, outer, stream })),
					       [{ conn: 1, outer: 1, stream: 1 }]);
		});
	if (name === 'tunnel-h2')
		tap.test('HTTP/2 in a tunnel of HTTP/2 has the tunnel in the names of its streams', () => {
			const names = lines(wscap(['-n', '-r', '-', '--format', 'messages', '--keylog', keys], { input: capture }).stdout)
				.map((line) => /(#[0-9.]+) .* handshake .*(\/\w+):/.exec(line)?.slice(1)).filter(Boolean);

			assert.deepStrictEqual(Object.fromEntries(names.map(([at, target]) => [target, at])),
					       { '/first': '#1.1.1', '/second': '#1.1.3', '/third': '#1.3.1', '/beside': '#1.5' });
		});
	/* Nothing of what is lost was part of the TLS within: it is sought, and found, behind the gap, at once or after a while. */
	if (name === 'http1-tunnel-tls')
		for (const [lost, what] of [[9, "the outer server's tickets"], [10, "the proxy's answer"]])
			for (const pause of [0, 2])
				tap.test(`the TLS in the tunnel is read without ${what}, ${pause} s between the packets`, () => {
					const packets = packetsOf(capture).flatMap((record, i) => shifted([record], i * pause));

					packets.splice(lost - 1, 1);
					const [only, ...more] = streams(decode(withPackets(capture, packets), keys));
					assert.deepStrictEqual(more, []);
					assert.deepStrictEqual(only, { c2s: said[0].c2s, s2c: said[0].s2c, path: said[0].path, status: 101 });
				});
	if (name === 'http1-tunnel-tls')
		tap.test('a lost hello is called by its name', () => {
			const story = (lost) => `${wscap(['-n', '-r', '-', '--keylog', keys], { input: withPackets(capture,
				packetsOf(capture).filter((_, i) => i !== lost - 1)) }).stdout}`;

			assert.match(story(4), /The client's hello was not captured: /);
			assert.match(story(6), /The server's hello was not captured: /);
			assert.match(story(13), /The server's hello was not captured: /);
		});
	tap.test(`${name}: damaged at each packet`, () => damage(capture, keys ? ['--keylog', keys] : []));
}
tap.done();
