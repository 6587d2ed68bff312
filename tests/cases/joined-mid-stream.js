'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'joined mid-stream', (capture) => {
	/* Where a stream begins is decided by its first eight packets. */
	const ws = capture.session({ window: 4 });

	ws.missing(() => {
		ws.open();
		ws.client.text('{"type":"login","name":"nobody"}');
		ws.server.text('{"type":"welcome"}');
	});
	ws.joined();
	for (let i = 0; i < 20; i++) {
		ws.client.text(`{"type":"say","content":"number ${i}"}`);
		ws.server.text(`{"type":"said","content":"number ${i}"}`, { fragments: 1 + (i % 2) });
	}
	ws.client.ping('1');
	ws.server.pong('1');
	ws.close();
});
