'use strict';
/* Every row of TABLE: what wscap prints is what expected/ holds. With --update, expected/ becomes what it prints. */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { wscap } = require('../lib/wscap.js');
const { fileOf } = require('../tls/captures.js');

const update = process.argv.includes('--update');
const names = process.argv.slice(2).filter((name) => !name.startsWith('--'));

/* Rows of TABLE as { name, lang, capture, args }. */
function table() {
	return fs.readFileSync(path.join(__dirname, 'TABLE'), 'utf8').split('\n')
		.filter((line) => line && !line.startsWith('#'))
		.map((line) => {
			const [name, lang, capture, ...args] = line.split(/\s+/);
			return { name, lang, capture, args };
		});
}

function captured(name) {
	if (name.startsWith('case:'))
		return require(`../cases/${name.slice(5)}.js`).make('whole').bytes();
	return fs.readFileSync(name.startsWith('tls:') ? fileOf(name.slice(4), 'pcap') : path.join(__dirname, name));
}

/* KEYS is the key log of the row's capture. */
const words = (capture, args) => args.map((word) => (word === 'KEYS' ? fileOf(capture.slice(4), 'keys') : word));

/* The first line that differs says more than both texts. */
function sameText(got, wanted) {
	const [a, b] = [got, wanted].map((text) => text.split('\n'));
	const differs = a.findIndex((line, i) => line !== b[i]);
	const at = differs === -1 ? a.length : differs;

	if (differs !== -1 || a.length !== b.length)
		throw new Error(`line ${at + 1} is\n${a[at]}\nand was\n${b[at]}\n` +
			'Where that is meant: tests/golden/update, and read the difference.');
}

for (const { name, lang, capture, args } of table()) {
	if (names.length && !names.includes(name))
		continue;
	const file = path.join(__dirname, 'expected', `${name}.txt`);
	tap.test(`${name}: ${lang} ${capture} ${args.join(' ')}`, () => {
		const { status, stdout, stderr } = wscap(['--lang', lang, '-r', '-', ...words(capture, args)], { input: captured(capture) });
		assert.strictEqual(status, 0, stderr.toString());
		if (update)
			fs.writeFileSync(file, stdout);
		else
			sameText(stdout.toString('latin1'), fs.readFileSync(file, 'latin1'));
	});
}
tap.done();
process.exitCode = update && tap.failures() ? 1 : 0;
