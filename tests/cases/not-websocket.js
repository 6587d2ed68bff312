'use strict';
const { define } = require('../lib/case.js');
const { head } = require('../lib/ws.js');

module.exports = define(module, 'connections that are no WebSocket', (capture) => {
	const other = (clientPort, writes) => {
		const ws = capture.session({ clientPort });
		ws.connect();
		writes.forEach(([dir, bytes]) => ws.tcp.send(dir, Buffer.from(bytes)));
		ws.tcp.close();
		ws.expected.conn.push({ event: 'tcp_close', how: 'fin' });
	};
	const get = head('GET /page HTTP/1.1', [['Host', 'a']]);
	const page = Buffer.concat([head('HTTP/1.1 200 OK', [['Content-Length', '5']]), Buffer.from('hello')]);

	other(50001, [['c2s', get], ['s2c', page], ['c2s', get], ['s2c', page]]);
	other(50002, [['s2c', 'SSH-2.0-OpenSSH_9.2\r\n'], ['c2s', 'SSH-2.0-OpenSSH_9.2\r\n'], ['s2c', Buffer.alloc(500, 0x81)]]);
	other(50003, [['c2s', Buffer.from('160301020001000001fc0303', 'hex')], ['s2c', Buffer.alloc(1000, 0x17)]]);
	other(50004, []);
});
