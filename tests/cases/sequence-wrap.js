'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'sequence numbers that wrap around', (capture) => {
	const ws = capture.session({ isn: [0xfffffff0, 0xffffff00] });

	ws.open();
	for (let i = 0; i < 40; i++) {
		ws.client.text(`over the edge, ${i}`);
		ws.server.text(`over the edge too, ${i}`);
	}
	ws.close();
});
