'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'Linux cooked', (capture) => capture.smallTalk(), {
	link: 'sll',
});
