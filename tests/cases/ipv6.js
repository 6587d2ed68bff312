'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'IPv6, with and without extension headers', (capture) => {
	const plain = capture.session({ client: 'fe80::1', server: '2001:db8::2:1' });

	plain.open({ deflate: 'permessage-deflate' });
	plain.client.text('over IPv6');
	plain.server.text('over IPv6 too', { fragments: 2 });
	plain.close();

	capture.network.ip = { extensions: [{ header: 0, body: [1, 4, 0, 0, 0, 0] }, { header: 60, body: [1, 4, 0, 0, 0, 0] }] };
	const extended = capture.session({ client: '::1', server: '::1', clientPort: 50001 });
	extended.open();
	extended.client.text('behind extension headers');
	extended.close();
});
