'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'several messages in one segment', (capture) => {
	const ws = capture.session();

	ws.open();
	ws.client.together((client) => {
		client.text('{"type":"login","name":"mynick"}');
		client.text('');
		client.binary(Buffer.from([0, 1, 254, 255]));
		client.ping('are you there');
		client.text('猪猪 says hi 🐷');
	});
	ws.server.together((server) => {
		server.pong('are you there');
		for (let i = 0; i < 20; i++)
			server.text(`message ${i}`);
		server.binary(Buffer.alloc(200, 0x80));
	});
	ws.close();
});
