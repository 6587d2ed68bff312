'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'keep-alives', (capture) => {
	const ws = capture.session();
	const { tcp } = ws;

	ws.open();
	for (let i = 0; i < 4; i++) {
		ws.client.text(`number ${i}`);
		tcp.flush();
		capture.wait(5e9);
		/* With no byte, and with one that is rubbish. */
		tcp.segment('c2s', { offset: tcp.ends.c2s.next - 1, flags: 'A', payload: Buffer.alloc(i % 2) });
		tcp.ack('s2c');
		capture.wait(5e9);
		tcp.segment('s2c', { offset: tcp.ends.s2c.next - 1, flags: 'A', payload: Buffer.alloc(i % 2) });
		tcp.ack('c2s');
		ws.server.text(`number ${i} it is`);
		tcp.flush();
	}
	ws.close();
});
