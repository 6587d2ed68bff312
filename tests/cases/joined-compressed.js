'use strict';
const { define } = require('../lib/case.js');

const words = 'The words of the first message, of which the later ones consist: ';

/* The server's later messages refer to bytes that nobody captured; the client's context is its own in each message. */
module.exports = define(module, 'joined mid-stream, compressed', (capture) => {
	/* Where a stream begins is decided by its first eight packets. */
	const ws = capture.session({ window: 4 });

	ws.missing(() => {
		ws.open({ deflate: 'permessage-deflate; client_no_context_takeover' });
		ws.client.text(words);
		ws.server.text(words);
	});
	ws.joined();
	for (let i = 0; i < 10; i++) {
		/* What came too late for that may be missing. */
		const expect = i === 0 && capture.way === 'shuffled' ? { maybe: true } : {};
		ws.client.text(`${words}${i}`, { expect });
		ws.server.unreadable(`${words}${i}`, expect);
	}
	ws.server.text('not compressed', { compress: false });
	ws.close();
});
