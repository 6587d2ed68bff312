'use strict';
/* Every case, each way, cut off at each packet, joined at each packet, and with each packet missing (at some of them where
 * there are many): no crash, no noise (whatever is reported was really sent, by the one who sent it), bounded memory, and
 * the loss is named. damage/damage.c does it.
 *
 *     node tests/cases/damaged.test.js [NAME…] */

const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { damage } = require('../lib/damage.js');

const names = process.argv.slice(2);
const all = fs.readdirSync(__dirname).filter((name) => name.endsWith('.js') && !name.endsWith('.test.js')).sort();

for (const file of all) {
	const name = path.basename(file, '.js');
	if (names.length && !names.includes(name))
		continue;
	const it = require(`./${file}`);
	for (const way of it.ways.filter((each) => !it.slow.includes(each))) {
		tap.test(`${name}, ${way}: damaged at each packet`,
			 () => damage(it.make(way).bytes(), it.args));
	}
}
tap.done();
