'use strict';
const { define } = require('../lib/case.js');
const { head } = require('../lib/ws.js');

/* The client does not wait: three requests, one with chunks, and then the upgrade; their answers come together. */
module.exports = define(module, 'an upgrade behind requests that are not answered yet', (capture) => {
	const ws = capture.session();

	ws.connect();
	ws.tcp.send('c2s', Buffer.concat([
		head('GET / HTTP/1.1', [['Host', 'a']]), head('HEAD / HTTP/1.1', [['Host', 'a']]),
		head('POST / HTTP/1.1', [['Host', 'a'], ['Transfer-Encoding', 'chunked']]),
		Buffer.from('4\r\nGET \r\n0\r\n\r\n'),
	]));
	ws.handshake({ before: Buffer.concat([
		head('HTTP/1.1 200 OK', [['Transfer-Encoding', 'chunked']]),
		Buffer.from('12\r\nHTTP/1.1 101 x\r\n\r\n\r\n0\r\n\r\n'),
		head('HTTP/1.1 200 OK', [['Content-Length', '1000']]),
		head('HTTP/1.1 204 No Content', []),
	]) });
	ws.server.text('hello');
	ws.close();
}, { ways: ['whole', 'bytes'] });
