'use strict';
const { define } = require('../lib/case.js');
const { frame } = require('../lib/ws.js');

/* What came first counts. */
module.exports = define(module, 'overlapping segments, with the same and with other bytes', (capture) => {
	const ws = capture.session();
	const text = 'abcdefghijklmnopqrstuvwxyz0123456789';
	const bytes = frame({ opcode: 'text', payload: Buffer.from(text), mask: Buffer.from([1, 2, 3, 4]) });
	const { tcp } = ws;
	const piece = (from, to, other) =>
		tcp.segment('c2s', { offset: tcp.ends.c2s.next + from, payload: other || bytes.subarray(from, to) });

	ws.open();
	piece(0, 10);
	piece(5, 20); /* some of it was there */
	piece(0, 20); /* all of it was */
	piece(30, 42); /* ahead */
	piece(25, 42, Buffer.concat([bytes.subarray(25, 30), Buffer.alloc(12, 0x21)])); /* other bytes over those that wait */
	ws.client.expect({
		event: 'overlap', offset: tcp.ends.c2s.next + 30, len: 12, first_text: bytes.toString('latin1', 30, 42),
		last_text: '!'.repeat(12), kept: 'first',
	});
	piece(15, 30); /* fills */
	tcp.ends.c2s.next += bytes.length;
	tcp.ack('s2c');
	ws.client.expect({
		event: 'message', opcode: 'text', len: text.length, wire_len: text.length, frames: 1, compressed: false,
		masked: true, text,
	});
	ws.client.text('behind it');
	ws.close();
}, { ways: ['whole'] });
