'use strict';
const { define } = require('../lib/case.js');

const CODES = [null, 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];

module.exports = define(module, 'close frames with each code that may be sent, and with none', (capture) => {
	CODES.forEach((code, i) => {
		const ws = capture.session({ clientPort: 50000 + i });
		ws.open();
		ws.server.text('goodbye');
		ws.close(code, i % 2 ? 'perché sì' : '');
	});
});
