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
});
