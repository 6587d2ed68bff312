'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a message of 10 MiB', (capture) => {
	const ws = capture.session({ timestamps: false });
	const text = 'ten megabytes of it. '.repeat(500000).slice(0, 10 << 20);

	ws.open();
	ws.client.text(text);
	ws.client.text('and a short one');
	if (capture.way !== 'bytes')
		ws.server.text(text, { fragments: 100 });
	ws.server.text('and a short one');
	ws.close();
}, { slow: ['bytes'] });
