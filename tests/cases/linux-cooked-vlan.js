'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'Linux cooked, with a VLAN tag', (capture) => capture.smallTalk(), {
	link: 'sll', network: { vlans: [{ id: 9 }] },
});
