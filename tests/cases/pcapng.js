'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'pcapng', (capture) => capture.smallTalk(), {
	file: { format: 'pcapng' },
});
