'use strict';
/* -C, -G and -W: the same files as tcpdump's, by name and to the byte, whatever the combination. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn, spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');
const { pcap, pcapHead, pcapRecord } = require('../lib/pcap.js');
const { segment } = require('../lib/net.js');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-rotate-'));
process.on('exit', () => fs.rmSync(root, { recursive: true }));

const env = { ...process.env, TZ: 'Asia/Kolkata' };
const asRoot = process.getuid() === 0 ? ['-Z', 'root'] : [];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function packets(count, payload) {
	const bytes = segment({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1025, dport: 7272, seq: 1, ack: 1, flags: 'PA',
				payload: Buffer.alloc(payload, 'x') });

	return Array.from({ length: count }, (_, i) => ({ time: 1407865000000000000n + BigInt(i) * 1001001001n, bytes }));
}

function directory() {
	return fs.mkdtempSync(path.join(root, 'run-'));
}

const filesIn = (dir) => Object.fromEntries(fs.readdirSync(dir).sort().map((name) => [name, fs.readFileSync(path.join(dir, name))]));

function same(got, wanted) {
	assert.deepStrictEqual(Object.keys(got), Object.keys(wanted));
	for (const [name, bytes] of Object.entries(wanted))
		assert.ok(got[name].equals(bytes), `${name} differs`);
}

/* By size: twelve and a half million bytes. */
const large = path.join(root, 'large.pcap');
fs.writeFileSync(large, pcap(packets(1250, 9930)));

function bySize(...args) {
	tap.test(`wscap ${args.join(' ')} of 12.5 MB writes tcpdump's files`, () => {
		const [wanted, got] = ['tcpdump', program].map((command) => {
			const dir = directory();
			const { status, stderr } = spawnSync(command, ['-r', large, ...asRoot, ...args], { cwd: dir, env });
			assert.strictEqual(status, 0, `${stderr}`);
			return filesIn(dir);
		});
		assert.ok(Object.keys(wanted).length > 1);
		same(got, wanted);
	});
}

bySize('-w', 'out', '-C', '1');
bySize('-w', 'out.pcap', '-C', '1', '-U');
bySize('-w', 'out', '-C', '1', '-W', '20');
bySize('-w', 'out', '-C', '1', '-W', '10');
bySize('-w', 'out', '-C', '1', '-W', '11');
bySize('-w', 'out', '-C', '1', '-W', '3');
bySize('-w', 'out', '-C', '3', '-W', '101', '--nano');
bySize('-w', 'a%Y-%%-b', '-C', '2');
bySize('-w', 'a%Y-%%-%Z', '-C', '2', '-G', '3600');
bySize('-w', 'a%Y-', '-C', '2', '-G', '3600', '-W', '4');

/* By the clock: both get the same packets at the same time, from just behind the beginning of a second. A machine that
 * is so busy that one of them sees another second than the other gets three tries. */
function byClock(args, moments, alsoPattern) {
	return tap.test(`wscap ${args.join(' ')} begins its files with tcpdump's`, async () => {
		for (let tries = 3; ; tries--) {
			try {
				return await byClockOnce(args, moments, alsoPattern);
			} catch (error) {
				if (tries === 1)
					throw error;
			}
		}
	});
}

async function byClockOnce(args, moments, alsoPattern) {
	await sleep(1020 - (Date.now() % 1000));
	const runs = ['tcpdump', program].map((command) => {
		const dir = directory();
		const child = spawn(command, ['-r', '-', ...asRoot, '-U', ...args], { cwd: dir, env, stdio: ['pipe', 'ignore', 'pipe'] });
		const run = { dir, child, stderr: '', exited: new Promise((resolve) => child.on('close', resolve)) };

		child.stdin.on('error', () => {}); /* it may end before its input does */
		child.stderr.on('data', (text) => {
			run.stderr += text;
		});
		child.stdin.write(pcapHead());
		return run;
	});
	const began = Date.now();
	for (const [i, packet] of packets(moments.length, 9930).entries()) {
		await sleep(Math.max(0, began + moments[i] - Date.now()));
		runs.forEach(({ child }) => child.stdin.write(Buffer.concat(pcapRecord(packet))));
	}
	runs.forEach(({ child }) => child.stdin.end());
	for (const { exited, stderr } of runs)
		assert.strictEqual(await exited, 0, stderr);
	const [wanted, got] = runs.map(({ dir }) => filesIn(dir));
	assert.ok(Object.keys(wanted).length > 1);
	same(got, wanted);
	if (alsoPattern)
		assert.match(runs[1].stderr, alsoPattern);
}

(async () => {
	await byClock(['-w', 'out-%H%M%S', '-G', '1'], [100, 400, 1500, 1600, 2600]);
	await byClock(['-w', 'out-%S', '-G', '1', '-W', '2'], [100, 1500, 1600, 2700, 2800], /^Maximum file limit reached: 2$/m);

	tap.test('a file name that is too long is an error', () => {
		const { status, stderr } = spawnSync(program, ['-r', large, '-w', 'x'.repeat(5000)], { cwd: directory() });
		assert.strictEqual(status, 1);
		assert.match(`${stderr}`, /^wscap: -w: File name too long$/m);
	});
	tap.test('a second file that cannot be made is an error, and the first is whole', () => {
		const dir = directory();
		fs.mkdirSync(path.join(dir, 'out1'));
		const { status, stderr } = spawnSync(program, ['-r', large, '-w', 'out', '-C', '1'], { cwd: dir });
		assert.strictEqual(status, 1);
		assert.match(`${stderr}`, /^wscap: out1: Is a directory$/m);
		assert.ok(fs.statSync(path.join(dir, 'out')).size > 1000000);
	});
	tap.test('a disk that is full is an error', () => {
		for (const args of [[], ['-U'], ['-c', '1']]) {
			const { status, stderr } = spawnSync(program, ['-r', large, '-w', '/dev/full', ...args]);
			assert.strictEqual(status, 1);
			assert.deepStrictEqual(`${stderr}`.match(/^wscap: .*$/gm), ['wscap: /dev/full: No space left on device']);
		}
	});
	tap.test('-w - into a pipe that is closed is no error', () => {
		const { status, stderr } = spawnSync('bash', ['-c', '"$0" -r "$1" -w - | head -c 100 >/dev/null; exit ${PIPESTATUS[0]}',
							      program, large]);
		assert.strictEqual(status, 0, `${stderr}`);
		assert.doesNotMatch(`${stderr}`, /^wscap: /m);
	});
	tap.done();
})();
