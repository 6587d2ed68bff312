'use strict';
const { define } = require('../lib/case.js');

/* The server's answer decides, whatever was offered before and behind it. */
module.exports = define(module, 'several offers, quoted values, other extensions', (capture) => {
	const variants = [
		['x-other; a="quo\\ted"; b, permessage-deflate; client_max_window_bits="10"; server_max_window_bits=9, ' +
			'permessage-deflate', 'permessage-deflate; client_max_window_bits="10"; server_max_window_bits="9"'],
		['permessage-deflate; server_max_window_bits=9, permessage-deflate', 'permessage-deflate'],
		['permessage-deflate', undefined],
		['permessage-deflate;client_max_window_bits', 'permessage-deflate;client_max_window_bits=11'],
	];

	variants.forEach(([deflate, answer], i) => {
		const ws = capture.session({ clientPort: 50000 + i });
		ws.open({ deflate, answer });
		for (let j = 0; j < 3; j++) {
			ws.client.text(`variant ${i} ${'again and '.repeat(300)}`);
			ws.server.text(`variant ${i} ${'again and '.repeat(300)}`);
		}
		ws.close();
	});
});
