'use strict';
const { define } = require('../lib/case.js');

const no = { 'Sec-WebSocket-Accept': undefined, Upgrade: undefined, Connection: undefined, 'Content-Length': '0' };

/* Each refusal says why; the client asks again on the same connection, and once it is let in. */
module.exports = define(module, 'handshakes that are refused, and told why', (capture) => {
	const ws = capture.session();
	const refuse = (status, fields, expect) => {
		ws.handshake({ status, response: { ...no, ...fields },
			       expect: { accept_ok: undefined, ...expect } });
	};

	ws.connect();
	refuse('301 Moved Permanently', { Location: 'wss://b.example/chat' }, { location: 'wss://b.example/chat' });
	refuse('401 Unauthorized', { 'WWW-Authenticate': 'Basic realm="chat"' }, { authenticate: 'Basic realm="chat"' });
	refuse('503 Service Unavailable', { 'Retry-After': '120' }, { retry_after: '120' });
	ws.handshake();
	ws.client.text('at last');
	ws.close();
});
