'use strict';
/* Every case of this directory, each way: what wscap finds is what was sent, and nothing else; read as it comes, and when
 * it is acknowledged.
 *
 *     WSCAP=build/src/wscap/wscap node tests/cases/cases.test.js [--slow] [NAME…] */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { events } = require('../lib/wscap.js');
const { eventsOfStream } = require('../lib/stream.js');
const { found } = require('../lib/found.js');

const slow = process.argv.includes('--slow');
const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const all = fs.readdirSync(__dirname).filter((name) => name.endsWith('.js') && !name.endsWith('.test.js')).sort();

/* What is sent, and what is found in the capture of it. Slow ways are long captures, which are not held. */
async function run(it, way, args) {
	if (!slow) {
		const made = it.make(way);
		return [made, events(made.bytes(), [...it.args, ...args])];
	}
	let made;
	const list = await eventsOfStream((onPacket) => {
		made = it.make(way, { onPacket });
	}, { args: it.args });
	return [made, list];
}

(async () => {
	for (const file of all) {
		const name = path.basename(file, '.js');
		if (names.length && !names.includes(name))
			continue;
		const it = require(`./${file}`);
		for (const way of it.ways.filter((each) => it.slow.includes(each) === slow))
			for (const args of slow || it.atOnce || way === 'bytes' ? [[]] : [[], ['--acknowledged']])
				await tap.test([name, way, ...args].join(', ') + `: ${it.title}`, async () => {
					const [made, list] = await run(it, way, args);
					const conns = found(list);
					assert.strictEqual(conns.length, made.sessions.length, 'number of connections');
					made.sessions.forEach(({ expected }, i) => compare(conns[i], expected, i + 1));
				});
	}
	tap.done();
})();

/* The first difference, and no more: the events of a case can be many. */
function compare(conn, expected, number) {
	for (const stream of Object.keys(expected)) {
		const wanted = expectedNow(expected[stream], conn[stream]);
		conn[stream].forEach((event, i) => {
			if (!same(event, wanted[i]))
				assert.deepStrictEqual(event, wanted[i] && plain(wanted[i]),
						       `#${number} ${stream}, event ${i + 1}`);
		});
		assert.strictEqual(conn[stream].length, wanted.length, `#${number} ${stream}, number of events`);
	}
}

/* Fields with the same values; undefined is not there. */
function same(event, wanted) {
	const names = Object.keys(wanted || {}).filter((name) => wanted[name] !== undefined);

	return names.length === Object.keys(event).length && names.every((name) => event[name] === wanted[name]);
}

/* Those that may be missing are left out where they are. */
function expectedNow(expected, events) {
	const optional = expected.filter(({ maybe }) => maybe).length;
	let missing = Math.min(optional, Math.max(0, expected.length - events.length));

	if (optional === 0)
		return expected;
	return expected.filter(({ maybe }) => !maybe || missing-- <= 0).map(({ maybe, ...event }) => event);
}

/* Without what is not there. */
function plain(event) {
	return JSON.parse(JSON.stringify(event));
}
