'use strict';
const { define } = require('../lib/case.js');
const { frame } = require('../lib/ws.js');

/* Whole segments with whole frames in them are gone; what follows begins with a frame. */
module.exports = define(module, 'lost segments with whole frames', (capture) => {
	const ws = capture.session();
	const lost = (peer, texts) => {
		const mask = peer === ws.client ? Buffer.from('mask') : null;
		const bytes = Buffer.concat(texts.map((text) => frame({ opcode: 'text', payload: Buffer.from(text), mask })));
		ws.tcp.lose(peer.dir, bytes);
		peer.expect({ event: 'gap', len: bytes.length });
	};

	ws.open();
	ws.client.text('{"type":"say","content":"one"}');
	lost(ws.client, ['{"type":"say","content":"two"}', '{"type":"say","content":"three"}']);
	ws.client.text('{"type":"say","content":"four"}');
	ws.server.text('{"type":"said","content":"one"}');
	lost(ws.server, ['{"type":"said","content":"two"}']);
	ws.server.text('{"type":"said","content":"four"}');
	ws.server.text('{"type":"said","content":"five"}');
	ws.close();
});
