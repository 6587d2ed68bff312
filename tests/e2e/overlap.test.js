'use strict';
/* Bytes that are sent twice with other contents: told, with both versions, and --overlap chooses. */

const assert = require('assert');
const tap = require('../lib/tap.js');
const { define } = require('../lib/case.js');
const { check } = require('../lib/schema.js');
const { frame } = require('../lib/ws.js');
const { events, wscap } = require('../lib/wscap.js');

const WORDS = ['the first words', 'the other words', 'the third words'];

/* play(tcp, piece, bytes) sends the two versions of a message of the server's; piece(from, to, version) a part of one. */
function capture(play) {
	return define(module.children[0], '', (made) => {
		const ws = made.session();
		const versions = WORDS.map((text) => frame({ opcode: 'text', payload: Buffer.from(text) }));
		const { tcp } = ws;

		ws.open();
		const at = tcp.ends.s2c.next;
		play(tcp, (from, to, version) =>
			tcp.segment('s2c', { offset: at + from, payload: versions[version].subarray(from, to) }), at);
		tcp.ends.s2c.next += versions[0].length;
		tcp.ack('c2s');
		ws.server.text('behind it');
		ws.close();
	}).make('whole').bytes();
}

const LENGTH = 2 + WORDS[0].length;
const AT = 2 + 'the '.length;

function read(bytes, ...args) {
	const list = events(bytes, args);

	list.forEach(check);
	assert.strictEqual(list.filter(({ event }) => event === 'gap' || event === 'violation').length, 0);
	const texts = list.filter(({ event }) => event === 'message').map(({ text }) => text);
	assert.strictEqual(texts.pop(), 'behind it');
	assert.strictEqual(texts.length, 1);
	return { text: texts[0], overlaps: list.filter(({ event }) => event === 'overlap') };
}

function same(overlaps, kept, count = 1) {
	assert.strictEqual(overlaps.length, count);
	for (const { dir, len, first_text, last_text, kept: which } of overlaps)
		assert.deepStrictEqual({ dir, len, first_text, last_text, which },
				       { dir: 's2c', len: 5, first_text: 'first', last_text: 'other', which: kept });
}

const inOrder = capture((tcp, piece) => {
	piece(0, LENGTH, 0);
	piece(0, LENGTH, 1);
});
for (const args of [[], ['--overlap', 'first']])
	tap.test(`in order, ${args.join(' ') || 'nothing asked for'}: read at once, so the first counts`, () => {
		const { text, overlaps } = read(inOrder, ...args);

		assert.strictEqual(text, WORDS[0]);
		same(overlaps, 'first');
	});

for (const [kept, ...args] of [[0, '--overlap', 'ack'], [1, '--overlap', 'last'], [0, '--acknowledged'], [0, '--acknowledged', '--overlap', 'first']])
	tap.test(`in order, ${args.join(' ')}: nothing was acknowledged before both came`, () => {
		const { text, overlaps } = read(inOrder, ...args);

		assert.strictEqual(text, WORDS[kept]);
		same(overlaps, ['first', 'last'][kept]);
	});

tap.test('a part of it again, with more', () => {
	const { text, overlaps } = read(capture((tcp, piece) => {
		piece(0, AT + 5, 0);
		piece(AT, LENGTH, 1);
	}));

	assert.strictEqual(text, WORDS[0]);
	same(overlaps, 'first');
});

tap.test('--max-compared 0 remembers nothing', () => {
	assert.strictEqual(read(inOrder, '--max-compared', '0').overlaps.length, 0);
});

/* What waits: the first byte comes last. */
const waits = capture((tcp, piece) => {
	piece(1, LENGTH, 0);
	piece(1, LENGTH, 1);
	piece(0, 1, 0);
});
for (const [which, kept] of [['ack', 0], ['first', 0], ['last', 1]])
	tap.test(`out of order, --overlap ${which}`, () => {
		const { text, overlaps } = read(waits, '--overlap', which);

		assert.strictEqual(text, WORDS[kept]);
		same(overlaps, ['first', 'last'][kept]);
	});

/* The receiver has what is behind it, and says that it has not these bytes. */
const lost = capture((tcp, piece, at) => {
	const sack = (from, to) => tcp.segment('c2s', { options: [['nop'], ['nop'], ['sack', [from, to].map((x) => tcp.seq('s2c', at + x))]] });

	piece(1, AT + 5, 0);
	piece(AT + 5, LENGTH, 0);
	sack(AT + 5, LENGTH);
	piece(1, AT + 5, 1);
	piece(0, 1, 0);
});
for (const [which, kept] of [['ack', 1], ['first', 0], ['last', 1]])
	tap.test(`lost on its way, --overlap ${which}`, () => {
		const { text, overlaps } = read(lost, '--overlap', which);

		assert.strictEqual(text, WORDS[kept]);
		same(overlaps, ['first', 'last'][kept]);
	});

tap.test('the receiver has the first: ack keeps it', () => {
	const { text, overlaps } = read(capture((tcp, piece, at) => {
		piece(1, LENGTH, 0);
		tcp.segment('c2s', { options: [['nop'], ['nop'], ['sack', [tcp.seq('s2c', at + 1), tcp.seq('s2c', at + LENGTH)]]] });
		piece(1, LENGTH, 1);
		piece(0, 1, 0);
	}));

	assert.strictEqual(text, WORDS[0]);
	same(overlaps, 'first');
});

/* The same, but in order: the second half came, and the first one was lost behind the place of the capture. */
const lostInOrder = capture((tcp, piece, at) => {
	piece(0, AT + 5, 0);
	piece(AT + 5, LENGTH, 0);
	tcp.segment('c2s', { ack: tcp.seq('s2c', at), options: [['nop'], ['nop'], ['sack', [AT + 5, LENGTH].map((x) => tcp.seq('s2c', at + x))]] });
	piece(0, AT + 5, 1);
});
for (const [kept, ...args] of [[1, '--overlap', 'ack'], [0, '--overlap', 'first'], [1, '--overlap', 'last'], [1, '--acknowledged']])
	tap.test(`lost on its way, though captured in order, ${args.join(' ')}`, () => {
		const { text, overlaps } = read(lostInOrder, ...args);

		assert.strictEqual(text, WORDS[kept]);
		same(overlaps, ['first', 'last'][kept]);
	});

tap.test('what was acknowledged is read, and stays', () => {
	const { text, overlaps } = read(capture((tcp, piece, at) => {
		piece(0, LENGTH, 0);
		tcp.segment('c2s', { ack: tcp.seq('s2c', at + LENGTH) });
		piece(0, LENGTH, 1);
	}), '--overlap', 'last');

	assert.strictEqual(text, WORDS[0]);
	same(overlaps, 'first');
	assert.strictEqual(overlaps[0].receiver, 'first');
});

/* The first was read as it came; what the receiver says before the others come. */
const receiver = (play) => read(capture((tcp, piece, at) => {
	const says = (acked, ...sack) => tcp.segment('c2s', { ack: tcp.seq('s2c', at + acked),
		options: sack.length ? [['nop'], ['nop'], ['sack', sack.map((x) => tcp.seq('s2c', at + x))]] : [] });

	play(piece, says);
})).overlaps.map((overlap) => overlap.receiver);
const both = (piece) => {
	piece(0, AT + 5, 0);
	piece(AT + 5, LENGTH, 0);
};
for (const [name, expected, play] of [
	['nothing', undefined, (piece) => { both(piece); piece(0, LENGTH, 1); }],
	['that it has them', 'first', (piece, says) => { both(piece); says(LENGTH); piece(0, LENGTH, 1); }],
	['that it has those before', undefined, (piece, says) => { both(piece); says(AT + 1); piece(0, LENGTH, 1); }],
	['that it missed them', 'last', (piece, says) => { both(piece); says(0, AT + 5, LENGTH); piece(0, LENGTH, 1); }],
	['that it missed them, which it then had', 'first', (piece, says) => {
		both(piece);
		says(0, AT + 5, LENGTH);
		says(LENGTH);
		piece(0, LENGTH, 1);
	}],
	['that it missed some of them', undefined, (piece, says) => { both(piece); says(AT + 2, AT + 5, LENGTH); piece(0, LENGTH, 1); }],
	['that it missed what was before', undefined, (piece, says) => { both(piece); says(0, AT, LENGTH); piece(0, LENGTH, 1); }],
	['that it missed them, and they came again', undefined, (piece, says) => {
		both(piece);
		says(0, AT + 5, LENGTH);
		piece(0, AT + 5, 0);
		piece(0, LENGTH, 1);
	}],
	['that it missed them, before they were captured', undefined, (piece, says) => {
		piece(AT + 5, LENGTH, 0);
		says(0, AT + 5, LENGTH);
		piece(0, AT + 5, 0);
		piece(0, LENGTH, 1);
	}],
	/* A third version came before it said so: it may be that one. */
	['nothing, and then that it has some', [undefined, undefined], (piece, says) => {
		both(piece);
		piece(0, LENGTH, 1);
		says(LENGTH);
		piece(0, LENGTH, 2);
	}],
	['that it has them, twice', ['first', 'first'], (piece, says) => {
		both(piece);
		says(LENGTH);
		piece(0, LENGTH, 1);
		piece(0, LENGTH, 2);
	}],
	['that it missed two versions', ['last', 'last'], (piece, says) => {
		both(piece);
		for (const version of [1, 2]) {
			says(0, AT + 5, LENGTH);
			piece(0, LENGTH, version);
		}
	}],
	['that it missed one version, and then that it has some', ['last', undefined], (piece, says) => {
		both(piece);
		says(0, AT + 5, LENGTH);
		piece(0, LENGTH, 1);
		says(LENGTH);
		piece(0, LENGTH, 2);
	}],
	['that others came twice', undefined, (piece, says) => { both(piece); says(1, 0, 1); piece(0, LENGTH, 1); }],
])
	tap.test(`the receiver says ${name}: it reads ${expected || 'what nobody knows'}`, () => assert.deepStrictEqual(receiver(play), [].concat(expected)));

tap.test('the story says when the receiver reads what wscap did not', () => {
	const { stdout } = wscap(['-n', '-r', '-'], { input: capture((tcp, piece, at) => {
		both(piece);
		tcp.segment('c2s', { ack: tcp.seq('s2c', at), options: [['nop'], ['nop'], ['sack', [AT + 5, LENGTH].map((x) => tcp.seq('s2c', at + x))]] });
		piece(0, LENGTH, 1);
	}) });

	assert.match(`${stdout}`, /What came first counts\. But the receiver had said that it missed that: it reads what came last\./);
});

tap.test('repetitions that are the same are none', () => {
	const { overlaps } = read(capture((tcp, piece) => {
		piece(3, LENGTH, 0);
		piece(0, LENGTH, 0);
		piece(0, LENGTH, 0);
		piece(5, 9, 0);
	}));

	assert.strictEqual(overlaps.length, 0);
});

/* A forged beginning, because of which nobody listens any more. */
tap.test('what makes it no WebSocket is told, too', () => {
	const bytes = define(module.children[0], '', (made) => {
		const ws = made.session();

		ws.connect();
		ws.tcp.segment('c2s', { offset: 0, payload: Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n') });
		ws.handshake();
		ws.client.text('hello');
		ws.close();
	}).make('whole').bytes();
	const [overlap, ...more] = events(bytes, []).filter(({ event }) => event === 'overlap');

	assert.deepStrictEqual([overlap.dir, overlap.offset, overlap.first_text.slice(0, 3), overlap.last_text.slice(0, 3), more],
			       ['c2s', 0, 'SSH', 'GET', []]);
});

tap.test('the story shows both, and the counters count', () => {
	const { stdout, stderr } = wscap(['-n', '-r', '-'], { input: inOrder });

	assert.match(`${stdout}`, /Sent twice, and not the same · from the server \(port 7272\)/);
	assert.match(`${stdout}`, / \* First: first\. Last: other\.\n/);
	assert.match(`${stderr}`, /, bytes sent twice with other contents 1 time/);
});

tap.test('--overlap some', () => {
	const { status, stderr } = wscap(['-r', '-', '--overlap', 'some']);

	assert.strictEqual(status, 2);
	assert.match(`${stderr}`, /ack, first, last/);
});
tap.done();
