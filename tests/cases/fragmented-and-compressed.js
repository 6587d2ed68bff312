'use strict';
const { define } = require('../lib/case.js');

const words = 'The same words again and again, and again the same words. ';

module.exports = define(module, 'fragmented and compressed', (capture) => {
	const ws = capture.session();

	ws.open({ deflate: 'permessage-deflate' });
	for (let i = 1; i < 8; i++) {
		ws.client.text(`${i}. ${words.repeat(i)}`, { fragments: i, between: () => ws.client.ping(`${i}`) });
		ws.server.text(`${i}: ${words.repeat(2 * i)}`, { fragments: i });
	}
	/* More than a window, in which every fragment cuts a block of DEFLATE somewhere. */
	ws.server.text(Array.from({ length: 20000 }, (_, i) => `${i * 7919}`).join(' '), { fragments: 50 });
	ws.client.binary(Buffer.alloc(100000), { fragments: 2 });
	ws.client.text('');
	ws.close();
});
