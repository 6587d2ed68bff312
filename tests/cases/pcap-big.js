'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'a big-endian capture file', (capture) => capture.smallTalk(), {
	file: { bigEndian: true },
});
