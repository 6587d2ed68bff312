'use strict';
/* Text that would drive a terminal, in messages, header values, paths and close reasons: whatever the format, nothing
 * of it reaches the output. */

const assert = require('assert');
const tap = require('../lib/tap.js');
const { wscap, lines } = require('../lib/wscap.js');
const { blocks } = require('../lib/story.js');

/* Control characters but for newline and tab; characters that turn, hide or split text. */
const HARMFUL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

function clean(bytes, name) {
	for (const line of lines(bytes)) {
		assert.ok(!line.includes('\ufffd') || name.startsWith('json'), `no UTF-8: ${JSON.stringify(line)}`);
		assert.doesNotMatch(line, HARMFUL, JSON.stringify(line));
	}
}

const capture = require('../cases/hostile.js').make('whole');
const input = capture.bytes();

for (const format of ['story', 'packets', 'messages', 'json'])
	for (const options of [['-n'], ['-An'], ['-Xenvv'], ['-n', '--lang', 'it'], ['-n', '--lang', 'zh_CN'],
			       ['-n', '--indent']]) {
		const name = `${format} ${options.join(' ')}`;
		tap.test(`${name} is harmless`, () => {
			const { status, stdout, stderr } = wscap(['-r', '-', '--format', format, ...options], { input });
			assert.strictEqual(status, 0, stderr.toString());
			assert.ok(stdout.length > 10000);
			clean(stdout, name);
			clean(stderr, name);
		});
	}

tap.test('no text ends a comment block: one for each packet, and each with a title', () => {
	const { stdout } = wscap(['-r', '-', '-n'], { input });
	const told = blocks(stdout.toString('utf8')).slice(1);

	assert.strictEqual(told.length, capture.packets.length);
	for (const { block, rest } of told) {
		assert.ok(block.slice(1, -1).every((line) => line.startsWith(' * ') || line === ' *'), block.join('\n'));
		assert.strictEqual(block.slice(0, -1).some((line) => line.includes('*/')), false, block.join('\n'));
		assert.match(rest[0], /^\d\d:\d\d:\d\d\.\d{6} IP /);
	}
});

tap.done();
