'use strict';
const { define } = require('../lib/case.js');

/* A bridge, or the "any" device, shows each packet where it comes in and where it goes out. */
module.exports = define(module, 'packets that were captured twice', (capture) => {
	const ws = capture.session({ client: '10.0.0.1', server: '10.0.0.2' });

	ws.open({ deflate: 'permessage-deflate' });
	for (let i = 0; i < 10; i++) {
		ws.client.text(`number ${i}`);
		ws.server.text(`number ${i} it is`, { fragments: 2 });
	}
	ws.close();
	capture.reorder((packets) => packets.splice(0, packets.length, ...packets.flatMap((packet) => [packet, packet])));
}, { link: 'sll2', ways: ['whole', 'bytes'] });
