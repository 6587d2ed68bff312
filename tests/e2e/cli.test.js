'use strict';
/* The command line as people use it: what is asked for, what is said on standard error, how it ends. Where tcpdump can
 * do the same, it is asked too. */

const assert = require('assert');
const dgram = require('dgram');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn, spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program, wscap, lines } = require('../lib/wscap.js');
const { pcap, pcapHead, pcapRecord } = require('../lib/pcap.js');
const { segment } = require('../lib/net.js');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-cli-'));
fs.chmodSync(root, 0o755);
process.on('exit', () => fs.rmSync(root, { recursive: true }));

const isRoot = process.getuid() === 0;
const TIMEOUT = 60000;
const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', LANGUAGE: '' };

const packet = (i, link = 'ethernet', port = 7272) => ({
	time: 1407865000000000000n + BigInt(i) * 1000000000n,
	bytes: segment({ link, src: '10.0.0.1', dst: '10.0.0.2', sport: 1025, dport: port, seq: 1 + i, ack: 1, flags: 'PA', payload: Buffer.from('x') }),
});
const packets = (count, link, port) => Array.from({ length: count }, (_, i) => packet(i, link, port));

function file(name, bytes) {
	const at = path.join(root, name);

	fs.writeFileSync(at, bytes);
	return at;
}
const five = file('five.pcap', pcap(packets(5)));
const three = file('three.pcap', pcap(packets(3, 'sll', 7373), { link: 'sll' }));

const tcpdump = (args, options = {}) => spawnSync('tcpdump', args, { env, ...options });
const packetLines = (args, options) => {
	const { status, stdout, stderr } = wscap(['-n', '--format', 'packets', ...args], options);

	return { status, out: lines(stdout), err: lines(stderr) };
};

/* --- what is asked for */

tap.test('--help tells everything on standard output', () => {
	const { status, stdout, stderr } = wscap(['--help']);
	assert.strictEqual(status, 0);
	assert.strictEqual(`${stderr}`, '');
	for (const word of ['-r FILE', '--interface DEVICE', '--format NAME', '--max-message SIZE', 'story', 'packets', 'messages', 'json', 'null'])
		assert.ok(`${stdout}`.includes(word), word);
	assert.ok(stdout.equals(wscap(['-h']).stdout));
});
tap.test('--help into a full disk is an error', () => {
	const { status, stderr } = spawnSync(program, ['--help'], { stdio: ['ignore', fs.openSync('/dev/full', 'w'), 'pipe'], env });
	assert.strictEqual(status, 1);
	assert.match(`${stderr}`, /^wscap: standard output: No space left on device$/m);
});
tap.test('--version', () => {
	const { status, stdout } = wscap(['--version']);
	assert.strictEqual(status, 0);
	assert.match(`${stdout}`, /^wscap version \d+\.\d+\.\d+\nlibpcap version .*\nzlib version .*\n$/);
});
tap.test('wrong usage is said in one line and ends with 2', () => {
	for (const [args, line] of [
		[['-nnk'], 'wscap: -k: there is no such option; wscap --help lists them'],
		[['-nnzgzip'], 'wscap: -z: tcpdump has this option, wscap does not'],
		[['-r'], 'wscap: -r: an argument is missing'],
		[['-r', five, '-V', five], 'wscap: -V and -r are mutually exclusive'],
		[['-r', five, '--format', 'xml'], 'wscap: --format xml: not one of story, packets, messages, json, null'],
	]) {
		const { status, stdout, stderr } = wscap(args);
		assert.strictEqual(status, 2);
		assert.strictEqual(`${stdout}`, '');
		assert.strictEqual(`${stderr}`, `${line}\n`);
	}
});
tap.test('-D lists what tcpdump lists', () => {
	const wanted = tcpdump(['-D']);
	const got = wscap(['-D']);
	assert.strictEqual(got.status, wanted.status);
	assert.strictEqual(`${got.stdout}`, `${wanted.stdout}`);
});

/* --- files */

tap.test('a file is announced as tcpdump announces it', () => {
	const two = file('two.pcap', pcap(packets(2, 'sll2'), { link: 'sll2' }));
	for (const each of [five, three, two]) {
		const wanted = lines(tcpdump(['-r', each, '-w', '/dev/null']).stderr).filter((line) => !/dropped privs/.test(line));
		assert.deepStrictEqual(packetLines(['-r', each]).err, wanted);
	}
});
tap.test('the document\'s own letters', () => {
	assert.strictEqual(packetLines(['-Ans', '4096', '-r', five, 'port', '7272']).out.filter((line) => / IP /.test(line)).length, 5);
});
tap.test('-c ends after so many packets', () => {
	assert.strictEqual(packetLines(['-r', five, '-c', '2']).out.length, 2);
});
tap.test('--count only counts, as tcpdump', () => {
	for (const args of [[], ['-c', '1'], ['port', '1']]) {
		const { status, stdout } = wscap(['-r', five, '--count', ...args]);
		assert.strictEqual(status, 0);
		assert.strictEqual(`${stdout}`, `${tcpdump(['-r', five, '--count', ...args]).stdout}`);
	}
});
tap.test('-F reads the filter, its comments left out', () => {
	const filter = file('filter', '# only this port\nport # and\n 7373 # not 7272\n');
	assert.strictEqual(packetLines(['-r', three, '-F', filter]).out.length, 3);
	assert.strictEqual(packetLines(['-r', five, '-F', filter, 'port', '7272']).out.length, 0);
});
tap.test('a filter that does not compile is said in libpcap\'s words, and ends with 1 as tcpdump does', () => {
	const { status, err } = packetLines(['-r', five, 'tcp', 'prot', '80']);
	const wanted = tcpdump(['-r', five, 'tcp', 'prot', '80']);
	const words = lines(wanted.stderr).pop().replace(/^tcpdump: /, '');
	assert.strictEqual(status, wanted.status);
	assert.strictEqual(err.pop(), `wscap: filter "tcp prot 80": ${words}`);
});
tap.test('-V reads one file after the other, and numbers through', () => {
	const list = file('list', `${five}\n${three}\n`);
	const { status, out, err } = packetLines(['-#', '-V', list]);
	assert.strictEqual(status, 0);
	assert.strictEqual(out.length, 8);
	assert.match(out[7], /^ *8 /);
	assert.strictEqual(err.filter((line) => /^reading from file/.test(line)).length, 2);
	assert.strictEqual(packetLines(['-V', '-'], { input: `${three}\n${three}\n` }).out.length, 6);
	assert.strictEqual(packetLines(['-V', list, 'port', '7373']).out.length, 3);
});
tap.test('-V: everything before the file that is missing is printed', () => {
	const missing = path.join(root, 'missing');
	const { status, out, err } = packetLines(['-V', file('list', `${five}\n${missing}\n${three}\n`)]);
	assert.strictEqual(status, 1);
	assert.strictEqual(out.length, 5);
	assert.ok(err.includes(`wscap: ${missing}: No such file or directory`));
	assert.ok(packetLines(['-V', file('list', '')]).err.includes(`wscap: ${path.join(root, 'list')}: names no file`));
});
tap.test('-V -w: one file cannot hold two link types', () => {
	const { status, err } = packetLines(['-V', file('list', `${five}\n${three}\n`), '-w', path.join(root, 'both')]);
	assert.strictEqual(status, 1);
	assert.ok(err.some((line) => line.startsWith(`wscap: ${three}: its link type`)));
	assert.strictEqual(fs.statSync(path.join(root, 'both')).size, fs.statSync(five).size);
});
tap.test('an unknown link type can still be written', () => {
	const bytes = pcap([packet(0)], { link: 147 });
	const { status, err } = packetLines(['-r', '-'], { input: bytes });
	assert.strictEqual(status, 1);
	assert.match(err.pop(), /^wscap: standard input: packets of link type (147|USER0) cannot be read, only written with -w$/);
	assert.ok(wscap(['-r', '-', '-w', '-'], { input: bytes }).stdout.equals(bytes));
});
tap.test('our counters stand at the end', () => {
	const { stderr } = wscap(['-r', five]);
	assert.match(lines(stderr).pop(), /^5 packets, 1 connection \(1 joined mid-stream\), 0 handshakes, 0 messages$/);
	assert.strictEqual(packetLines(['-r', five]).err.length, 1, 'packets decodes nothing, so there is nothing to count');
});

/* --- languages */

tap.test('the language is the locale\'s or --lang\'s, whatever locales the system has', () => {
	const po = file('it.po', 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "%s: an argument is missing"\nmsgstr "%s: manca un argomento – sì"\n');
	const installed = path.join(root, 'installed');
	const catalogues = path.join(installed, 'share/locale/it/LC_MESSAGES');
	const copy = path.join(installed, 'bin/wscap');
	fs.mkdirSync(path.dirname(copy), { recursive: true });
	fs.mkdirSync(catalogues, { recursive: true });
	fs.copyFileSync(program, copy);
	assert.strictEqual(spawnSync('msgfmt', ['-o', path.join(catalogues, 'wscap.mo'), po]).status, 0);
	const said = (locale, ...args) => `${spawnSync(copy, [...args, '-r'], { env: { PATH: process.env.PATH, ...locale } }).stderr}`;
	const italian = 'wscap: -r: manca un argomento – sì\n';
	const english = 'wscap: -r: an argument is missing\n';

	assert.strictEqual(said({ LANG: 'it_IT.UTF-8' }), italian);
	assert.strictEqual(said({ LANG: 'it_IT' }), italian);
	assert.strictEqual(said({ LC_ALL: 'it' }), italian);
	assert.strictEqual(said({ LC_MESSAGES: 'it_CH.utf8', LANG: 'C' }), italian);
	assert.strictEqual(said({ LANG: 'fr_FR.UTF-8', LANGUAGE: 'fr:it' }), italian);
	assert.strictEqual(said({}, '--lang', 'it'), italian);
	assert.strictEqual(said({ LC_ALL: 'C' }, '--lang=it'), italian);
	for (const locale of [{}, { LANG: 'C', LANGUAGE: 'it' }, { LC_ALL: 'C.UTF-8', LANG: 'it_IT' }, { LANG: 'de_DE' },
			      { LANG: 'en_US.UTF-8', LANGUAGE: 'en_US:it' }])
		assert.strictEqual(said(locale), english);
	assert.strictEqual(said({ LANG: 'it_IT.UTF-8' }, '--lang', 'en'), english);
});

/* --- while it runs */

/* A program under way: what it said so far, and promises for what it will say. */
function start(args, command = program) {
	const child = spawn(command, args, { env });
	const run = { child, out: '', err: '', exited: new Promise((resolve) => child.on('close', (status, signal) => resolve(signal || status))) };
	const waiting = [];
	const heard = (which) => (text) => {
		run[which] += text;
		waiting.filter(({ done }) => done()).forEach(({ resolve }) => resolve());
	};

	child.stdout.on('data', heard('out'));
	child.stderr.on('data', heard('err'));
	run.says = (which, pattern) => new Promise((resolve, reject) => {
		const done = () => pattern.test(run[which]);
		const late = setTimeout(() => reject(new Error(`${pattern} not in ${which}: ${run[which]} (${run.err})`)), TIMEOUT);
		const finish = () => {
			clearTimeout(late);
			resolve();
		};
		if (done())
			finish();
		else
			waiting.push({ done, resolve: finish });
	});
	return run;
}

const capturable = isRoot && tcpdump(['-i', 'lo', '-c', '1', '-G', '1', '-L']).status === 0;

function live(name, body) {
	return capturable ? tap.test(name, body) : tap.skip(name, 'nobody may capture here');
}

/* Sends datagrams to a port of loopback until stopped. */
function chatter(port) {
	const socket = dgram.createSocket('udp4');
	const timer = setInterval(() => socket.send(Buffer.alloc(200, 'x'), port, '127.0.0.1'), 100);

	return () => {
		clearInterval(timer);
		socket.close();
	};
}
const PORT = 20000 + (process.pid % 20000);

/* Captures chatter; ready is called while it runs. */
async function capture(args, ready) {
	const run = start(['-i', 'lo', '-n', ...args, 'udp', 'port', `${PORT}`]);
	await run.says('err', /listening on/);
	const stop = chatter(PORT);
	try {
		if (ready)
			await ready(run);
		run.status = await run.exited;
	} finally {
		stop();
		run.child.kill('SIGKILL');
	}
	return run;
}

(async () => {
	await tap.test('standard input as it comes: each packet is told when it was written', async () => {
		const run = start(['-r', '-', '-n', '--format', 'packets', '-#']);
		run.child.stdin.write(pcapHead());
		for (let i = 0; i < 4; i++) {
			const bytes = Buffer.concat(pcapRecord(packet(i)));
			run.child.stdin.write(bytes.subarray(0, 20));
			await new Promise((resolve) => setTimeout(resolve, 20));
			assert.strictEqual(lines(Buffer.from(run.out)).length, i, 'half a packet was told');
			run.child.stdin.write(bytes.subarray(20));
			await run.says('out', new RegExp(`^ *${i + 1} .*\\n`, 'm'));
		}
		run.child.stdin.end();
		assert.strictEqual(await run.exited, 0);
	});
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
		await tap.test(`${signal} while standard input is silent ends cleanly`, async () => {
			const run = start(['-r', '-', '-n']);
			run.child.stdin.write(pcap(packets(2)));
			await run.says('out', /length 1\n[^]*length 1\n/);
			run.child.kill(signal);
			assert.strictEqual(await run.exited, 0);
			assert.match(run.err, /^2 packets, 1 connection/m);
			assert.doesNotMatch(run.err, /^wscap: /m);
		});
	await tap.test('SIGINT ends a background job too, whose shell had it ignored', async () => {
		const run = start(['-c', 'trap "" INT; exec "$0" -r - --format packets', program], 'sh');
		run.child.stdin.write(pcap([packet(0)]));
		await run.says('out', /length 1\n/);
		run.child.kill('SIGINT');
		assert.strictEqual(await run.exited, 0);
	});
	await tap.test('nohup: SIGHUP that was ignored stays ignored', async () => {
		const run = start(['-c', 'trap "" HUP; exec "$0" -r - --format packets', program], 'sh');
		run.child.stdin.write(pcap([packet(0)]));
		await run.says('out', /length 1\n/);
		run.child.kill('SIGHUP');
		run.child.stdin.end(Buffer.concat(pcapRecord(packet(1))));
		assert.strictEqual(await run.exited, 0);
		assert.strictEqual(lines(Buffer.from(run.out)).length, 2);
	});

	await live('live: announced, counted and ended as tcpdump does it', async () => {
		const run = await capture(['-c', '3', '--format', 'packets']);
		const theirs = tcpdump(['-i', 'lo', '-c', '1', '-w', '/dev/null', '-v', 'udp', 'port', '9'], { timeout: 300, killSignal: 'SIGINT' });
		assert.strictEqual(run.status, 0, run.err);
		assert.strictEqual(run.out.trim().split('\n').length, 3);
		assert.match(run.err, /^wscap: verbose output suppressed, use -v\[v\]\.\.\. for full protocol decode$/m);
		assert.ok(`${theirs.stderr}`.includes(run.err.match(/listening on .*/)[0]), `${theirs.stderr}`);
		assert.match(run.err, /^3 packets captured\n\d+ packets? received by filter\n0 packets dropped by kernel$/m);
	});
	await live('live: SIGINT ends it, SIGUSR1 asks for the counters', async () => {
		const run = await capture(['-v'], async (each) => {
			each.child.kill('SIGUSR1');
			await each.says('err', /^wscap: \d+ packets? captured, \d+ packets? received by filter, \d+ packets? dropped by kernel$/m);
			each.child.kill('SIGINT');
		});
		assert.strictEqual(run.status, 0, run.err);
		assert.match(run.err, /^wscap: listening on lo, link-type EN10MB \(Ethernet\), snapshot length 262144 bytes$/m);
		assert.match(run.err, /^\d+ packets? captured$/m);
		assert.match(run.err, /^\d+ packets?, 0 connections/m);
	});
	await live('live: SIGUSR2 brings what is written to the file, -v tells the progress, -s cuts', async () => {
		const at = path.join(root, 'live.pcap');
		const run = await capture(['-v', '-s', '60', '-w', at, '-B', '512', '-p', '-Q', 'in', '--immediate-mode'], async (each) => {
			await each.says('err', /Got [1-9]\d*\r/);
			assert.strictEqual(fs.statSync(at).size, 0);
			each.child.kill('SIGUSR2');
			for (let i = 0; i < 100 && fs.statSync(at).size === 0; i++)
				await new Promise((resolve) => setTimeout(resolve, 50));
			assert.ok(fs.statSync(at).size > 0);
			each.child.kill('SIGTERM');
		});
		assert.strictEqual(run.status, 0, run.err);
		const bytes = fs.readFileSync(at);
		const caught = bytes.readUInt32LE(24 + 8); /* libpcap takes two bytes less than it is asked for, from tcpdump too */
	assert.ok(caught > 50 && caught <= 60, `${caught}`);
		assert.strictEqual(bytes.readUInt32LE(24 + 12), 242);
		assert.strictEqual((bytes.length - 24) / (16 + caught), Number(run.err.match(/^(\d+) packets? captured$/m)[1]));
	});
	await live('live: a device by its number, link types, -y', async () => {
		const number = `${tcpdump(['-D']).stdout}`.match(/^(\d+)\.lo /m)[1];
		const run = start(['-i', number, '-c', '1', 'udp', 'port', '9']);
		await run.says('err', /listening on lo, /);
		run.child.kill('SIGINT');
		assert.strictEqual(await run.exited, 0);
		for (const device of ['lo', 'any']) {
			const got = wscap(['-L', '-i', device]);
			assert.strictEqual(got.status, 0);
			assert.strictEqual(`${got.stderr}`, `${tcpdump(['-L', '-i', device]).stderr}`);
		}
		const any = start(['-y', 'LINUX_SLL', 'udp', 'port', '9']);
		await any.says('err', /^wscap: data link type LINUX_SLL\n[^]*listening on any, link-type LINUX_SLL \(Linux cooked v1\)/m);
		any.child.kill('SIGINT');
		assert.strictEqual(await any.exited, 0);
		assert.match(`${wscap(['-i', 'lo', '-y', 'NOTHING']).stderr}`, /^wscap: -y NOTHING: there is no such link type$/m);
		assert.match(`${wscap(['-i', '4711']).stderr}`, /^wscap: 4711: there is no such device; wscap -D lists them$/m);
		const wrong = wscap(['-i', 'lo', '-y', 'PPP']);
		assert.strictEqual(wrong.status, 1);
		assert.match(`${wrong.stderr}`, /^wscap: lo: /m);
	});
	if (isRoot)
		await tap.test('-Z: the user changes before anything is written', () => {
			const dir = path.join(root, 'nobody');
			fs.mkdirSync(dir);
			fs.chownSync(dir, 65534, 65534);
			const { status, stderr } = wscap(['-r', five, '-Z', 'nobody', '-w', path.join(dir, 'out')]);
			assert.strictEqual(status, 0);
			assert.match(`${stderr}`, /^dropped privs to nobody$/m);
			assert.strictEqual(fs.statSync(path.join(dir, 'out')).uid, 65534);
			const unknown = wscap(['-r', five, '-Z', 'no-such-user']);
			assert.strictEqual(unknown.status, 1);
			assert.match(`${unknown.stderr}`, /^wscap: -Z no-such-user: there is no such user$/m);
			assert.strictEqual(`${unknown.stdout}`, '');
		});
	else
		tap.skip('-Z: the user changes before anything is written', 'not root');
	tap.done();
})();
