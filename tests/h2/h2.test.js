'use strict';
/* The captures of captures/ (record.js makes them): what wscap finds on each stream is what its two programs said they
 * sent; and what it finds where packets are missing was sent, too.
 *
 *     WSCAP=build/src/wscap/wscap node tests/h2/h2.test.js [NAME…] */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { check } = require('../lib/schema.js');
const { wscap, lines } = require('../lib/wscap.js');

const folder = path.join(__dirname, 'captures');
const GLOBAL_HEADER = 24, RECORD_HEADER = 16, LARGE = 60;

/* A classic capture of this machine's kind of bytes: its header, and its packets. */
function split(bytes) {
	const packets = [];

	for (let at = GLOBAL_HEADER; at < bytes.length;) {
		const end = at + RECORD_HEADER + bytes.readUInt32LE(at + 8);

		packets.push(bytes.subarray(at, end));
		at = end;
	}
	return { header: bytes.subarray(0, GLOBAL_HEADER), packets };
}

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
	const of = ({ conn, stream }) => {
		const name = `${conn}.${stream || 0}`;

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

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const byPath = (list) => [...list].sort((a, b) => (a.path < b.path ? -1 : 1));

/* Every message that is told whole was sent on one of the streams, in that direction and order. */
function wasSent(found, said) {
	for (const stream of found)
		for (const dir of ['c2s', 's2c']) {
			const told = stream[dir].filter((each) => !each.truncated);
			const fits = said.some((each) => {
				let at = 0;

				return told.every((one) => {
					while (at < each[dir].length && !same(each[dir][at], one))
						at++;
					return at++ < each[dir].length;
				});
			});
			assert.ok(fits, `never sent on one stream: ${JSON.stringify(told).slice(0, 300)}`);
		}
}

const count = (found) => found.reduce((sum, { c2s, s2c }) => sum + [...c2s, ...s2c].filter((each) => !each.truncated).length, 0);

/* Each packet, or (of long captures) so many of them. */
function places(packets) {
	const step = Math.max(1, Math.ceil(packets.length / LARGE));

	return packets.map((_, i) => i).filter((i) => i % step === 0);
}

const wanted = process.argv.slice(2);
const names = fs.readdirSync(folder).filter((file) => file.endsWith('.pcap')).map((file) => file.slice(0, -5));

for (const name of names.filter((each) => !wanted.length || wanted.includes(each))) {
	const capture = fs.readFileSync(path.join(folder, `${name}.pcap`));
	const said = JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`)));
	const keys = fs.existsSync(path.join(folder, `${name}.keys`)) ? path.join(folder, `${name}.keys`) : null;
	const { header, packets } = split(capture);
	const file = (list) => Buffer.concat([header, ...list]);
	const all = count(said);

	tap.test(`${name}: what was said, on each stream`, () => {
		const events = decode(capture, keys);

		assert.deepStrictEqual(byPath(streams(events)), byPath(said.map(({ path: at, status = 200, c2s, s2c }) =>
			({ c2s, s2c, path: at, status }))));
		assert.deepStrictEqual(events.filter(({ event }) => ['gap', 'violation', 'mid_stream', 'limit'].includes(event)), []);
	});
	tap.test(`${name}: cut at each packet`, () => {
		for (const i of places(packets))
			wasSent(streams(decode(file(packets.slice(0, i)), keys)), said);
	});
	tap.test(`${name}: joined at each packet`, () => {
		for (const i of places(packets))
			wasSent(streams(decode(file(packets.slice(i)), keys)), said);
	});
	tap.test(`${name}: without each packet`, () => {
		let least = all;

		for (const i of places(packets)) {
			const events = decode(file([...packets.slice(0, i), ...packets.slice(i + 1)]), keys);
			const found = streams(events);

			wasSent(found, said);
			if (count(found) < all)
				assert.ok(events.some(({ event, mid_stream: joined, truncated }) =>
					['gap', 'h2_unreadable', 'mid_stream', 'tls_locked'].includes(event) || joined || truncated),
					`without packet ${i + 1} messages are missing, and nothing says so`);
			least = Math.min(least, count(found));
		}
		tap.diagnose(`at least ${least} of ${all} messages`);
	});
}
tap.done();
