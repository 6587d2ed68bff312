'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'raw IP', (capture) => capture.smallTalk(), {
	link: 'raw',
});
