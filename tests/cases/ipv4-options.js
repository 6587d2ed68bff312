'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'IPv4 with options', (capture) => {
	const ws = capture.session({ client: '192.0.2.1', server: '198.51.100.2' });

	ws.open();
	ws.client.text('behind a router alert');
	ws.server.text('and back');
	ws.close();
}, { network: { ip: { options: Buffer.from([148, 4, 0, 0, 1, 1, 1, 0]) } } });
