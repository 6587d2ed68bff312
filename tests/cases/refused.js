'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a handshake that is refused', (capture) => {
	const ws = capture.session();

	ws.connect();
	ws.handshake({
		status: '403 Forbidden', expect: { accept_ok: undefined },
		response: { 'Sec-WebSocket-Accept': undefined, Upgrade: undefined, Connection: 'close', 'Content-Length': '0' },
	});
	ws.tcp.close('s2c');
	ws.expected.conn.push({ event: 'tcp_close', how: 'fin' });
});
