'use strict';
const { define } = require('../lib/case.js');
const { frame } = require('../lib/ws.js');

/* The beginning of a message is lost with its header: where it ends can only be found by what comes next, and what is
 * there of it is told as a gap of its own. */
module.exports = define(module, 'a lost frame boundary', (capture) => {
	const ws = capture.session();
	const half = (peer, mask) => {
		const bytes = frame({ opcode: 'text', payload: Buffer.from('~'.repeat(300)), mask });

		ws.tcp.lose(peer.dir, bytes.subarray(0, 100));
		ws.tcp.send(peer.dir, bytes.subarray(100));
		peer.expect({ event: 'gap', len: 100 });
		peer.expect({ event: 'gap', len: bytes.length - 100, captured: true });
	};

	ws.open();
	ws.client.text('{"type":"say","content":"one"}');
	ws.server.text('{"type":"said","content":"one"}');
	half(ws.client, Buffer.from([0x12, 0x34, 0x56, 0x78]));
	ws.client.text('{"type":"say","content":"three"}');
	half(ws.server, null);
	ws.server.text('{"type":"said","content":"three"}');
	ws.close();
}, { ways: ['whole'] });
