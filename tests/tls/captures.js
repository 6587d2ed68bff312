'use strict';
/* The captures of captures/, and of unread/ what is not read, or not to its end (record.js makes them); and what wscap
 * makes of them. */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const { check } = require('../lib/schema.js');
const { events } = require('../lib/wscap.js');

const namesIn = (folder) => fs.readdirSync(path.join(__dirname, folder)).filter((name) => name.endsWith('.json')).map((name) => path.parse(name).name);
const names = namesIn('captures');
const unread = namesIn('unread');
const fileOf = (name, kind) => path.join(__dirname, unread.includes(name) ? 'unread' : 'captures', `${name}.${kind}`);
const captureOf = (name) => fs.readFileSync(fileOf(name, 'pcap'));
const keylog = (name) => ['--keylog', fileOf(name, 'keys')];

/* What the programs said: { c2s, s2c }, each message as content() has it. */
const said = (name) => JSON.parse(fs.readFileSync(fileOf(name, 'json')));
const content = ({ text, base64 }) => (text === undefined ? { base64 } : text);

/* The events of a capture, each held against the schema. */
function read(capture, args) {
	const all = events(capture, args);

	all.forEach(check);
	return all;
}

const of = (all, ...kinds) => all.filter(({ event }) => kinds.includes(event));
const messages = (all, dir) => of(all, 'message').filter(({ dir: its }) => its === dir);
/* How many whole messages there are. */
const told = (all) => of(all, 'message').filter(({ truncated }) => !truncated).length;
const assertHas = (value, part) => assert.deepStrictEqual({ ...value, ...part }, value);

/* Every whole message that is told was said, in this order; what is cut is a part of one. */
function assertNoNoise(all, truth, what) {
	for (const dir of ['c2s', 's2c']) {
		const at = {}; /* of each connection */

		for (const message of messages(all, dir)) {
			if (message.truncated)
				continue;
			const found = truth[dir].findIndex((one, i) => i >= (at[message.conn] || 0) && JSON.stringify(one) === JSON.stringify(content(message)));

			assert.notStrictEqual(found, -1, `${what}: ${dir} never said ${JSON.stringify(message).slice(0, 200)}`);
			at[message.conn] = found + 1;
		}
	}
	assert.deepStrictEqual(of(all, 'violation'), [], what);
}

module.exports = { assertHas, assertNoNoise, captureOf, content, fileOf, keylog, messages, names, of, read, said, told, unread };
