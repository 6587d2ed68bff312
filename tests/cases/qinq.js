'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'QinQ', (capture) => capture.smallTalk(), {
	network: { vlans: [{ tpid: 0x88a8, id: 5 }, { id: 6 }] },
});
