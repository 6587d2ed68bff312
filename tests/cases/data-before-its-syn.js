'use strict';
const { define } = require('../lib/case.js');

/* Packets that were captured in another order than they went: the first data, then the TCP handshake. */
module.exports = define(module, 'data before its SYN', (capture) => {
	const ws = capture.session();

	ws.open();
	ws.client.text('hello');
	ws.server.text('hello to you');
	ws.close();
	capture.reorder((packets) => packets.splice(4, 0, ...packets.splice(0, 3)));
});
