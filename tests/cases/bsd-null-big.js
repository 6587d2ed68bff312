'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'BSD loopback, NULL, from a big-endian machine', (capture) => capture.smallTalk(), {
	link: 'null', network: { bigEndian: true }, file: { bigEndian: true },
});
