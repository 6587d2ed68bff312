'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a capture file with nanoseconds', (capture) => capture.smallTalk(), {
	file: { nano: true },
});
