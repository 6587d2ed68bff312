'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'BSD loopback, NULL', (capture) => capture.smallTalk(), {
	link: 'null',
});
