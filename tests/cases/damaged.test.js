'use strict';
/* Every case cut off at each packet, joined at each packet, and with each packet missing: no crash, no noise (whatever
 * is reported was really sent, by the one who sent it), and the loss is named.
 *
 * Of a capture with many packets some are taken, in even steps; of the cases that are named, and with --all, each.
 *
 *     WSCAP=build/src/wscap/wscap node tests/cases/damaged.test.js [--all] [NAME…] */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { check } = require('../lib/schema.js');
const { pcap } = require('../lib/pcap.js');
const { events } = require('../lib/wscap.js');

const names = process.argv.slice(2).filter((name) => name !== '--all');
const PACKETS_MAX = 150; /* longer captures say nothing more */
const PAYLOAD_MAX = 1 << 20; /* nor do longer messages */
const PLACES = names.length || process.argv.includes('--all') ? Infinity : 12;
const all = fs.readdirSync(__dirname).filter((name) => name.endsWith('.js') && !name.endsWith('.test.js')).sort();

const isFrame = ({ event }) => event === 'message' || event === 'control';
const key = ({ event, dir, opcode, text, base64, close_code, close_reason }) =>
	JSON.stringify([event, dir, opcode, text, base64, close_code, close_reason]);
const payload = ({ text, base64 }) => (base64 === undefined ? Buffer.from(text || '') : Buffer.from(base64, 'base64'));
const rule = ({ dir, rule: name }) => `${dir} ${name}`;

/* What the whole capture has: it is what was sent, as cases.test.js holds. */
function known(list) {
	const frames = list.filter(isFrame);

	return {
		keys: new Set(frames.map(key)),
		payloads: { c2s: frames.filter(({ dir }) => dir === 'c2s').map(payload), s2c: frames.filter(({ dir }) => dir === 's2c').map(payload) },
		rules: new Set(list.filter(({ event }) => event === 'violation').map(rule)),
		frames: frames.length,
		bytes: frames.reduce((sum, event) => sum + payload(event).length, 0),
	};
}

/* A message that says that something of it is missing has the beginning of one that was sent, or, as a continuation,
 * its end. */
function wasSent(event, { keys, payloads }) {
	if (keys.has(key(event)))
		return true;
	if (event.truncated === undefined)
		return false;
	const bytes = payload(event);
	const part = (sent) => (event.opcode === 'continuation' ? sent.subarray(sent.length - bytes.length) : sent.subarray(0, bytes.length));

	return payloads[event.dir].some((sent) => part(sent).equals(bytes));
}

/* Other bytes than those that were read are among these packets too: each may turn up where another is missing. */
const LIARS = /^overlaps/;
/* Joined between requests and their answers, the first answer that is seen passes for that of the first request. */
const PIPELINED = /^pipelined$/;

const namesLoss = (list) => list.some(({ event, mid_stream: mid, truncated }) =>
	event === 'gap' || event === 'mid_stream' || mid || truncated !== undefined);

function judge(list, whole, mayLose) {
	list.forEach(check);
	for (const event of list.filter(isFrame))
		assert.ok(wasSent(event, whole), `noise: ${JSON.stringify(event)}`);
	for (const event of list.filter(({ event: kind }) => kind === 'violation'))
		assert.ok(whole.rules.has(rule(event)), `noise: ${JSON.stringify(event)}`);
	if (!mayLose && list.filter(isFrame).length < whole.frames && list.length)
		assert.ok(namesLoss(list), 'a loss that is not named');
}

for (const file of all) {
	const name = path.basename(file, '.js');
	if (names.length && !names.includes(name))
		continue;
	const it = require(`./${file}`);
	const made = it.make(it.ways[0]);
	const count = made.packets.length;
	if (count > PACKETS_MAX || made.file.format === 'pcapng')
		continue;
	const read = (packets) => events(pcap(packets, { link: made.link, ...made.file }), it.args);
	const whole = known(read(made.packets));
	if (whole.bytes > PAYLOAD_MAX)
		continue;
	/* Of connections that are missing as a whole nothing can be known. */
	const mayLose = made.sessions.length !== 1 || PIPELINED.test(name);

	const each = (to, from, packets, lose) => {
		const bad = [];

		for (let i = from; i < to; i += Math.max(1, Math.ceil((to - from) / PLACES)))
			try {
				judge(read(packets(i)), whole, lose);
			} catch (error) {
				bad.push(`${i}: ${error.message}`);
			}
		assert.deepStrictEqual(bad, []);
	};

	tap.test(`${name}: cut off, ${count} packets`, () => each(count, 0, (i) => made.packets.slice(0, i), true));
	tap.test(`${name}: joined in it`, () => each(count, 1, (i) => made.packets.slice(i), mayLose));
	if (!LIARS.test(name))
		tap.test(`${name}: one missing`, () => each(count, 0, (i) => made.packets.filter((packet, at) => at !== i), mayLose));
}
tap.done();
