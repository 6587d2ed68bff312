'use strict';
const { define } = require('../lib/case.js');

/* Segments as the network card gets them, longer than any MTU; those of 65,536 bytes and more have 0 for IP's length. */
module.exports = define(module, 'segments before offload, with an IP length of 0', (capture) => {
	const ws = capture.session({ timestamps: false, mss: 200000 });

	ws.open();
	ws.client.text('short');
	capture.network.ip = { totalLength: 0 };
	ws.client.text('c'.repeat(150000));
	ws.server.text('s'.repeat(190000), { fragments: 2 });
	ws.client.text('e'.repeat(20000));
	ws.tcp.flush();
	capture.network.ip = {};
	ws.server.text('short');
	ws.close();
}, { ways: ['whole'] });
