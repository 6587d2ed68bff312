'use strict';
const { define } = require('../lib/case.js');

/* In the middle of a message: what came of it is not a message. */
module.exports = define(module, 'a connection that is reset', (capture) => {
	const ws = capture.session();

	ws.open();
	ws.client.text('before');
	ws.server.text('before');
	ws.tcp.reset('s2c');
	ws.expected.conn.push({ event: 'tcp_close', how: 'rst' });
});
