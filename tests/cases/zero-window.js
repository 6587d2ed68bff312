'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a zero window, probes, and the window again', (capture) => {
	const ws = capture.session();
	const { tcp } = ws;
	const text = 'x'.repeat(2000);

	ws.open();
	ws.server.text(text);
	tcp.flush();
	tcp.segment('c2s', { window: 0 });
	for (let i = 0; i < 3; i++) {
		capture.wait(1e9);
		tcp.segment('s2c', { flags: 'A', payload: Buffer.from([0x81]) });
		tcp.segment('c2s', { window: 0 });
	}
	tcp.segment('c2s', { window: 512 });
	ws.server.text('there is room again');
	ws.close();
});
