'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'fragments with a ping between', (capture) => {
	const ws = capture.session();

	ws.open();
	ws.client.text('a message in three pieces, and a ping between', {
		fragments: 3,
		between: (i) => {
			if (i === 0)
				ws.client.ping('1');
			else
				ws.server.pong('1');
		},
	});
	/* The cuts go through the middle of characters. */
	ws.server.text('猪猪猪猪', { fragments: [1, 1, 2, 4], between: () => ws.server.ping() });
	/* Empty fragments are fragments too. */
	ws.client.text('x', { fragments: [0, 0, 1] });
	ws.server.binary(Buffer.from([1, 2, 3]), { fragments: 3, between: () => ws.client.pong('unasked') });
	ws.close();
});
