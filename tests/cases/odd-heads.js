'use strict';
const { define } = require('../lib/case.js');
const { head } = require('../lib/ws.js');

const FOLDING = ['line-folding', 'RFC 9112, section 5.2'];
const plain = (ws, request, answer) => {
	ws.tcp.send('c2s', request);
	ws.tcp.send('s2c', answer);
};
const nothing = head('HTTP/1.1 200 OK', [['Content-Length', '0']]);
const get = (...fields) => head('GET / HTTP/1.1', [['Host', 'a'], ...fields]);
const chunks = (...trailers) => Buffer.from(['5;note="1"', 'hello', '0', ...trailers, '', ''].join('\r\n'));

const variants = {
	'folded lines in the request': (ws) => {
		ws.client.violation(...FOLDING);
		ws.handshake({ request: { Connection: 'keep-alive,\r\n Upgrade', 'User-Agent': 'one\r\n\ttwo' },
			       expect: { user_agent: 'one   two' } });
	},
	'folded lines in the answer': (ws) => {
		ws.handshake({ response: { 'X-Note': 'one\r\n two\r\n three' } });
		ws.server.violation(...FOLDING);
	},
	'folded lines of a page, and of its answer': (ws) => {
		plain(ws, get(['X-Note', 'a\r\n b']), head('HTTP/1.1 200 OK', [['X-Note', 'a\r\n b'], ['Content-Length', '0']]));
		ws.handshake();
	},
	'interim answers before the upgrade': (ws) => ws.handshake({ before: Buffer.concat([
		head('HTTP/1.1 100 Continue', []), head('HTTP/1.1 103 Early Hints', [['Link', '</style.css>']]),
	]) }),
	'answers without the content that they tell of': (ws) => {
		plain(ws, head('HEAD / HTTP/1.1', [['Host', 'a']]), head('HTTP/1.1 200 OK', [['Content-Length', '2000']]));
		plain(ws, get(), head('HTTP/1.1 304 Not Modified', [['Content-Length', '2000']]));
		plain(ws, get(), head('HTTP/1.1 204 No Content', []));
		ws.handshake();
	},
	'chunks with trailers, both ways': (ws) => {
		const fields = [['Host', 'a'], ['Transfer-Encoding', 'gzip, chunked']];

		ws.tcp.send('c2s', Buffer.concat([head('POST / HTTP/1.1', fields), chunks('X-Sum: 1', 'GET: 2')]));
		ws.handshake({ before: Buffer.concat([head('HTTP/1.1 200 OK', fields), chunks('X-Sum: 1', 'HTTP: 2')]) });
	},
	/* RFC 9112, section 6.3: the chunks count. */
	'Content-Length and Transfer-Encoding': (ws) => {
		const fields = [['Host', 'a'], ['Content-Length', '3'], ['Transfer-Encoding', 'chunked']];

		ws.tcp.send('c2s', Buffer.concat([head('POST / HTTP/1.1', fields), chunks()]));
		ws.handshake({ before: Buffer.concat([head('HTTP/1.1 200 OK', fields), chunks()]) });
	},
	'an answer whose length nobody knows, and another behind it': (ws) => {
		ws.tcp.send('c2s', get());
		ws.handshake({ before: Buffer.concat([head('HTTP/1.1 200 OK', [['Content-Length', '2, 3']]), Buffer.from('...')]) });
	},
	'a lower-case method': (ws) => {
		ws.client.violation('request-method', 'RFC 6455, section 4.1');
		ws.handshake({ method: 'get' });
	},
	'a whole URI as the target': (ws) => ws.handshake({ path: 'http://a.example/chat?room=1' }),
	'a target that is no path': (ws) => {
		plain(ws, head('OPTIONS * HTTP/1.1', [['Host', 'a']]), nothing);
		ws.handshake();
	},
	'bare line feeds': (ws) => {
		const { send } = ws.tcp;

		ws.tcp.send = (dir, bytes) => send.call(ws.tcp, dir, Buffer.from(bytes.toString('latin1').replace(/\r\n/g, '\n'), 'latin1'));
		ws.handshake();
		ws.tcp.send = send;
	},
	'empty lines before the request': (ws) => {
		ws.tcp.send('c2s', Buffer.from('\r\n\r\n\n'));
		ws.handshake();
	},
	'a field that is none, in a request before': (ws) => {
		plain(ws, Buffer.from('GET / HTTP/1.1\r\nHost : a\r\n\r\n'), head('HTTP/1.1 400 Bad Request', [['Content-Length', '0']]));
		ws.handshake();
	},
	'old HTTP before': (ws) => {
		plain(ws, head('GET / HTTP/1.0', [['Connection', 'keep-alive']]), head('HTTP/1.0 200 OK', [['Content-Length', '0']]));
		ws.handshake();
	},
};

/* A WebSocket stands behind each of them, and is followed. */
module.exports = define(module, 'heads as RFC 9112 has them, and does not have them', (capture) => {
	Object.entries(variants).forEach(([name, play], i) => {
		const ws = capture.session({ clientPort: 51000 + i });

		ws.connect();
		play(ws);
		ws.server.text(`behind ${name}`);
		ws.client.text('it is');
		ws.close();
	});
}, { ways: ['whole', 'bytes'] });
