'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'pcapng, big-endian, nanoseconds', (capture) => capture.smallTalk(), {
	file: { format: 'pcapng', bigEndian: true, nano: true },
});
