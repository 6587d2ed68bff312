'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'Upgrade in any case, in lists, with any white space', (capture) => {
	const variants = [
		[{ Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE' }, { Upgrade: 'WEBSOCKET', Connection: 'upgrade' }],
		[{ Upgrade: undefined, UPGRADE: 'foo, webSocket', Connection: undefined, cOnNeCtIoN: 'Upgrade,keep-alive' }, {}],
		[{ Upgrade: '   websocket  ', Connection: '\tUpgrade' }, { Connection: 'close, Upgrade' }],
	];

	variants.forEach(([request, response], i) => {
		const ws = capture.session({ clientPort: 50000 + i });
		ws.open({ request, response });
		ws.client.text(`variant ${i}`);
		ws.server.text(`variant ${i} it is`);
		ws.close();
	});
});
