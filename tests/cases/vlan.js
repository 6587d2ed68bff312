'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'VLAN', (capture) => capture.smallTalk(), {
	network: { vlans: [{ id: 5, priority: 3 }] },
});
