'use strict';
/* Whatever the number of threads, the output is the same to the byte: for every case of tests/cases, in every format,
 * and under options that change the lines. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-threads-'));
process.on('exit', () => fs.rmSync(root, { recursive: true }));

const folder = path.join(__dirname, '..', 'cases');
const OPTIONS = ['-n', '-nA', '-nX', '-nxx', '-nS', '-ntt', '-nttt', '-nttttt', '-ne', '-nv', '-nq', '-n#', '-nt', '-ntttt'];

function output(file, threads, args) {
	const { status, stdout, stderr } = spawnSync(program, ['--threads', `${threads}`, ...args, '-r', file],
		{ env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }, maxBuffer: 1 << 30 });

	return { status, stdout, stderr: `${stderr}` };
}

function checkSame(file, args, numbers = [2, 4]) {
	const wanted = output(file, 1, args);

	for (const threads of numbers) {
		const got = output(file, threads, args);
		assert.strictEqual(got.status, wanted.status);
		assert.strictEqual(got.stderr, wanted.stderr);
		assert.ok(got.stdout.equals(wanted.stdout), `${args.join(' ')}, ${threads} threads: another output`);
	}
}

/* Many pages of packets, the usual ones between those that are not. */
function makeLong() {
	const file = path.join(root, 'long.pcap');
	const names = ['many-connections', 'ipv4-options', 'ipv6', 'vlan'];
	const captures = names.map((name) => require(path.join(folder, `${name}.js`)).make('bytes').bytes());
	const [first, ...others] = captures.map((bytes, i) => (i ? bytes.subarray(24) : bytes));

	fs.writeFileSync(file, Buffer.concat([first, ...Array.from({ length: 2 }, () => [...others, first.subarray(24)]).flat()]));
	return file;
}

const long = makeLong();
for (const option of OPTIONS)
	tap.test(`packets ${option}`, () => checkSame(long, [option, '--format', 'packets']));
for (const format of ['story', 'messages', 'json', 'null'])
	tap.test(format, () => checkSame(long, ['-n', '--format', format]));

tap.test('every case', () => {
	const file = path.join(root, 'case.pcap');

	for (const name of fs.readdirSync(folder).filter((each) => each.endsWith('.js') && !each.endsWith('.test.js'))) {
		const { make } = require(path.join(folder, name));
		if (!make || /ten-megabytes|bomb|tiny-frames/.test(name))
			continue;
		fs.writeFileSync(file, make('whole').bytes());
		checkSame(file, ['-n', '--format', 'packets'], [2]);
		checkSame(file, ['-n'], [1]); /* the same each time, too */
	}
});

tap.test('what was printed before an error is there', () => {
	const file = path.join(root, 'cut.pcap');

	fs.writeFileSync(file, fs.readFileSync(long).subarray(0, -7));
	checkSame(file, ['-n', '--format', 'packets']);
	assert.strictEqual(output(file, 2, ['-n', '--format', 'packets']).status, 1);
});

tap.test('a reader that goes away is no error', () => {
	const { status, stderr } = spawnSync('sh', ['-c', `{ "${program}" --threads 2 -n --format packets -r "${long}"; echo $? >&2; } | head -1`]);

	assert.strictEqual(status, 0);
	assert.match(`${stderr}`, /^0$/m);
});

tap.test('a full disk is one', () => {
	const { status, stderr } = spawnSync('sh', ['-c', `"${program}" --threads 2 -n --format packets -r "${long}" >/dev/full`]);

	assert.strictEqual(status, 1);
	assert.match(`${stderr}`, /No space left on device/);
});
tap.done();
