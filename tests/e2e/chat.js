'use strict';
/* A real conversation between a real server and real clients: Debian's node-ws, on loopback. */

const WebSocket = require('ws');

const once = (emitter, event) => new Promise((resolve, reject) => {
	emitter.once(event, resolve);
	emitter.once('error', reject);
});

/* Texts and bytes of many lengths, some that a terminal would not like. */
function payloads(who) {
	const lengths = [0, 1, 125, 126, 1000, 65535, 65536, 200000];
	const texts = lengths.map((length) => `${who} ${length} ${'words and words '.repeat(length / 16)}`.slice(0, length));

	return [...texts, `{"type":"say","name":"${who}","content":"猪猪 \u001b[31m"}`, Buffer.from([0, 1, 2, 254, 255]),
		Buffer.alloc(70000, 0xfe)];
}

/* Client and server send each other payloads(), all at the same time, with pings; then the client closes. perMessageDeflate
 * as node-ws takes it. Returns what was sent: { c2s, s2c }, each a list of strings and Buffers, and the port. */
async function converse({ perMessageDeflate, port = 0, started = () => {} }) {
	const server = new WebSocket.WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate });
	await once(server, 'listening');
	const address = server.address();
	await started(address.port);

	const sent = { c2s: payloads('client'), s2c: payloads('server') };
	const counts = { c2s: 0, s2c: 0 };
	const accepted = once(server, 'connection');
	const client = new WebSocket(`ws://127.0.0.1:${address.port}/chat`, { perMessageDeflate });
	await once(client, 'open');
	const peer = await accepted;
	const done = new Promise((resolve) => {
		const count = (dir) => () => {
			counts[dir]++;
			if (counts.c2s === sent.c2s.length && counts.s2c === sent.s2c.length)
				resolve();
		};
		peer.on('message', count('c2s'));
		client.on('message', count('s2c'));
	});
	for (let i = 0; i < sent.c2s.length; i++) {
		client.send(sent.c2s[i], { compress: i % 3 !== 2 });
		peer.send(sent.s2c[i], { compress: i % 4 !== 3 });
	}
	/* And one in pieces. */
	['one ', 'message ', 'in pieces'].forEach((piece, i) => client.send(piece, { fin: i === 2 }));
	sent.c2s.push('one message in pieces');
	client.ping('are you there');
	await done;
	const closed = once(peer, 'close');
	client.close(1000, 'goodbye');
	await closed;
	await new Promise((resolve) => server.close(resolve));
	return { sent, port: address.port };
}

module.exports = { converse };
