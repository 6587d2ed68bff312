'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a handshake with a wrong accept value', (capture) => {
	const ws = capture.session();

	ws.server.violation('response-accept', 'RFC 6455, section 4.2.2');
	ws.open({ response: { 'Sec-WebSocket-Accept': 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }, expect: { accept_ok: false } });
	ws.client.text('it goes on all the same');
	ws.server.text('so it does');
	ws.close();
});
