'use strict';
const { define } = require('../lib/case.js');

const words = 'Words that come back in each message, so that a context that is not forgotten would be used. ';

function talk(ws) {
	for (let i = 0; i < 5; i++) {
		ws.client.text(`client ${i}: ${words}`);
		ws.server.text(`server ${i}: ${words}`, { fragments: 2 });
	}
	ws.close();
}

module.exports = define(module, 'no_context_takeover of one side, of the other, and of both', (capture) => {
	['client_no_context_takeover', 'server_no_context_takeover',
		'client_no_context_takeover; server_no_context_takeover'].forEach((parameters, i) => {
		const ws = capture.session({ clientPort: 50000 + i });
		ws.open({ deflate: `permessage-deflate; ${parameters}` });
		talk(ws);
	});
});
