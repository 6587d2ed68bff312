'use strict';
/* -w writes what was captured, as tcpdump does: the same files, with the same bytes in them. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const { listen, whyNot, withTimeout } = require('../lib/live.js');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-write-'));
process.on('exit', () => fs.rmSync(root, { recursive: true }));

const input = path.join(root, 'in.pcap');
fs.writeFileSync(input, require('../cases/many-connections.js').make('bytes').bytes());

/* Runs a program in a directory of its own; returns the files that it left there, by name. */
function filesOf(command, args) {
	const dir = fs.mkdtempSync(path.join(root, 'run-'));
	const result = spawnSync(command, args, { cwd: dir, env: { ...process.env, TZ: 'UTC' }, maxBuffer: 1 << 28 });

	assert.strictEqual(result.status, 0, `${command}: ${result.stderr}`);
	const files = {};
	for (const name of fs.readdirSync(dir).sort())
		files[name] = fs.readFileSync(path.join(dir, name)).toString('latin1');
	return { files, stdout: result.stdout };
}

const asRoot = process.getuid() === 0 ? ['-Z', 'root'] : [];

for (const args of [['-w', 'out.pcap'], ['-w', 'out.pcap', '-U'], ['-w', 'out.pcap', '-c', '10'], ['-w', 'out.pcap', '-s', '80'],
		    ['-w', 'out.pcap', 'src', 'port', '7272'], ['-w', 'out', '-C', '1'], ['-w', 'out-%Y%m%d', '-G', '3600'],
		    ['-w', 'out', '-C', '1', '-W', '3'], ['-w', 'out.pcap', '--time-stamp-precision=nano']])
	tap.test(`wscap ${args.join(' ')} writes what tcpdump writes`, () => {
		const all = ['-r', input, ...asRoot, ...args];
		const wanted = filesOf('tcpdump', all).files;
		const got = filesOf(program, all).files;
		assert.deepStrictEqual(Object.keys(got), Object.keys(wanted));
		for (const name of Object.keys(wanted))
			assert.ok(got[name] === wanted[name], `${name} differs`);
	});

tap.test('wscap -w - writes to standard output', () => {
	const { stdout } = filesOf(program, ['-r', input, '-w', '-']);
	assert.ok(stdout.equals(fs.readFileSync(input)));
});

tap.test('--print tells while it writes', () => {
	const { files, stdout } = filesOf(program, ['-r', input, '-w', 'out.pcap', '--print', '-n', '--format', 'packets']);
	const wanted = filesOf('tcpdump', ['-r', input, '-n']).stdout;
	assert.strictEqual(Object.keys(files).join(), 'out.pcap');
	assert.ok(stdout.equals(wanted));
});

/* As Wireshark's own reader has it. */
function capinfos(file) {
	const { status, stdout, stderr } = spawnSync('capinfos', ['-M', '-c', '-t', '-E', file], { env: { ...process.env, LC_ALL: 'C' }, encoding: 'utf8' });

	assert.strictEqual(status, 0, stderr);
	return Object.fromEntries(stdout.split('\n').map((line) => /^(.*?): +(.*)$/.exec(line)).filter(Boolean).map(([, name, value]) => [name, value]));
}

(async () => {
	const reason = await whyNot('lo');

	for (const [name, type] of [['nothing.pcapng', 'pcapng'], ['nothing.pcap', 'pcap']]) {
		const title = `live, ended before a packet comes, ${name} is whole`;

		if (reason)
			tap.skip(title, reason);
		else
			await tap.test(title, () => withTimeout((async () => {
				const file = path.join(root, name);
				const { child, stderr, exited, ready } = await listen(program, ['-i', 'lo', '-w', file, ...asRoot, 'udp', 'port', '1']);

				assert.notStrictEqual(await ready, 'ended', stderr.text);
				child.kill('SIGINT');
				assert.strictEqual(await exited, 0, stderr.text);
				const { 'File type': kind, 'Number of packets': count, 'File encapsulation': link } = capinfos(file);
				assert.match(kind, type === 'pcapng' ? /pcapng$/ : /pcap$/);
				assert.deepStrictEqual([count, link], ['0', 'ether']);
				const again = spawnSync(program, ['-r', file, '--format', 'packets'], { encoding: 'utf8' });
				assert.deepStrictEqual([again.status, again.stdout], [0, ''], again.stderr);
			})()));
	}
	tap.done();
})();
