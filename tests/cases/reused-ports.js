'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'the same ports again', (capture) => {
	const first = capture.session({ isn: [1000, 2000] });

	first.open({ path: '/first' });
	first.client.text('the first connection');
	first.close();

	/* Its sequence numbers lie before those of the first. */
	const second = capture.session({ isn: [500, 900] });
	second.open({ path: '/second', deflate: 'permessage-deflate' });
	second.client.text('the second connection');
	second.server.text('yes, the second');
	second.tcp.flush();

	/* The second was never closed: a new SYN takes its place. */
	second.expected.conn.push({ event: 'tcp_close', how: 'reused' });
	const third = capture.session({ isn: [0x80000000, 0x90000000] });
	third.open({ path: '/third' });
	third.client.text('the third connection');
	third.close();
});
