'use strict';
const { define } = require('../lib/case.js');
const { closePayload } = require('../lib/ws.js');

const FRAMING = 'RFC 6455, section 5.2';
const MASKING = 'RFC 6455, section 5.1';
const FRAGMENTS = 'RFC 6455, section 5.4';
const CONTROL = 'RFC 6455, section 5.5';
const CLOSE = 'RFC 6455, section 5.5.1';
const DEFLATE = 'RFC 7692, section 6.1';

const text = (word) => ({ opcode: 'text', payload: Buffer.from(word) });
const message = (peer, word, more = {}) => peer.expect({
	event: 'message', opcode: 'text', len: word.length, wire_len: word.length, frames: 1, compressed: false,
	masked: peer.dir === 'c2s', text: word, ...more,
});
const control = (peer, opcode, payload, more = {}) => peer.expect({
	event: 'control', opcode, len: payload.length, wire_len: payload.length, frames: 1, compressed: false,
	masked: peer.dir === 'c2s', ...more,
});

/* Each breaks one rule: what is sent, and what is to be found. The frame itself is shown too, as far as it can be read. */
const rules = [
	(ws) => {
		ws.client.violation('reserved-bit', FRAMING);
		ws.client.raw({ ...text('RSV2'), rsv: 2 });
		message(ws.client, 'RSV2');
		ws.server.violation('reserved-bit', FRAMING);
		ws.server.raw({ ...text('RSV1 without an extension'), rsv: 4 });
		message(ws.server, 'RSV1 without an extension');
	},
	(ws) => {
		ws.client.violation('reserved-opcode', FRAMING);
		ws.client.raw({ ...text('three'), opcode: 3 });
		message(ws.client, 'three', { opcode: 'reserved' });
		ws.server.violation('reserved-opcode', FRAMING);
		ws.server.raw({ ...text('eleven'), opcode: 11 });
		control(ws.server, 'reserved', 'eleven', { text: 'eleven' });
	},
	(ws) => {
		ws.client.violation('length-form', FRAMING);
		ws.client.raw({ ...text('two bytes'), form: 2 });
		message(ws.client, 'two bytes');
		ws.server.violation('length-form', FRAMING);
		ws.server.raw({ ...text('eight bytes'), form: 8 });
		message(ws.server, 'eight bytes');
	},
	(ws) => {
		ws.client.violation('client-unmasked', MASKING);
		ws.client.raw({ ...text('plain'), mask: null });
		message(ws.client, 'plain', { masked: false });
	},
	(ws) => {
		ws.server.violation('server-masked', MASKING);
		ws.server.raw({ ...text('masked'), mask: Buffer.from([1, 2, 3, 4]) });
		message(ws.server, 'masked', { masked: true });
	},
	(ws) => {
		ws.client.violation('control-fragmented', CONTROL);
		ws.client.raw({ opcode: 'ping', payload: Buffer.from('half'), fin: false });
		control(ws.client, 'ping', 'half', { text: 'half' });
	},
	(ws) => {
		ws.server.violation('control-length', CONTROL);
		ws.server.raw({ opcode: 'ping', payload: Buffer.alloc(126, 0x61) });
		/* As much of it is kept as a control frame may have. */
		control(ws.server, 'ping', 'a'.repeat(126), { text: 'a'.repeat(125), truncated: 'max-message' });
	},
	(ws) => {
		ws.client.violation('continuation-stray', FRAGMENTS);
		ws.client.raw({ opcode: 'continuation', payload: Buffer.from('of nothing') });
		message(ws.client, 'of nothing', { opcode: 'continuation' });
	},
	(ws) => {
		ws.server.raw({ ...text('never '), fin: false });
		ws.server.violation('continuation-expected', FRAGMENTS);
		message(ws.server, 'never ', { truncated: 'missing-bytes' });
		ws.server.raw(text('ended'));
		message(ws.server, 'ended');
	},
	(ws) => {
		const bytes = Buffer.from([0x61, 0xc3, 0x28]);
		ws.client.violation('text-utf8', 'RFC 6455, section 8.1');
		ws.client.raw({ opcode: 'text', payload: bytes });
		message(ws.client, bytes, { text: undefined, base64: bytes.toString('base64') });
	},
	(ws) => {
		ws.server.violation('close-length', CLOSE);
		ws.server.raw({ opcode: 'close', payload: Buffer.from([3]) });
		control(ws.server, 'close', 'x');
	},
	...[999, 1004, 1005, 1006, 1015, 1016, 2999, 5000].map((code) => (ws) => {
		ws.client.violation('close-code', 'RFC 6455, section 7.4');
		ws.client.raw({ opcode: 'close', payload: closePayload(code, 'why') });
		control(ws.client, 'close', 'xxwhy', { close_code: code, close_reason: 'why' });
	}),
	(ws) => {
		const reason = Buffer.from([0x61, 0xff]);
		ws.client.violation('close-utf8', CLOSE);
		ws.client.raw({ opcode: 'close', payload: Buffer.concat([closePayload(1000), reason]) });
		control(ws.client, 'close', 'xxxx', { close_code: 1000, close_reason: 'a\ufffd' });
	},
	(ws) => {
		ws.server.close(1000, '');
		ws.server.violation('after-close', CLOSE);
		ws.server.raw(text('one more thing'));
		message(ws.server, 'one more thing');
	},
	(ws) => {
		ws.client.violation('compressed-control', DEFLATE);
		ws.client.raw({ opcode: 'ping', payload: Buffer.from('x'), rsv: 4 });
		control(ws.client, 'ping', 'x', { text: 'x' });
	},
	(ws) => {
		ws.server.raw({ ...text('two '), fin: false });
		ws.server.violation('compressed-continuation', DEFLATE);
		ws.server.raw({ opcode: 'continuation', payload: Buffer.from('parts'), rsv: 4 });
		message(ws.server, 'two parts', { frames: 2 });
	},
	(ws) => {
		ws.client.violation('inflate', 'RFC 7692, section 7.2.2');
		ws.client.raw({ opcode: 'text', payload: Buffer.from([0x07, 0xff, 0xff]), rsv: 4 });
		ws.client.expect({
			event: 'message', opcode: 'text', len: 0, wire_len: 3, frames: 1, compressed: true, masked: true,
			truncated: 'bad-deflate', text: '',
		});
	},
];
/* Of a frame with 2^63 and more bytes the end never comes: what is there when the capture ends is shown. */
const endless = (ws) => {
	ws.client.violation('length-sign', FRAMING);
	ws.client.raw({ ...text('begun'), length: (1n << 63n) + 5n });
	message(ws.client, 'begun', { truncated: 'missing-bytes' });
};

module.exports = define(module, 'frames that break each rule', (capture) => {
	const needDeflate = rules.slice(-3);

	rules.forEach((broken, i) => {
		const ws = capture.session({ clientPort: 50000 + i });
		ws.open(needDeflate.includes(broken) ? { deflate: 'permessage-deflate' } : {});
		ws.client.text('before', { compress: false });
		broken(ws);
		ws.tcp.flush();
		ws.tcp.close('s2c');
		ws.expected.conn.push({ event: 'tcp_close', how: 'fin' });
	});
	const ws = capture.session({ clientPort: 40000 });
	ws.open();
	endless(ws);
});
