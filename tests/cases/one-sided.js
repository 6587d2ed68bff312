'use strict';
const { define } = require('../lib/case.js');

/* Two conversations; of each, one direction was captured. */
module.exports = define(module, 'captures of one side', (capture) => {
	const talk = (ws) => {
		ws.open();
		for (let i = 0; i < 10; i++) {
			ws.client.text(`{"type":"say","content":"number ${i}"}`);
			ws.server.text(`{"type":"said","content":"number ${i}"}`);
		}
		ws.close();
	};
	const client = capture.session({ clientPort: 50001 });
	const server = capture.session({ clientPort: 50002 });

	talk(client);
	talk(server);
	client.only('c2s');
	server.only('s2c');

	/* The request without its answer opens nothing: the client's frames are found behind it. */
	client.expected.conn = client.expected.conn.filter(({ event }) => event === 'tcp_open');
	client.expected.c2s.unshift({ dir: 'c2s', event: 'mid_stream' });
	/* The answer says by itself that a WebSocket was opened. A side of which no byte was seen has no gaps. */
	const [opened, { status }] = server.expected.conn;
	server.expected.conn = [opened, { event: 'handshake', client: opened.client, server: opened.server, status }];
});
