'use strict';
const { define } = require('../lib/case.js');

/* Servers that speak first put their first frames into the segment of the 101. */
module.exports = define(module, 'frames in the same segment as the handshake\'s answer', (capture) => {
	const ws = capture.session();

	ws.connect();
	ws.handshake({ behind: () => { ws.server.text('welcome'); ws.server.ping('1'); } });
	ws.client.pong('1');
	ws.client.text('thank you');
	ws.close();
});
