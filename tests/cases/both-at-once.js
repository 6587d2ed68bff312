'use strict';
const { define } = require('../lib/case.js');

/* Client and server have the same address: only the ports tell who is who. */
module.exports = define(module, 'both directions fragmented at once, from an address to itself', (capture) => {
	const ws = capture.session({ clientPort: 7000, serverPort: 60000 });
	const client = Array.from({ length: 12 }, (_, i) => `from the client ${i};`).join('');
	const server = Array.from({ length: 12 }, (_, i) => `from the server ${i};`).join('');
	const pieces = (text) => Buffer.from(text);

	ws.open();
	for (let round = 0; round < 3; round++) {
		const halves = [pieces(client), pieces(server)];
		const [one, other] = halves.map((bytes) => bytes.length / 12);
		for (let i = 0; i < 12; i++) {
			const last = i === 11;
			const opcode = i === 0 ? 'text' : 'continuation';
			const cut = (bytes, size) =>
				bytes.subarray(Math.floor(i * size), last ? bytes.length : Math.floor((i + 1) * size));
			ws.client.raw({ opcode, fin: last, payload: cut(halves[0], one) });
			ws.server.raw({ opcode, fin: last, payload: cut(halves[1], other) });
		}
		for (const [peer, text] of [[ws.client, client], [ws.server, server]])
			peer.expect({
				event: 'message', opcode: 'text', len: text.length, wire_len: text.length, frames: 12,
				compressed: false, masked: peer === ws.client, text,
			});
	}
	ws.close();
});
