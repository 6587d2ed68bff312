'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a ping and a pong whose payload is no text', (capture) => {
	const ws = capture.session();

	ws.open();
	ws.server.ping(Buffer.from([0xff, 0x00, 0x80]));
	ws.client.pong(Buffer.from([0xff, 0x00, 0x80]));
	ws.close();
});
