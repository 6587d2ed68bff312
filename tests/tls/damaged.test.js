'use strict';
/* Every capture of captures/ with its keys, cut off at each packet, joined at each packet, and with each packet missing:
 * damage/damage.c.
 *
 *     node tests/tls/damaged.test.js [NAME…] */

const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { damage } = require('../lib/damage.js');

const folder = path.join(__dirname, 'captures');
const wanted = process.argv.slice(2);
const names = fs.readdirSync(folder).filter((file) => file.endsWith('.pcap')).map((file) => path.parse(file).name);

for (const name of names.filter((each) => !wanted.length || wanted.includes(each)))
	tap.test(`${name}: damaged at each packet`, () =>
		damage(path.join(folder, `${name}.pcap`), ['--keylog', path.join(folder, `${name}.keys`)]));
tap.done();
