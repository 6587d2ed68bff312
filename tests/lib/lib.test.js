'use strict';
/* The tests' own books against another reader: Debian's node-ws reads the frames that ws.js writes. */

const assert = require('assert');
const path = require('path');
const tap = require('./tap.js');
const { frame, Deflater } = require('./ws.js');
const { random } = require('./random.js');

let Receiver, PerMessageDeflate;
try {
	const lib = path.join(path.dirname(require.resolve('ws')), 'lib');
	Receiver = require(path.join(lib, 'receiver.js'));
	PerMessageDeflate = require(path.join(lib, 'permessage-deflate.js'));
} catch {
	tap.skip('frames as node-ws reads them', 'node-ws is not installed');
	tap.done();
	process.exit(0);
}

/* Messages of a server, written with ws.js and read with node-ws. */
async function readBack(parameters, deflater, messages) {
	const deflate = new PerMessageDeflate({ threshold: 0 }, false);
	const receiver = new Receiver({ binaryType: 'nodebuffer', isServer: false,
					extensions: { 'permessage-deflate': deflate } });
	const got = [];

	deflate.accept([parameters]);
	receiver.on('message', (data) => got.push(Buffer.from(data)));
	const done = new Promise((resolve, reject) => receiver.on('conclude', resolve).on('error', reject));
	for (const { bytes, fragments, compress } of messages) {
		const payload = compress ? deflater.compress(bytes) : bytes;
		const size = Math.ceil(payload.length / fragments) || 1;
		for (let i = 0; i < fragments; i++)
			receiver.write(frame({
				opcode: i === 0 ? 'binary' : 'continuation', fin: i === fragments - 1,
				rsv: compress && i === 0 ? 4 : 0, payload: payload.subarray(i * size, (i + 1) * size),
			}));
	}
	receiver.write(frame({ opcode: 'close' }));
	await done;
	assert.deepStrictEqual(got, messages.map(({ bytes }) => bytes));
}

const chance = random(1);
const words = chance.bytes(5000).toString('base64');
const messages = Array.from({ length: 30 }, (_, i) => ({
	bytes: Buffer.from(words.slice(0, 1 + chance.below(words.length)).repeat(1 + (i % 3))),
	fragments: 1 + chance.below(5),
	compress: !chance.chance(0.2),
}));

(async () => {
	for (let windowBits = 8; windowBits <= 15; windowBits++)
		for (const takeover of [true, false]) {
			const parameters = { server_max_window_bits: [String(windowBits)] };
			if (!takeover)
				parameters.server_no_context_takeover = [true];
			await tap.test(`window of ${windowBits} bits, takeover ${takeover}`, () =>
				readBack(parameters, new Deflater({ windowBits, takeover }), messages));
		}
	tap.done();
})();
