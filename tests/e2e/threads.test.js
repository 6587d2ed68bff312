'use strict';
/* Whatever the number of threads, the output is the same to the byte: in every format, under options that change the
 * lines, and, with --cases, for every case of tests/cases. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const zlib = require('zlib');
const { spawn, spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-threads-'));
process.on('exit', () => fs.rmSync(root, { recursive: true }));

const folder = path.join(__dirname, '..', 'cases');
/* TSan looks at who touches what, which a few options show; with all of them it takes minutes. */
const tsan = fs.readFileSync(program, 'latin1').includes('__tsan_init');
const OPTIONS = ['-n', '-nX', '-nttt', '-nv'].concat(tsan ? [] :
	['-nA', '-nxx', '-nS', '-ntt', '-nttttt', '-ne', '-nq', '-n#', '-nt', '-ntttt']);

/* from: what is read, a file, or arguments of wscap's and what comes on its standard input. */
function output(from, threads, args) {
	const asked = threads ? ['--threads', `${threads}`] : [];
	const { read = ['-r', from], input } = typeof from === 'string' ? {} : from;
	const { status, stdout, stderr } = spawnSync(program, [...asked, ...args, ...read],
		{ input, env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }, maxBuffer: 1 << 30 });

	return { status, stdout, stderr: `${stderr}` };
}

function checkSame(file, args, numbers = tsan ? [3] : [2, 5]) {
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

	fs.writeFileSync(file, Buffer.concat([first, ...Array.from({ length: tsan ? 1 : 2 }, () => [...others, first.subarray(24)]).flat()]));
	return file;
}

if (process.argv.includes('--cases')) {
	tap.test('every case', () => {
		const file = path.join(root, 'case.pcap');

		for (const name of fs.readdirSync(folder).filter((each) => each.endsWith('.js') && !each.endsWith('.test.js'))) {
			const { make } = require(path.join(folder, name));
			if (!make || /ten-megabytes|bomb|tiny-frames/.test(name))
				continue;
			fs.writeFileSync(file, make('whole').bytes());
			checkSame(file, ['-n', '--format', 'packets'], [2]);
			checkSame(file, ['-n'], [1, 2]); /* the same each time, too */
			checkSame(file, ['-n', '--indent'], [2]);
		}
	});
	tap.done();
	return;
}

const long = makeLong();
for (const option of OPTIONS)
	tap.test(`packets ${option}`, () => checkSame(long, [option, '--format', 'packets']));
/* The story's other thread prints whatever its options are: also what it has to remember from line to line. */
for (const option of [...OPTIONS, '-nK', '-vv'])
	tap.test(`story ${option}`, () => checkSame(long, [option], [2]));
for (const language of ['it', 'zh_CN'])
	tap.test(`story in ${language}`, () => checkSame(long, ['-n', '--lang', language, '--indent', '--color', 'always']));
for (const format of ['messages', 'json', 'null'])
	tap.test(format, () => checkSame(long, ['-n', '--format', format]));
tap.test('without being asked', () => {
	const { stdout } = output(long, 0, ['-n']);

	assert.ok(stdout.equals(output(long, 1, ['-n']).stdout));
});
tap.test('so many packets, and no more', () => {
	for (const count of [1, 7, 300])
		checkSame(long, ['-n', '-c', `${count}`], [2]);
});
tap.test('shown at once', () => checkSame(long, ['-nl'], [2]));

/* Windows of any kind: packets that lie in two pieces, that do not fit in one, that are left out, that are found again. */
const bytes = fs.readFileSync(long);
const made = (name, content) => {
	fs.writeFileSync(path.join(root, name), content);
	return path.join(root, name);
};

function record(content) {
	const head = Buffer.alloc(16);

	head.writeUInt32LE(1400000000, 0);
	head.writeUInt32LE(content.length, 8);
	head.writeUInt32LE(content.length, 12);
	return Buffer.concat([head, content]);
}

/* Ethernet that holds nothing that is known, as long as a packet may be, and some of the usual ones between. */
function makeLarge() {
	const packets = Array.from({ length: 7 }, (_, i) => record(Buffer.alloc(i % 3 ? 200000 + i : 262144, i + 1)));

	return made('large.pcap', Buffer.concat([bytes, ...packets, bytes.subarray(24, 24 + bytes.readUInt32LE(32) + 16)]));
}

/* Every so many bytes a few are others. */
function makeDamaged() {
	const damaged = Buffer.from(bytes);

	for (let at = 100000; at < damaged.length; at += 90000)
		damaged.fill(0xff, at, at + 40);
	return made('damaged.pcap', damaged);
}

const ways = {
	'packets larger than a window': makeLarge(),
	'a file that is damaged in many places': makeDamaged(),
	'a pipe': { read: ['-r', '-'], input: bytes },
	'a compressed file': made('long.pcap.gz', zlib.gzipSync(bytes)),
	'a list of files': { read: ['-V', made('list', `${long}\n${long}\n`)] },
	'a file that is no capture any more': made('short.pcap', bytes.subarray(0, 30)),
	'a file of nothing but its head': made('empty.pcap', bytes.subarray(0, 24)),
};
for (const [name, from] of Object.entries(ways))
	tap.test(name, () => {
		for (const args of [['-nX', '--format', 'packets'], ['-nttt', 'tcp port 7272 and greater 60']].slice(tsan ? 1 : 0))
			checkSame(from, args, tsan ? [3] : [2, 5]);
	});
tap.test('written too', () => {
	const files = [1, 2, 5].map((threads) => {
		const file = path.join(root, `written-${threads}`);
		const { status, stdout } = output(long, threads, ['-n', '--print', '-w', file]);
		assert.strictEqual(status, 0);
		return Buffer.concat([stdout, fs.readFileSync(file)]);
	});

	assert.ok(files[1].equals(files[0]));
	assert.ok(files[2].equals(files[0]));
});
for (const format of ['packets', 'story']) {
	const args = ['-n', '--format', format];
	const command = `"${program}" --threads 2 ${args.join(' ')} -r "${long}"`;

	tap.test(`${format}: what was printed before an error is there`, () => {
		const file = path.join(root, 'cut.pcap');

		fs.writeFileSync(file, fs.readFileSync(long).subarray(0, -7));
		checkSame(file, args);
		assert.strictEqual(output(file, 2, args).status, 1);
	});
	tap.test(`${format}: a reader that goes away is no error`, () => {
		const { status, stderr } = spawnSync('sh', ['-c', `{ ${command}; echo $? >&2; } | head -1`]);

		assert.strictEqual(status, 0);
		assert.match(`${stderr}`, /^0$/m);
	});
	tap.test(`${format}: a file gets the same`, () => {
		const file = path.join(root, 'out');

		spawnSync('sh', ['-c', `${command} >"${file}"`], { env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' } });
		assert.ok(fs.readFileSync(file).equals(output(long, 1, args).stdout));
	});
	tap.test(`${format}: a full disk is one`, () => {
		const { status, stderr } = spawnSync('sh', ['-c', `${command} >/dev/full`]);

		assert.strictEqual(status, 1);
		assert.match(`${stderr}`, /No space left on device/);
	});
}
/* What came is shown before more is waited for, and a signal ends the wait, whoever has the turn. */
const staysOpen = (name, bytes) => tap.test(`a pipe that stays open behind ${name}, and is left by a signal`, async () => {
	const run = spawn(program, ['--threads', '3', '-n', '--format', 'packets', '-r', '-'], { env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' } });
	const wanted = output({ read: ['-r', '-'], input: bytes }, 1, ['-n', '--format', 'packets']).stdout;
	const chunks = [];
	let length = 0;

	await new Promise((resolve, reject) => {
		run.on('error', reject);
		run.stdout.on('data', (chunk) => {
			chunks.push(chunk);
			length += chunk.length;
			if (length >= wanted.length)
				resolve();
		});
		run.stdin.write(bytes);
	});
	run.kill('SIGINT');
	const code = await new Promise((resolve) => run.on('close', resolve));
	assert.strictEqual(code, 0);
	assert.ok(Buffer.concat(chunks).equals(wanted));
});

const first = 24 + 16 + bytes.readUInt32LE(32);
staysOpen('a packet', bytes.subarray(0, first)).then(() => staysOpen('many', bytes)).then(tap.done);
