'use strict';
const { define } = require('../lib/case.js');
const { head } = require('../lib/ws.js');

/* HTTP keeps the connection: a page first, and then the WebSocket. */
module.exports = define(module, 'a handshake behind an ordinary request', (capture) => {
	const ws = capture.session();

	ws.connect();
	ws.tcp.send('c2s', head('GET /page HTTP/1.1', [['Host', 'a']]));
	ws.tcp.send('s2c', Buffer.concat([head('HTTP/1.1 401 Unauthorized', [['Content-Length', '5']]), Buffer.from('hello')]));
	ws.tcp.flush();
	ws.handshake();
	ws.client.text('at last');
	ws.server.text('at last');
	ws.close();
});
