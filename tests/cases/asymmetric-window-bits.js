'use strict';
const { define } = require('../lib/case.js');
const { random } = require('../lib/random.js');

/* Words that come again after each distance: what a window of 2^bits can and cannot reach. */
function far(seed, length) {
	return Buffer.from(random(seed).bytes(length).toString('base64'));
}

function talk(ws, distances) {
	for (const distance of distances) {
		ws.client.text(far(1, distance).toString());
		ws.server.text(far(2, distance).toString());
		ws.client.text(far(1, distance).toString());
		ws.server.text(far(2, distance).toString(), { fragments: 3 });
	}
	ws.close();
}

module.exports = define(module, 'window bits that differ between the directions', (capture) => {
	const pairs = [[15, 9], [9, 15], [8, 15], [15, 8], [10, 12], [11, 14], [13, 13]];

	pairs.forEach(([client, server], i) => {
		const ws = capture.session({ clientPort: 50000 + i, timestamps: false });
		ws.open({
			deflate: 'permessage-deflate; client_max_window_bits; server_max_window_bits=15',
			answer: `permessage-deflate; server_max_window_bits=${server}; client_max_window_bits=${client}`,
		});
		talk(ws, i < 2 ? [150, 300, 3000, 20000] : [150, 180, 300, 700, 2000]);
	});
});
