'use strict';
/* The same conversation, bare, wrapped in each tunnel, over each link type, and cut into IP fragments: the same events. */

const assert = require('assert');
const tap = require('../lib/tap.js');
const { define } = require('../lib/case.js');
const { WAYS } = require('../lib/conversation.js');
const { events } = require('../lib/wscap.js');
const { TUNNELS, CUT } = require('../lib/tunnels.js');

const only = process.argv.slice(2);

function talk(ends) {
	return (capture) => {
		const ws = capture.session({ client: '192.0.2.1', server: '198.51.100.2', ...ends });

		ws.open({ deflate: 'permessage-deflate' });
		ws.client.text('hello');
		ws.server.text('hello, hello', { fragments: 2, between: () => ws.server.ping('1') });
		ws.client.pong('1');
		ws.client.text('x'.repeat(1000), { compress: false });
		ws.close();
	};
}

/* Without the packets' numbers and times: a segment may be several packets. */
const without = (list) => list.map(({ packet, time, took, ...event }) => event);

const bare = {};
function found(way, ends, options) {
	const made = define(module.children[0], '', talk(ends), options).make(way);

	return without(events(made.bytes(), []));
}

for (const [name, { link, ends, wrap }] of Object.entries({ ...TUNNELS, ...CUT })) {
	if (only.length && !only.includes(name))
		continue;
	for (const way of WAYS)
		tap.test(`${name}, ${way}`, () => {
			const key = `${way} ${JSON.stringify(ends)}`;

			bare[key] = bare[key] || found(way, ends, {});
			assert.ok(bare[key].some(({ event, text }) => event === 'message' && text === 'hello, hello'));
			assert.deepStrictEqual(found(way, ends, { link, network: { wrap } }), bare[key]);
		});
}
tap.done();
