'use strict';
const { define } = require('../lib/case.js');

const long = (count, words) => Array.from({ length: count }, (_, i) => `${words} ${i}`).join(', ');

module.exports = define(module, 'one message over many segments', (capture) => {
	const ws = capture.session({ mss: 100 });

	ws.open();
	ws.client.text(long(300, 'what the browser says'));
	ws.server.text(long(300, 'what the server says: è così'));
	ws.server.binary(Buffer.from(Array.from({ length: 70000 }, (_, i) => i & 0xff)));
	ws.client.text('the end');
	ws.close();
});
