'use strict';
/* The same conversation, bare, wrapped in each tunnel, over each link type, and cut into IP fragments: the same events. */

const assert = require('assert');
const tap = require('../lib/tap.js');
const { check } = require('../lib/schema.js');
const { define } = require('../lib/case.js');
const { WAYS } = require('../lib/conversation.js');
const { blocks } = require('../lib/story.js');
const { events, wscap } = require('../lib/wscap.js');
const { TUNNELS, CUT, aggregate, ethernet, fragments4 } = require('../lib/tunnels.js');

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
const without = (list) => list.filter(({ event }) => event !== 'fragment').map(({ packet, time, took, ...event }) => event);

const bare = {};
function found(way, ends, options) {
	const made = define(module.children[0], '', talk(ends), options).make(way);

	return without(events(made.bytes(), []));
}

for (const [name, { link, ends, wrap, options }] of Object.entries({ ...TUNNELS, ...CUT })) {
	if (only.length && !only.includes(name))
		continue;
	for (const way of WAYS)
		tap.test(`${name}, ${way}`, () => {
			const key = `${way} ${JSON.stringify(ends)}`;

			bare[key] = bare[key] || found(way, ends, {});
			assert.ok(bare[key].some(({ event, text }) => event === 'message' && text === 'hello, hello'));
			assert.deepStrictEqual(found(way, ends, { link, ...options, network: { wrap } }), bare[key]);
		});
}

/* The second message's segment comes in two fragments, of which `change` makes something else. */
function fragmented(change) {
	let on = false;
	const wrap = (ip, type) => (on ? change(fragments4(ip, 24)).map((piece) => ethernet(type, piece)) : ethernet(type, ip));
	const made = define(module.children[0], '', (capture) => {
		const ws = capture.session();

		ws.open();
		ws.client.text('one');
		capture.network.wrap = wrap;
		on = true;
		ws.tcp.segment('c2s', { offset: ws.tcp.ends.c2s.next, payload: Buffer.from('8183010203047b6c6a', 'hex').fill(0x41, 6) });
		on = false;
		capture.network.wrap = undefined;
		ws.tcp.ends.c2s.next += 9;
		ws.tcp.ack('s2c');
		ws.client.text('three');
		ws.close();
	}, {}).make('whole');

	return made.bytes();
}

const texts = (bytes) => events(bytes, []).filter(({ event }) => event === 'message').map(({ text }) => text);
const story = (bytes) => {
	const { stdout, stderr } = wscap(['-n', '-r', '-'], { input: bytes });

	return `${stdout}${stderr}`;
};
const OVERLAP = /It overlaps with another one, and receivers disagree about which of them counts: the packet is dropped/;

if (!only.length) {
	/* Three segments stand beside each other in a packet, or each in a packet of its own at the same time. */
	const together = (count, args) => {
		const made = define(module.children[0], '', talk({}), { link: 'wifi', network: { wrap: (ip, type) => [[type, ip]] } }).make('whole');
		const list = made.packets.map(({ bytes }) => bytes);

		made.packets = [];
		for (let i = 0; i < list.length; i += 3) {
			for (let j = i; j < i + 3 && j < list.length; j += count)
				made.packets.push({ time: made.time + BigInt(i), bytes: aggregate(...list.slice(j, Math.min(j + count, i + 3))) });
		}
		const { stdout, stderr, status } = wscap(['-n', '-r', '-', ...args], { input: made.bytes() });

		assert.strictEqual(status, 0, `${stderr}`);
		return blocks(stdout.toString()).slice(1).map(({ block }) => block.join('\n').replace(/since packet \d+/, ''));
	};

	for (const threads of ['1', '2']) {
		tap.test(`segments beside each other in a packet: each is told, ${threads} threads`, () => {
			const alone = together(1, ['--threads', threads]);

			assert.deepStrictEqual(together(3, ['--threads', threads]), alone);
			assert.ok(alone.length > 10);
		});
	}

	tap.test('fragments: the story says what each is part of', () => {
		const said = story(fragmented((pieces) => pieces));

		assert.match(said, /IP fragment · identification \d+\n \* A part of an IP packet that was cut on its way: 24 bytes, from byte 0 on\./);
		assert.match(said, /It waits for the others\./);
		assert.match(said, /The packet is whole now: 2 fragments, \d+ bytes, since packet \d+\./);
		assert.match(said, /, 1 IP packet put together from fragments/);
		assert.strictEqual(texts(fragmented((pieces) => pieces)).length, 3);
	});

	const results = (bytes, args = []) => {
		const list = events(bytes, args);

		list.forEach(check);
		return list.filter(({ event }) => event === 'fragment').map(({ result }) => result);
	};
	const twice = ([first, second]) => [first, first, second];

	tap.test('fragments: JSON says what each is part of', () => {
		const list = events(fragmented((pieces) => pieces), []).filter(({ event }) => event === 'fragment');

		list.forEach(check);
		assert.deepStrictEqual(list.map(({ time, id, ...rest }) => rest), [
			{ event: 'fragment', packet: 10, offset: 0, len: 24, result: 'waits', fragments: 1, first_packet: 10 },
			{ event: 'fragment', packet: 11, offset: 24, len: 17, result: 'whole', fragments: 2, first_packet: 10, wire_len: 41 },
		]);
		assert.strictEqual(list[0].id, list[1].id);
		assert.deepStrictEqual(results(fragmented(twice)), ['waits', 'repeated', 'whole']);
		assert.deepStrictEqual(results(fragmented((pieces) => pieces), ['--max-fragments', '0']), ['limit', 'limit']);
	});

	tap.test('fragments that overlap: dropped, and the loss is a gap', () => {
		const bytes = fragmented(([first, second]) => {
			const over = Buffer.from(second);

			over.writeUInt16BE(over.readUInt16BE(6) - 1, 6); /* eight bytes earlier: over the first one's end */
			return [first, over];
		});

		assert.match(story(bytes), OVERLAP);
		assert.match(story(bytes), /, 1 dropped because its fragments contradict each other/);
		assert.deepStrictEqual(texts(bytes), ['one', 'three']);
		assert.strictEqual(events(bytes, []).filter(({ event }) => event === 'gap').length, 1);
		assert.deepStrictEqual(results(bytes), ['waits', 'overlaps']);
	});

	tap.test('--max-fragments=0 keeps none, and says so', () => {
		const { stdout } = wscap(['-n', '-r', '-', '--max-fragments', '0'], { input: fragmented((pieces) => pieces) });

		assert.match(`${stdout}`, /There is no room for it: the limit --max-fragments is met\./);
	});
}
tap.done();
