'use strict';
const { define } = require('../lib/case.js');

module.exports = define(module, 'Linux cooked, version 2', (capture) => capture.smallTalk(), {
	link: 'sll2',
});
