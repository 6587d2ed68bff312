'use strict';
/* What holds between the outputs of any capture: the story without its comment blocks is what `packets` prints, in each
 * language, and `packets` of the document's capture is what tcpdump printed. */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { wscap } = require('../lib/wscap.js');
const { withoutBlocks } = require('../lib/story.js');

const document = fs.readFileSync(path.join(__dirname, 'workerman-chat-2014.pcap'));
const cases = ['hostile', 'broken-rules', 'broken-handshakes', 'overlaps', 'lost-segment', 'joined-compressed', 'not-websocket',
	       'captured-twice', 'ipv6', 'keep-alive', 'zero-window'];
const captures = [['the document', document],
		  ...cases.map((name) => [name, require(`../cases/${name}.js`).make('whole').bytes()])];

function printed(input, ...args) {
	const { status, stdout, stderr } = wscap(['-r', '-', ...args], { input });

	assert.strictEqual(status, 0, stderr.toString());
	return stdout.toString('latin1');
}

for (const [name, capture] of captures)
	for (const lang of ['en', 'it', 'zh_CN'])
		for (const options of ['-n', '-An', '-Xnvv', '-ennS'])
			tap.test(`${name}: story ${options} in ${lang} without its blocks is packets`, () => {
				const story = printed(capture, options, '--lang', lang);
				assert.strictEqual(withoutBlocks(story), printed(capture, options, '--format', 'packets'));
			});

tap.test('packets of the document is tcpdump\'s own output', () =>
	assert.strictEqual(printed(document, '-Ans', '4096', '--format', 'packets'),
			   fs.readFileSync(path.join(__dirname, 'workerman-chat-2014.A.txt'), 'latin1')));

for (const format of ['story', 'packets', 'messages', 'json', 'null'])
	tap.test(`${format} is the same whatever the locale, where a machine reads it`, () => {
		const italian = printed(document, '-n', '--format', format, '--lang', 'it');
		const english = printed(document, '-n', '--format', format, '--lang', 'en');
		assert.strictEqual(italian === english, format !== 'story');
	});
tap.done();
