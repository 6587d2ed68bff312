'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'compressed and uncompressed messages mixed', (capture) => {
	const ws = capture.session();

	ws.open({ deflate: 'permessage-deflate' });
	for (let i = 0; i < 10; i++) {
		ws.client.text(`the client's words, number ${i}`, { compress: i % 3 !== 0, fragments: 1 + (i % 2) });
		ws.server.text(`the server's words, number ${i}`, { compress: i % 2 === 0 });
		ws.server.binary(Buffer.from(`bytes ${i}`), { compress: i % 2 === 1, fragments: 2 });
	}
	ws.close();
});
