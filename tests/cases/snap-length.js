'use strict';
const { define } = require('../lib/case.js');

const SNAPLEN = 200;
const HEADERS = 14 + 20 + 20 + 12;

/* Packets are cut at 200 bytes; a segment of one byte is never cut. The handshake fits. */
module.exports = define(module, 'a frame cut by the snap length', (capture) => {
	const ws = capture.session({ split: false });
	const long = (peer, header, text) => {
		const there = SNAPLEN - HEADERS - header;
		const cut = capture.way !== 'bytes';
		if (cut)
			peer.expect({ event: 'gap', len: text.length - there });
		peer.text(text, cut ? { expect: { text: text.slice(0, there), truncated: 'missing-bytes' } } : {});
	};

	ws.connect();
	ws.handshake({ request: { Host: 'a', Origin: undefined, 'User-Agent': undefined }, mss: 100 });
	ws.client.text('short');
	long(ws.client, 8, 'c'.repeat(1000));
	ws.client.text('short again');
	long(ws.server, 4, 's'.repeat(30000));
	ws.server.text('short too');
	ws.close();
}, { file: { snaplen: SNAPLEN } });
