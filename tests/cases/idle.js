'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a connection that says nothing for too long', (capture) => {
	const quiet = capture.session({ clientPort: 50001 });
	const busy = capture.session({ clientPort: 50002 });

	quiet.open();
	busy.open();
	quiet.client.text('and now nothing');
	quiet.tcp.flush();
	for (let i = 0; i < 20; i++) {
		capture.wait(1e9);
		busy.client.text(`still here ${i}`);
		busy.tcp.flush();
	}
	quiet.expected.conn.push({ event: 'tcp_close', how: 'timeout' });
	busy.close();
}, { args: ['--idle-timeout', '10'] });
