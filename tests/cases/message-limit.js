'use strict';
const { define } = require('../lib/case.js');

const LIMIT = 1000;

module.exports = define(module, 'a message that is longer than the limit', (capture) => {
	const ws = capture.session();
	const long = (peer, text, fragments) => {
		peer.expect({ event: 'limit', limit: 'max-message' });
		peer.text(text, { fragments, expect: { text: text.slice(0, LIMIT), truncated: 'max-message' } });
	};

	ws.open();
	ws.client.text('c'.repeat(LIMIT));
	long(ws.client, 'c'.repeat(LIMIT + 1), 1);
	ws.client.text('short');
	long(ws.server, 's'.repeat(5000), 7);
	ws.server.text('short');
	ws.close();
}, { args: ['--max-message', String(LIMIT)] });
