'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a lost segment in the middle of a message', (capture) => {
	const ws = capture.session();

	ws.open();
	ws.client.text('before');
	ws.server.text('before');
	ws.client.textWithLoss(`${'x'.repeat(300)}${'y'.repeat(300)}${'z'.repeat(300)}`, 308, 608);
	ws.client.text('right behind');
	ws.server.textWithLoss('a'.repeat(100), 12, 52);
	ws.server.text('right behind');
	ws.client.text('the last one');
	ws.close();
});
