'use strict';
/* Bad input: one clear line on standard error that names the thing, the right exit status, and everything before the
 * damage printed. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program, wscap, events, lines } = require('../lib/wscap.js');
const { pcap } = require('../lib/pcap.js');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-errors-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));

const whole = require('../cases/several-in-one-segment.js').make('whole').bytes();
const wholePcapng = require('../cases/pcapng.js').make('whole').bytes();

function file(name, bytes) {
	const at = path.join(dir, name);

	fs.writeFileSync(at, bytes);
	return at;
}

/* What our own counters and tcpdump's notice say is no error. */
function complaints(stderr) {
	return lines(stderr).filter((line) => /^wscap: /.test(line) && !/listening on|reading from|data link type/.test(line));
}

function fails(name, args, status, ...patterns) {
	tap.test(name, () => {
		const result = wscap(args);
		const said = complaints(result.stderr);
		assert.strictEqual(result.signal, null);
		assert.strictEqual(result.status, status, `${result.stderr}`);
		if (status === 1)
			assert.strictEqual(said.length, 1, `${result.stderr}`);
		for (const pattern of patterns)
			assert.match(said[0] || '', pattern);
	});
}

fails('a file that is not there', ['-r', path.join(dir, 'nothing.pcap')], 1, /nothing\.pcap/, /No such file/);
fails('a file that is no capture', ['-r', file('text.pcap', 'This is no capture at all, only text.\n')], 1, /text\.pcap/);
fails('an empty file', ['-r', file('empty.pcap', '')], 1, /empty\.pcap/);
fails('a directory', ['-r', dir], 1, /wscap-errors-/);
fails('an unknown link type', ['-r', file('infiniband.pcap', pcap([{ time: 1n, bytes: Buffer.alloc(60) }], { link: 247 }))], 1,
      /infiniband\.pcap/);
fails('a device that is not there', ['-i', 'nosuchdevice0'], 1, /nosuchdevice0/);
fails('a filter that does not compile', ['-r', file('good.pcap', whole), 'port', 'nowhere', 'near'], 1, /filter|syntax|port/);
fails('a filter file that is not there', ['-r', file('good.pcap', whole), '-F', path.join(dir, 'no-filter')], 1, /no-filter/);
fails('a file that cannot be written', ['-r', file('good.pcap', whole), '-w', path.join(dir, 'no', 'such')], 1, /such/);
for (const [option, ...more] of [['-E', 'x'], ['-I'], ['-J'], ['-j', 'host'], ['-M', 'x'], ['-m', 'x'], ['-T', 'rtp'],
				 ['-z', 'gzip']])
	fails(`tcpdump's option ${option}, which is not there`, ['-r', file('good.pcap', whole), option, ...more], 2,
	      new RegExp(`${option}\\b`));
fails('an option that nobody has', ['--nonsense'], 2, /nonsense/);
fails('a format that is not there', ['--format', 'pdf'], 2, /pdf/);
fails('a language that is not there', ['--lang', 'tlh'], 2, /tlh/);
fails('a number that is none', ['-c', 'many'], 2, /many/);
fails('a snap length below zero', ['-s', '-5'], 2, /-5/);

/* Cut at each length: whatever is whole before the cut is printed, and then the error. */
function cuts(name, bytes, from) {
	tap.test(`${name}: cut off anywhere, all that is whole is printed before the error`, () => {
		let most = 0;
		for (let length = bytes.length - 1; length > from; length -= 41) {
			const { status, signal, stdout, stderr } = wscap(['-r', '-', '-n', '--format', 'packets'],
									 { input: bytes.subarray(0, length) });
			const printed = lines(stdout).length;
			assert.strictEqual(signal, null);
			const clear = status === 0 || (status === 1 && complaints(stderr).length === 1);
			assert.ok(clear, `${length}: ${status} ${stderr}`);
			most = Math.max(most, printed);
			/* Of one packet fewer, where the cut is in a packet, and the same where it is between two. */
			const tcpdump = spawnSync('tcpdump', ['-n', '-r', '-'],
						  { input: bytes.subarray(0, length), env: { ...process.env, TZ: 'UTC' } });
			assert.strictEqual(stdout.toString('latin1'), tcpdump.stdout.toString('latin1'), `cut at ${length}`);
		}
		assert.ok(most > 5);
	});
}
cuts('pcap', whole, 24);
cuts('pcapng', wholePcapng, 100);

tap.test('a corrupt packet header with nothing plausible behind it ends the file there', () => {
	const second = 24 + 16 + whole.readUInt32LE(24 + 8);
	const bytes = Buffer.concat([whole.subarray(0, second), Buffer.alloc(300, 0xff)]);

	bytes.writeUInt32LE(0xfffffff0, second + 8);
	const { status, stdout, stderr } = wscap(['-r', '-', '-n', '--format', 'packets'], { input: bytes });
	assert.strictEqual(status, 1);
	assert.strictEqual(lines(stdout).length, 1);
	assert.strictEqual(complaints(stderr).length, 1);
	assert.match(complaints(stderr)[0], /standard input: invalid packet capture length 4294967280, bigger than snaplen/);
});

tap.test('events before the damage are all there', () => {
	const good = events(whole).length;
	const { status, stdout } = wscap(['-r', '-', '--format', 'json'], { input: whole.subarray(0, whole.length - 10) });
	assert.strictEqual(status, 1);
	assert.ok(lines(stdout).length >= good - 1);
});

tap.test('no right to capture: said with the command that gives it', () => {
	const nobody = process.getuid() === 0 ? { uid: 65534, gid: 65534 } : {};
	const copy = path.join(dir, 'wscap');
	fs.copyFileSync(program, copy);
	fs.chmodSync(copy, 0o755);
	fs.chmodSync(dir, 0o755);
	const { status, stderr } = spawnSync(copy, ['-i', 'lo'], { ...nobody, env: { LC_ALL: 'C.UTF-8' } });
	assert.strictEqual(status, 1, `${stderr}`);
	assert.match(`${stderr}`, /setcap|sudo/);
	assert.strictEqual(complaints(stderr).length, 1, `${stderr}`);
});

tap.test('a reader that goes away is no error', () => {
	const { status, stdout, stderr } = spawnSync('bash', ['-c',
		`set -o pipefail; "$0" -r "$1" -n -X | head -1; exit "\${PIPESTATUS[0]}"`, program, file('good.pcap', whole)]);
	assert.strictEqual(status, 0, `${stderr}`);
	assert.strictEqual(lines(stdout).length, 1);
	assert.deepStrictEqual(complaints(stderr), []);
});

tap.test('a disk that is full is an error', () => {
	const full = fs.openSync('/dev/full', 'w');
	const { status, stderr } = spawnSync(program, ['-r', file('good.pcap', whole), '-n'],
					     { stdio: ['ignore', full, 'pipe'] });
	assert.strictEqual(status, 1);
	assert.match(`${stderr}`, /No space left/);
});
tap.done();
