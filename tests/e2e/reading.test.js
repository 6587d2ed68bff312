'use strict';
/* Any capture file: the formats that other programs write, compressed or not, several interfaces and byte orders in one
 * file, damaged in the middle, and still being written. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn, spawnSync, execFileSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program, wscap, lines } = require('../lib/wscap.js');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-reading-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));

const make = (name) => require(`../cases/${name}.js`).make('whole').bytes();
const at = (name) => path.join(dir, name);
function file(name, bytes) {
	fs.writeFileSync(at(name), bytes);
	return at(name);
}

/* Absolute sequence numbers: a packet that is missing changes no other's line. */
const PACKETS = ['-n', '-S', '-tt', '--nano', '--format', 'packets'];
const complaints = (stderr) => lines(stderr).filter((line) => /^wscap: /.test(line));

/* The lines of a file that has to be read without complaint. */
function packets(name, ...more) {
	const { status, stdout, stderr } = wscap([...PACKETS, '-r', name, ...more]);

	assert.strictEqual(status, 0, `${stderr}`);
	return lines(stdout);
}

const ethernet = file('ethernet.pcap', make('several-in-one-segment'));
const raw = file('raw.pcap', make('raw-ip'));
const wanted = packets(ethernet);
const filtered = packets(ethernet, 'src port 7272');
assert.ok(filtered.length > 3 && filtered.length < wanted.length);

/* What other programs write. */
for (const format of ['pcap', 'nsecpcap', 'modpcap', 'pcapng'])
	tap.test(`editcap -F ${format}`, () => {
		execFileSync('editcap', ['-F', format, ethernet, at(`edited.${format}`)]);
		assert.deepStrictEqual(packets(at(`edited.${format}`)), wanted);
		assert.deepStrictEqual(packets(at(`edited.${format}`), 'src port 7272'), filtered);
	});

tap.test('mergecap: several link types in one file, and one filter over all of them', () => {
	execFileSync('mergecap', ['-a', '-w', at('merged.pcapng'), ethernet, raw]);
	assert.deepStrictEqual(packets(at('merged.pcapng')), [...wanted, ...packets(raw)]);
	assert.deepStrictEqual(packets(at('merged.pcapng'), 'src port 7272'), [...filtered, ...packets(raw, 'src port 7272')]);
	const fields = ['-r', at('merged.pcapng'), '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len'];
	const theirs = lines(spawnSync('tshark', fields).stdout);
	assert.strictEqual(theirs.length, packets(at('merged.pcapng')).length);
	assert.deepStrictEqual(packets(at('merged.pcapng')).map((line) => line.split(' ')[0]),
			       theirs.map((line) => line.split('\t')[0]));
});

tap.test('sections of both byte orders', () => {
	const both = Buffer.concat(['pcapng', 'pcapng-big-nano', 'pcapng'].map(make));
	const one = packets(file('one.pcapng', make('pcapng')));
	const two = packets(file('two.pcapng', make('pcapng-big-nano')));
	assert.ok(one.length > 5 && two.length > 5);
	assert.deepStrictEqual(packets(file('both.pcapng', both)), [...one, ...two, ...one]);
});

tap.test('an interface of a type that cannot be followed: the others are read, and it is named at the end', () => {
	const other = file('usb.pcap', make('raw-ip'));
	const bytes = fs.readFileSync(other);
	bytes.writeUInt32LE(189, 20); /* LINKTYPE_USB_LINUX */
	fs.writeFileSync(other, bytes);
	execFileSync('mergecap', ['-a', '-w', at('mixed.pcapng'), ethernet, other]);
	const { status, stdout, stderr } = wscap([...PACKETS, '-r', at('mixed.pcapng')]);
	assert.strictEqual(status, 1);
	assert.deepStrictEqual(lines(stdout), wanted);
	assert.strictEqual(complaints(stderr).length, 1);
	assert.match(complaints(stderr)[0], /mixed\.pcapng: .*USB_LINUX/);
});

/* A capture of these link types, as numbers, in this order; ethernet is one with packets that are read. */
function mixed(name, types) {
	const parts = types.map((type) => {
		if (type === 'ethernet')
			return ethernet;
		const bytes = make('raw-ip');
		bytes.writeUInt32LE(type, 20);
		return file(`${type}.pcap`, bytes);
	});
	execFileSync('mergecap', ['-a', '-w', at(name), ...parts]);
	return at(name);
}

for (const [types, names] of [
	[[189, 'ethernet'], 'USB_LINUX'], /* the first interface too */
	[[220, 187, 'ethernet', 220, 195], 'USB_LINUX_MMAPPED, BLUETOOTH_HCI_H4, IEEE802_15_4'],
	[['ethernet', 201, 253, 249], 'BLUETOOTH_HCI_H4_WITH_PHDR, NETLINK, USBPCAP'],
])
	tap.test(`link types ${types}: what cannot be followed is named once, and the others are read`, () => {
		const name = mixed('types.pcapng', types);
		for (const [filter, expected] of [[[], wanted], [['src port 7272'], filtered]]) {
			const { status, stdout, stderr } = wscap([...PACKETS, '-r', name, ...filter]);
			assert.strictEqual(status, 1);
			assert.deepStrictEqual(lines(stdout), expected);
			assert.deepStrictEqual(complaints(stderr),
					       [`wscap: ${name}: packets of link type ${names} cannot be read, only written with -w`]);
		}
	});

tap.test('with such an interface first, a filter that is wrong is still told', () => {
	const { status, stderr } = wscap([...PACKETS, '-r', mixed('wrong.pcapng', [189, 'ethernet']), 'nonsense']);
	assert.strictEqual(status, 1);
	assert.ok(complaints(stderr).some((line) => line.includes('nonsense')), `${stderr}`);
});

/* Compressed by the formats' own tools. */
const TOOLS = { gzip: ['gzip', '-c'], zstd: ['zstd', '-qc'], lz4: ['lz4', '-qc'] };
const whole = fs.readFileSync(ethernet);
function pack(tool, bytes) {
	const { status, stdout, stderr } = spawnSync(tool[0], tool.slice(1), { input: bytes });

	assert.strictEqual(status, 0, `${stderr}`);
	return stdout;
}
for (const [name, tool] of Object.entries(TOOLS)) {
	tap.test(`${name}: from a file, from standard input, in several parts`, () => {
		const packed = pack(tool, whole);
		const parts = Buffer.concat([whole.subarray(0, 500), whole.subarray(500)].map((part) => pack(tool, part)));
		assert.ok(packed.length < whole.length);
		assert.deepStrictEqual(packets(file(`whole.${name}`, packed)), wanted);
		assert.deepStrictEqual(packets(file(`parts.${name}`, parts)), wanted);
		const piped = wscap([...PACKETS, '-r', '-'], { input: packed });
		assert.strictEqual(piped.status, 0, `${piped.stderr}`);
		assert.deepStrictEqual(lines(piped.stdout), wanted);
	});

	tap.test(`${name}: cut off anywhere, what came out is printed, and then the error`, () => {
		const packed = pack(tool, whole);
		let most = 0;
		for (let length = packed.length - 1; length > 0; length -= Math.ceil(packed.length / 20)) {
			const { status, signal, stdout, stderr } = wscap([...PACKETS, '-r', '-'],
									 { input: packed.subarray(0, length) });
			const got = lines(stdout);
			assert.strictEqual(signal, null);
			assert.strictEqual(status, 1, `${length}: ${stderr}`);
			assert.strictEqual(complaints(stderr).length, 1, `${stderr}`);
			assert.deepStrictEqual(got, wanted.slice(0, got.length));
			most = Math.max(most, got.length);
		}
		assert.ok(name !== 'gzip' || most > 5, `${most}`);
	});

	tap.test(`${name}: damaged`, () => {
		const packed = Buffer.from(pack(tool, whole));
		packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 8);
		const { status, signal, stderr } = wscap([...PACKETS, '-r', '-'], { input: packed });
		assert.strictEqual(signal, null);
		assert.strictEqual(status, 1);
		assert.match(complaints(stderr)[0], new RegExp(`standard input: .*${name}`));
	});
}

/* What a tool of the others makes, or how it begins. */
const UNREAD = { 'lz4 -l': ['lz4', '-qlc'], xz: 'fd377a585a00', bzip2: '425a6839', compress: '1f9d90', zip: '504b0304', '7z': '377abcaf271c',
	lzip: '4c5a495001', lzop: '894c5a4f00' };
tap.test('other packings: refused by name', () => {
	for (const [name, tool] of Object.entries(UNREAD)) {
		const bytes = Array.isArray(tool) ? pack(tool, whole) : Buffer.concat([Buffer.from(tool, 'hex'), whole]);
		const { status, stdout, stderr } = wscap([...PACKETS, '-r', '-'], { input: bytes });

		assert.deepStrictEqual([status, `${stdout}`], [1, '']);
		assert.deepStrictEqual(complaints(stderr), [`wscap: standard input: packed by ${name}, which is not read: gzip, zstd and lz4 are`]);
	}
});

/* pzstd, for one, writes such a frame first, with the length of the one behind it. */
const skippable = (number, length) => {
	const frame = Buffer.alloc(8 + length, 0x2a);

	frame.writeUInt32LE(0x184d2a50 + number, 0);
	frame.writeUInt32LE(length, 4);
	return frame;
};
for (const name of ['zstd', 'lz4'])
	tap.test(`${name}: frames that are there to be skipped, in front and between`, () => {
		const [first, second] = [whole.subarray(0, 500), whole.subarray(500)].map((part) => pack(TOOLS[name], part));
		const packed = Buffer.concat([skippable(0, 4), skippable(15, 3000), first, skippable(3, 0), second, skippable(1, 9)]);

		assert.deepStrictEqual(packets(file(`skipped.${name}`, packed)), wanted);
		assert.deepStrictEqual(lines(wscap([...PACKETS, '-r', '-'], { input: packed }).stdout), wanted);
	});

tap.test('frames to be skipped, and nothing known behind them: refused', () => {
	for (const bytes of [skippable(0, 4), Buffer.concat([skippable(0, 4), pack(TOOLS.gzip, whole)]), skippable(0, 70000),
		Buffer.concat([skippable(0, 70000), pack(TOOLS.zstd, whole)]), skippable(7, 4).subarray(0, 6)]) {
		const { status, stderr } = wscap([...PACKETS, '-r', '-'], { input: bytes });

		assert.strictEqual(status, 1);
		assert.strictEqual(complaints(stderr).length, 1, `${stderr}`);
	}
});

tap.test('gzip: padded with zeroes, as tapes are; anything else behind it is damage', () => {
	const packed = pack(TOOLS.gzip, whole);

	assert.deepStrictEqual(packets(file('padded.gz', Buffer.concat([packed, Buffer.alloc(70000)]))), wanted);
	const parts = [whole.subarray(0, 500), whole.subarray(500)].map((part) => pack(TOOLS.gzip, part));
	assert.deepStrictEqual(packets(file('between.gz', Buffer.concat([parts[0], Buffer.alloc(512), parts[1]]))), wanted);
	const { status, stdout, stderr } = wscap([...PACKETS, '-r', '-'], { input: Buffer.concat([packed, Buffer.alloc(9), Buffer.from('rest')]) });

	assert.strictEqual(status, 1);
	assert.deepStrictEqual(lines(stdout), wanted);
	assert.match(complaints(stderr)[0], /the gzip data is damaged/);
});

/* Places of the packets' records in a classic file. */
function records(bytes) {
	const places = [];

	for (let place = 24; place < bytes.length; place += 16 + bytes.readUInt32LE(place + 8))
		places.push(place);
	return places;
}

tap.test('damaged in the middle: read on behind it, said with offset and length, exit status 1', () => {
	const places = records(whole);
	for (const hurt of [1, 4, places.length - 2]) {
		const bytes = Buffer.from(whole);
		bytes.fill(0xff, places[hurt], places[hurt] + 16);
		const { status, stdout, stderr } = wscap([...PACKETS, '-r', file('hurt.pcap', bytes)]);
		const length = places[hurt + 1] - places[hurt];
		assert.strictEqual(status, 1);
		assert.deepStrictEqual(lines(stdout), wanted.filter((_, i) => i !== hurt));
		assert.strictEqual(complaints(stderr).length, 1, `${stderr}`);
		assert.match(complaints(stderr)[0], new RegExp(`hurt\\.pcap: .*byte ${places[hurt]} .* ${length} bytes`));
	}
});

tap.test('a list of files: one that is damaged does not keep the others from being read', () => {
	const bytes = Buffer.from(whole);
	const place = records(whole)[2];
	bytes.fill(0xff, place, place + 16);
	const list = file('list', `${file('hurt.pcap', bytes)}\n${ethernet}\n`);
	const { status, stdout, stderr } = wscap([...PACKETS, '-V', list]);
	assert.strictEqual(status, 1);
	assert.deepStrictEqual(lines(stdout), [...wanted.filter((_, i) => i !== 2), ...wanted]);
	assert.match(complaints(stderr)[0], /hurt\.pcap: damaged at byte/);
});

tap.test('a named pipe, and /dev/stdin', () => {
	execFileSync('mkfifo', [at('pipe')]);
	const writer = spawn('cp', [ethernet, at('pipe')]);
	assert.deepStrictEqual(packets(at('pipe')), wanted);
	writer.kill();
	const piped = spawnSync('sh', ['-c', 'cat "$0" | "$@"', ethernet, program, ...PACKETS, '-r', '/dev/stdin']);
	assert.strictEqual(piped.status, 0, `${piped.stderr}`);
	assert.deepStrictEqual(lines(piped.stdout), wanted);
});

/* Runs wscap beside the test; until() waits for that many lines. */
class Running {
	constructor(args) {
		this.child = spawn(program, args, { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', LANGUAGE: '' } });
		this.stdout = '';
		this.stderr = '';
		this.child.stdout.on('data', (text) => this.more('stdout', text));
		this.child.stderr.on('data', (text) => this.more('stderr', text));
		this.ended = new Promise((resolve) => this.child.on('close', (status) => resolve(status)));
		this.waiting = () => {};
	}

	more(name, text) {
		this[name] += text;
		this.waiting();
	}

	until(count, counted = () => this.stdout.split('\n').length - 1) {
		return this.when(() => counted() >= count);
	}

	said(words) { return this.when(() => this.stderr.includes(words)); }

	when(there) {
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => reject(new Error(`${this.stdout}\n${this.stderr}`)), 60000);
			this.waiting = () => {
				if (!there())
					return;
				clearTimeout(late);
				resolve();
			};
			this.waiting();
		});
	}
}

async function follows(name, bytes, places) {
	await tap.test(`--follow: ${name}`, async () => {
		const growing = file(`growing.${name}`, Buffer.alloc(0));
		const running = new Running([...PACKETS, '--follow', '-r', growing]);
		let from = 0;
		for (let i = 1; i < places.length; i += 3) {
			/* Each piece ends in the middle of a packet. */
			fs.appendFileSync(growing, bytes.subarray(from, places[i] + 20));
			from = places[i] + 20;
			await running.until(i);
		}
		fs.appendFileSync(growing, bytes.subarray(from));
		await running.until(places.length);
		running.child.kill('SIGINT');
		assert.strictEqual(await running.ended, 0, running.stderr);
		assert.deepStrictEqual(running.stdout.trimEnd().split('\n'), wanted);
	});
}

(async () => {
	await follows('pcap', whole, records(whole));
	const ng = fs.readFileSync(at('edited.pcapng'));
	const blocks = [];
	for (let place = 0; place < ng.length; place += ng.readUInt32LE(place + 4)) {
		if (ng.readUInt32LE(place) === 6)
			blocks.push(place);
	}
	await follows('pcapng', ng, blocks);
	await tap.test('--follow: a file that is cut short meanwhile does no harm', async () => {
		const growing = file('shrinking.pcap', whole);
		const running = new Running([...PACKETS, '--follow', '-r', growing]);
		await running.until(wanted.length);
		fs.truncateSync(growing, 30);
		running.child.kill('SIGINT');
		assert.strictEqual(await running.ended, 0, running.stderr);
	});
	for (const [format, args] of [['packets', []], ['story', ['--format', 'story']]])
		await tap.test(`--follow: by its name, ${format}`, async () => {
			const growing = file('rotated.pcap', whole), half = records(whole)[8];
			const running = new Running([...PACKETS, '--follow', '-r', growing, ...args]);
			const times = wanted.map((line) => line.split(' ')[0]);
			const told = () => running.stdout.split('\n').map((line) => line.split(' ')[0]).filter((word) => times.includes(word));
			const until = (count) => running.until(count, () => told().length);

			await until(wanted.length);
			/* Another takes its place, in another format; what is written to the old one before that is read. */
			fs.renameSync(growing, `${growing}.1`);
			fs.writeFileSync(`${growing}.new`, ng.subarray(0, blocks[3] + 9));
			fs.renameSync(`${growing}.new`, growing);
			await until(wanted.length + 3);
			fs.appendFileSync(growing, ng.subarray(blocks[3] + 9));
			await until(2 * wanted.length);
			/* It is cut short, and written anew. */
			fs.truncateSync(growing, 0);
			await running.said('cut short');
			fs.appendFileSync(growing, whole.subarray(0, half));
			await until(2 * wanted.length + 8);
			/* One that ends in the middle of a packet is rotated away, and for a while there is none. */
			fs.appendFileSync(growing, whole.subarray(half, half + 30));
			fs.renameSync(growing, `${growing}.2`);
			fs.writeFileSync(`${growing}.new`, whole);
			fs.renameSync(`${growing}.new`, growing);
			await until(3 * wanted.length + 8);
			running.child.kill('SIGINT');
			assert.strictEqual(await running.ended, 0, running.stderr);
			assert.deepStrictEqual(told(), [...times, ...times, ...times.slice(0, 8), ...times]);
			assert.strictEqual(running.stderr.match(/another file has this name now/g).length, 2);
			assert.strictEqual(running.stderr.match(/cut short/g).length, 1);
		});
	await tap.test('--follow without a file to follow is refused', () => {
		for (const args of [[], ['-V', at('list')]]) {
			const { status, stderr } = wscap(['--follow', ...args]);
			assert.strictEqual(status, 2);
			assert.match(`${stderr}`, /--follow/);
		}
	});
	tap.done();
})();
