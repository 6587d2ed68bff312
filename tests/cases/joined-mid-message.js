'use strict';
const { define } = require('../lib/case.js');
const { frame } = require('../lib/ws.js');

/* The first bytes that are captured are the end of a message: nothing is read from them. Which segment begins with a
 * frame can only be known where segments begin. */
module.exports = define(module, 'joined in the middle of a message', (capture) => {
	const ws = capture.session();
	const half = (peer, mask) => {
		const bytes = frame({ opcode: 'text', payload: Buffer.from('~'.repeat(200)), mask });
		ws.missing(() => ws.tcp.send(peer.dir, bytes.subarray(0, 100)));
		ws.tcp.send(peer.dir, bytes.subarray(100));
	};

	ws.missing(() => ws.open());
	ws.joined();
	half(ws.client, Buffer.from([0x12, 0x34, 0x56, 0x78]));
	half(ws.server, null);
	for (let i = 0; i < 20; i++) {
		/* How soon a boundary is trusted is not for us to say, but it is within the first few frames. */
		const expect = i < 3 ? { maybe: true } : {};
		ws.client.text(`{"type":"say","content":"number ${i}"}`, { expect });
		ws.server.text(`{"type":"said","content":"number ${i}"}`, { expect });
	}
	ws.close();
}, { ways: ['whole'] });
