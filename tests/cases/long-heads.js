'use strict';
const { define } = require('../lib/case.js');
const { head } = require('../lib/ws.js');

const LIMIT = 400;

/* A GET as long as that. */
function page(length) {
	const make = (text) => head('GET / HTTP/1.1', [['Host', 'a'], ['X-Long', text]]);

	return make('x'.repeat(length - make('').length));
}

/* What is too long is said, and what comes behind it is found again. Nothing is kept, and nothing too long, where a head
 * comes in one segment. */
module.exports = define(module, 'heads as long as they may be, and longer', (capture) => {
	[LIMIT, LIMIT + 1, 2 * LIMIT].forEach((length, i) => {
		const ws = capture.session({ clientPort: 51000 + i });

		ws.connect();
		ws.tcp.send('c2s', page(length));
		if (length > LIMIT)
			ws.client.expect({ event: 'limit', limit: 'max-head' });
		ws.tcp.send('s2c', head('HTTP/1.1 200 OK', [['Content-Length', '0']]));
		ws.handshake();
		ws.client.text(`behind ${length}`);
		ws.close();
	});
}, { ways: ['bytes'], args: ['--max-head', `${LIMIT}`] });
