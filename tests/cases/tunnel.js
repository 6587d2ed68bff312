'use strict';
const { define } = require('../lib/case.js');
const { head } = require('../lib/ws.js');

/* A proxy: refused first, then a tunnel in which the WebSocket begins as on a connection of its own. */
module.exports = define(module, 'a WebSocket in a tunnel through a proxy', (capture) => {
	const ws = capture.session();
	const ask = () => ws.tcp.send('c2s', head('CONNECT b.example:80 HTTP/1.1', [['Host', 'b.example:80']]));
	const answer = (status, fields, expected) => {
		ws.tcp.send('s2c', head(`HTTP/1.1 ${status}`, fields));
		ws.tcp.flush();
		ws.expected.conn.push({ event: 'tunnel', target: 'b.example:80', status: Number(status.slice(0, 3)), ...expected });
	};

	ws.connect();
	ask();
	answer('407 Proxy Authentication Required', [['Proxy-Authenticate', 'Basic'], ['Content-Length', '0']],
	       { reason: 'Proxy Authentication Required', authenticate: 'Basic' });
	ask();
	answer('302 Found', [['Location', 'http://login.example/'], ['Retry-After', '5'], ['Content-Length', '0']],
	       { reason: 'Found', location: 'http://login.example/', retry_after: '5' });
	ask();
	answer('200 Connection established', []);
	ws.handshake();
	ws.client.text('through');
	ws.server.text('and back');
	ws.close();
});
