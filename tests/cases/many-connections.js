'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'many connections at once', (capture) => {
	const all = Array.from({ length: 60 }, (_, i) =>
		capture.session({ clientPort: 40000 + i, client: `10.0.0.${1 + (i % 5)}` }));

	all.forEach((ws, i) => ws.open(i % 2 ? { deflate: 'permessage-deflate' } : {}));
	for (let round = 0; round < 5; round++)
		all.forEach((ws, i) => {
			ws.client.text(`{"type":"say","content":"${round} of ${i}"}`);
			ws.server.text(`{"type":"said","content":"${round} of ${i}"}`);
		});
	all.forEach((ws) => ws.close());
});
