'use strict';
const { define } = require('../lib/case.js');
const { CUT } = require('../lib/tunnels.js');

/* Each packet in pieces. */
module.exports = define(module, 'IP fragments', (capture) => capture.smallTalk(), {
	network: { wrap: CUT.fragments4.wrap },
});
