'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'BSD loopback, LOOP', (capture) => capture.smallTalk(), {
	link: 'loop',
});
