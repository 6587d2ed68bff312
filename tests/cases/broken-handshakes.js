'use strict';
const { define } = require('../lib/case.js');

const REQUEST = 'RFC 6455, section 4.1';
const RESPONSE = 'RFC 6455, section 4.2.2';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/* rule, section, and what is changed of a good handshake */
const broken = [
	['request-method', REQUEST, { method: 'POST' }],
	['request-http-version', REQUEST, { version: 'HTTP/1.0' }],
	['request-host', REQUEST, { request: { Host: undefined } }],
	['request-upgrade', REQUEST, { request: { Upgrade: 'h2c' } }],
	['request-connection', REQUEST, { request: { Connection: 'keep-alive' } }],
	['request-key', REQUEST, { request: { 'Sec-WebSocket-Key': 'c2hvcnQ=' } }],
	['request-key', REQUEST, { request: { 'Sec-WebSocket-Key': 'not base64, but 24 long!' } }],
	['request-key', REQUEST, { request: { 'Sec-WebSocket-Key': KEY, 'sec-websocket-key': KEY } }],
	['request-version', REQUEST, { request: { 'Sec-WebSocket-Version': '12' } }],
	['response-upgrade', RESPONSE, { response: { Upgrade: 'h2c' } }],
	['response-connection', RESPONSE, { response: { Connection: 'keep-alive' } }],
	['response-protocol', RESPONSE, {
		request: { 'Sec-WebSocket-Protocol': 'chat, superchat' }, response: { 'Sec-WebSocket-Protocol': 'megachat' },
	}],
	['response-extension', 'RFC 6455, section 9.1', { deflate: undefined, answer: 'permessage-deflate' }],
	['response-extension', 'RFC 6455, section 9.1', {
		deflate: 'permessage-deflate', answer: 'permessage-deflate; client_max_window_bits=10',
	}],
];

module.exports = define(module, 'handshakes that break each rule', (capture) => {
	broken.forEach(([rule, section, change], i) => {
		const ws = capture.session({ clientPort: 50000 + i });
		const peer = rule.startsWith('request') ? ws.client : ws.server;
		peer.violation(rule, section);
		ws.open(change);
		ws.client.text('it goes on', { compress: false });
		ws.server.text('all the same', { compress: false });
		ws.close();
	});
});
