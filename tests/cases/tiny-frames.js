'use strict';
const { define } = require('../lib/case.js');
const { frame } = require('../lib/ws.js');

const COUNT = 600000;

/* Frames of one to six bytes of text, many to a segment. */
module.exports = define(module, '600,000 tiny frames in few segments', (capture) => {
	const ws = capture.session({ timestamps: false });

	ws.open();
	ws.server.together((server) => {
		for (let i = 0; i < COUNT; i++) {
			const text = String(i);
			server.write(frame({ opcode: 'text', payload: Buffer.from(text) }));
			server.expect({
				event: 'message', opcode: 'text', len: text.length, wire_len: text.length, frames: 1,
				compressed: false, masked: false, text,
			});
		}
	});
	ws.close();
}, { slow: ['bytes', 'shuffled'] });
