'use strict';
const { define } = require('../lib/case.js');
const { frame } = require('../lib/ws.js');

/* The first was read when it came; neither is text. */
module.exports = define(module, 'bytes that were read already come again with other contents', (capture) => {
	const ws = capture.session();
	const { tcp } = ws;
	const [first, last] = ['fffe00010203', 'fffe80810203'].map((hex) => Buffer.from(hex, 'hex'));
	const versions = [first, last].map((payload) => frame({ opcode: 'binary', payload }));

	ws.open();
	const at = tcp.ends.s2c.next;
	versions.forEach((payload) => tcp.segment('s2c', { offset: at, payload }));
	tcp.ends.s2c.next += versions[0].length;
	ws.server.expect({
		event: 'message', opcode: 'binary', len: 6, wire_len: 6, frames: 1, compressed: false, masked: false,
		base64: first.toString('base64'),
	});
	ws.server.expect({
		event: 'overlap', offset: at + 4, len: 2, first_text: '\0\x01', last_base64: 'gIE=', kept: 'first',
	});
	tcp.ack('c2s');
	[last, first].map((payload) => frame({ opcode: 'binary', payload }))
		.forEach((payload) => tcp.segment('s2c', { offset: at + 8, payload }));
	tcp.ends.s2c.next += 8;
	ws.server.expect({
		event: 'message', opcode: 'binary', len: 6, wire_len: 6, frames: 1, compressed: false, masked: false,
		base64: last.toString('base64'),
	});
	ws.server.expect({
		event: 'overlap', offset: at + 12, len: 2, first_base64: 'gIE=', last_text: '\0\x01', kept: 'first',
	});
	tcp.ack('c2s');
	ws.server.text('behind it');
	ws.close();
}, { ways: ['whole'], atOnce: true });
