'use strict';
/* -w FILE.pcapng: interfaces, times, statistics and comments as they were, and the story beside each packet, for
 * Wireshark's own programs. */

const assert = require('assert');
const dgram = require('dgram');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn, spawnSync, execFileSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program, wscap, lines } = require('../lib/wscap.js');
const { pcapng } = require('../lib/pcap.js');

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-pcapng-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const asRoot = process.getuid() === 0 ? ['-Z', 'root'] : [];

const at = (name) => path.join(dir, name);
function file(name, bytes) {
	fs.writeFileSync(at(name), bytes);
	return at(name);
}
const make = (name) => require(`../cases/${name}.js`).make('whole').bytes();
const golden = path.join(__dirname, '../golden/workerman-chat-2014.pcap');

function write(input, name, ...args) {
	const { status, stderr } = wscap(['-r', input, '-w', at(name), ...asRoot, ...args]);

	assert.strictEqual(status, 0, `${stderr}`);
	return at(name);
}

const PACKETS = ['-n', '-tt', '--nano', '--format', 'packets'];
const packets = (name) => wscap([...PACKETS, '-r', name]).stdout.toString();

function tshark(name, ...fields) {
	const { status, stdout, stderr } = spawnSync('tshark', ['-n', '-r', name, '-T', 'fields',
		...fields.flatMap((field) => ['-e', field])], { maxBuffer: 1 << 28 });

	assert.strictEqual(status, 0, `${stderr}`);
	return lines(stdout).map((line) => line.split('\t'));
}

/* What Wireshark's reader says of a file: { name: value }, the last of each name. */
function capinfos(name) {
	const { status, stdout, stderr } = spawnSync('capinfos', [name], { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });

	assert.strictEqual(status, 0, `${stderr}`);
	return Object.fromEntries(lines(stdout).map((line) => /^\s*(.*?)\s*[:=]\s*(.*)$/.exec(line)).filter((found) => found)
		.map((found) => [found[1], found[2]]));
}

/* The blocks of a file in this machine's byte order: { type, body, at }. */
function blocks(name) {
	const bytes = fs.readFileSync(name);
	const list = [];

	for (let place = 0; place < bytes.length;) {
		const length = bytes.readUInt32LE(place + 4);
		assert.strictEqual(bytes.readUInt32LE(place + length - 4), length);
		list.push({ type: bytes.readUInt32LE(place), body: bytes.subarray(place + 8, place + length - 4) });
		place += length;
	}
	return list;
}
const ofType = (name, type) => blocks(name).filter((block) => block.type === type);

const sectionsOf = (name) => ofType(name, 0x0a0d0d0a).map(({ body }) => options(body, 16).map(([code, value]) => [code, value.toString()]));

tap.test('sections stay what they are, with their comments and all else they say, whatever their byte order', () => {
	const time = 1700000000000000000n;
	const packet = (i) => ({ time: time + BigInt(i) * 1000000000n, bytes: Buffer.alloc(60, i) });
	const about = [
		[[1, 'from the first day'], [1, 'and a second comment, über zwei Zeilen\nlang'], [2, 'a machine'], [3, 'an OS'], [4, 'a program']],
		[[1, 'of the other byte order']],
		[],
		[[3, 'nothing was captured here']],
	];
	const input = file('sections.pcapng', Buffer.concat([
		pcapng([packet(1), packet(2)], { about: about[0] }), pcapng([packet(3)], { about: about[1], bigEndian: true, link: 'sll' }),
		pcapng([packet(4)], { about: about[2], nano: true }), pcapng([], { about: about[3], bigEndian: true })]));
	const ours = `wscap ${/version (\S+)/.exec(wscap(['--version']).stdout)[1]}`;
	const wanted = about.map((each) => (each.some(([code]) => code === 4) ? each : [...each, [4, ours]]));
	const written = write(input, 'sections-out.pcapng');

	assert.deepStrictEqual(sectionsOf(written), wanted);
	assert.strictEqual(packets(written), packets(input));
	assert.deepStrictEqual(tshark(written, 'frame.time_epoch', 'frame.interface_name'), tshark(input, 'frame.time_epoch', 'frame.interface_name'));
	const { stdout } = spawnSync('capinfos', ['-k', written], { env: { ...process.env, LC_ALL: 'C' } });
	assert.match(`${stdout}`, /Capture comment: +from the first day/);
	assert.deepStrictEqual(sectionsOf(write(written, 'sections-again.pcapng')), wanted);
	/* Each of several files says what the section says that its first packet is of. */
	wscap(['-r', input, '-w', at('each.pcapng'), '-G', '1', '-W', '9', ...asRoot]);
	assert.deepStrictEqual(sectionsOf(at('each.pcapng'))[0], wanted[0]);
});

tap.test('each packet has its block of the story as its comment', () => {
	const written = write(golden, 'story.pcapng');
	const story = wscap(['-r', golden]).stdout.toString();
	const wanted = [...story.matchAll(/^\/\*\n([^]*?)^ \*\/\n/gm)].map((block) =>
		block[1].replace(/^ \* ?/gm, '').replace(/\n$/, ''));
	const got = tshark(written, 'frame.comment').map(([comment]) => comment.replace(/\\n/g, '\n'));
	assert.ok(wanted.length > 20);
	/* A comment cannot be closed from inside, and needs no sign against that; tshark doubles backslashes. */
	const plain = (text) => text.replace(/\*\\u\{2f\}/g, '*/').replace(/\\+u/g, '\\u').replace(/"/g, '');
	assert.deepStrictEqual(got.map(plain), wanted.map(plain));
	assert.strictEqual(packets(written), packets(golden));
	assert.strictEqual(capinfos(written)['Number of packets'], String(wanted.length));
	assert.match(capinfos(written)['Capture application'], /^wscap /);
});

tap.test('in the reader\'s language', () => {
	const written = write(golden, 'it.pcapng', '--lang', 'it');
	assert.match(tshark(written, 'frame.comment')[0][0], /connessione/);
});

tap.test('what is known only at the end is a comment of the last packet', () => {
	const input = file('gap.pcap', make('lost-segment'));
	const written = write(input, 'gap.pcapng');
	const story = wscap(['-r', input]).stdout.toString();
	const last = story.slice(story.lastIndexOf('/*\n'));
	const comments = tshark(written, 'frame.comment').map(([comment]) => comment);
	assert.ok(story.endsWith(' */\n'), 'the story ends with words that have no packet');
	const [, title] = last.split('\n').map((line) => line.replace(/^ \* ?/, ''));
	assert.ok(comments[comments.length - 1].includes(title), comments[comments.length - 1]);
	assert.strictEqual(comments.filter((comment) => comment.includes(title)).length, 1);
	assert.ok(fs.readFileSync(write(written, 'gap-again.pcapng')).equals(fs.readFileSync(written)));
	assert.strictEqual(packets(write(input, 'gap-U.pcapng', '-U')), packets(written));
});

tap.test('read and written again, it is the same', () => {
	const once = write(golden, 'once.pcapng');
	const twice = write(once, 'twice.pcapng');
	assert.ok(fs.readFileSync(once).equals(fs.readFileSync(twice)));
});

tap.test('several interfaces and link types are kept; a classic file refuses them', () => {
	execFileSync('mergecap', ['-a', '-w', at('merged.pcapng'), file('e.pcap', make('several-in-one-segment')),
				  file('r.pcap', make('raw-ip'))]);
	const written = write(at('merged.pcapng'), 'two.pcapng');
	assert.strictEqual(packets(written), packets(at('merged.pcapng')));
	assert.strictEqual(capinfos(written)['Number of interfaces in file'], '2');
	assert.deepStrictEqual(tshark(written, 'frame.time_epoch', 'frame.interface_id', 'frame.encap_type'),
			       tshark(at('merged.pcapng'), 'frame.time_epoch', 'frame.interface_id', 'frame.encap_type'));
	const { status, stderr } = wscap(['-r', at('merged.pcapng'), '-w', at('two.pcap'), ...asRoot]);
	assert.strictEqual(status, 1);
	assert.match(`${stderr}`, /two\.pcap: packets of several link types: .*\.pcapng/);
});

tap.test('resolution, byte order, names and the filter', () => {
	const input = file('big.pcapng', make('pcapng-big-nano'));
	const written = write(input, 'big-out.pcapng', 'src port 7272');
	const all = tshark(input, 'frame.time_epoch', 'tcp.srcport', 'frame.interface_name');
	assert.match(capinfos(written)['Time precision'], /nanoseconds/);
	assert.deepStrictEqual(tshark(written, 'frame.time_epoch', 'tcp.srcport', 'frame.interface_name'),
			       all.filter(([, port]) => port === '7272'));
	assert.strictEqual(all[0][2], 'test0');
	const micro = write(file('micro.pcapng', make('pcapng')), 'micro-out.pcapng');
	assert.match(capinfos(micro)['Time precision'], /microseconds/);
});

tap.test('the comments that are there stay', () => {
	execFileSync('editcap', ['-a', '3:a note of mine', golden, at('noted.pcapng')]);
	const written = write(at('noted.pcapng'), 'noted-out.pcapng');
	assert.match(tshark(written, 'frame.comment')[2][0], /^a note of mine,TCP handshake/);
});

/* The fields of a pcapng file of that byte order. */
function writing(big) {
	const end = big ? 'BE' : 'LE';
	const u16 = (value) => { const b = Buffer.alloc(2); b[`writeUInt16${end}`](value); return b; };
	const u32 = (value) => { const b = Buffer.alloc(4); b[`writeUInt32${end}`](value); return b; };
	const u64 = (value) => { const b = Buffer.alloc(8); b[`writeBigUInt64${end}`](BigInt(value)); return b; };
	const pad = (bytes) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
	const option = (code, value) => Buffer.concat([u16(code), u16(value.length), pad(value)]);
	const block = (type, ...parts) => {
		const body = pad(Buffer.concat(parts));
		return Buffer.concat([u32(type), u32(body.length + 12), body, u32(body.length + 12)]);
	};
	return { u16, u32, u64, option, block, last: option(0, Buffer.alloc(0)) };
}
const ipPacket = () => make('raw-ip').subarray(24 + 16, 24 + 16 + 40);

/* An input in the other byte order with statistics and options of a packet. */
function rich(big) {
	const { u16, u32, u64, option, block, last } = writing(big);
	const data = ipPacket();

	return Buffer.concat([
		block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u64(0xffffffffffffffffn)),
		block(1, u16(101), u16(0), u32(0), option(2, Buffer.from('eth7')), option(8, u64(1000000000)), option(9, Buffer.from([9]))),
		block(10, u32(0x544c534b), u32(5), Buffer.from('a key')),
		block(6, u32(0), u32(400000000), u32(1), u32(data.length), u32(data.length), data, option(2, u32(1)),
		      option(1, Buffer.from('seen')), last),
		block(5, u32(0), u32(400000000), u32(1), option(4, u64(77)), option(7, u64(3)), last),
	]);
}

for (const big of [false, true])
	tap.test(`statistics and options are kept, ${big ? 'turned' : 'as they are'}; keys only with --write-keys`, () => {
		const input = file(`rich-${big}.pcapng`, rich(big));
		const written = write(input, `rich-${big}-out.pcapng`);
		const statistics = ofType(written, 5);
		assert.strictEqual(statistics.length, 1);
		assert.strictEqual(statistics[0].body.readBigUInt64LE(16), 77n);
		assert.strictEqual(statistics[0].body.readBigUInt64LE(28), 3n);
		assert.deepStrictEqual(tshark(written, 'frame.interface_name', 'frame.packet_flags')[0],
				       tshark(input, 'frame.interface_name', 'frame.packet_flags')[0]);
		assert.match(tshark(written, 'frame.comment')[0][0], /^seen,/);
		assert.strictEqual(ofType(written, 10).length, 0);
		const keys = ofType(write(input, `rich-${big}-keys.pcapng`, '--write-keys'), 10);
		assert.strictEqual(keys.length, 1);
		assert.strictEqual(keys[0].body.toString('latin1', 8, 13), 'a key');
		assert.strictEqual(keys[0].body.readUInt32LE(0), 0x544c534b);
	});

/* Two interfaces with clocks of their own, of which one has no packet; names; and when each was listened on. */
const SECONDS = 1600000000n;
function timed(big) {
	const { u16, u32, u64, option, block, last } = writing(big);
	const data = ipPacket();
	const time = (units) => Buffer.concat([u32(Number(units >> 32n)), u32(Number(units & 0xffffffffn))]);
	const halves = (seconds) => time((SECONDS + seconds - 3600n) * 1024n + 512n);

	return Buffer.concat([
		block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u64(0xffffffffffffffffn)),
		block(1, u16(101), u16(0), u32(0), option(2, Buffer.from('idle0')), option(9, Buffer.from([0x80 | 10])),
		      option(14, u64(3600)), last),
		block(1, u16(101), u16(0), u32(0), option(2, Buffer.from('busy0')), last),
		block(4, u16(1), u16(4 + 12), data.subarray(12, 16), Buffer.from('alice.test\0\0'), u16(0), u16(0),
		      option(2, Buffer.from('a name server')), last),
		block(6, u32(1), time(SECONDS * 1000000n), u32(data.length), u32(data.length), data),
		block(5, u32(0), halves(3n), option(2, halves(1n)), option(3, halves(2n)), option(5, u64(9)), last),
		block(5, u32(1), time((SECONDS + 3n) * 1000000n), option(3, time((SECONDS + 2n) * 1000000n)), last),
	]);
}

/* The options of a block in this machine's byte order, from that place on: [code, value]. */
function options(body, place) {
	const list = [];

	for (let length; place < body.length && body.readUInt16LE(place); place += 4 + length + (-length & 3)) {
		length = body.readUInt16LE(place + 2);
		list.push([body.readUInt16LE(place), body.subarray(place + 4, place + 4 + length)]);
	}
	return list;
}

for (const big of [false, true])
	tap.test(`times of statistics, and names, ${big ? 'turned' : 'as they are'}`, () => {
		const input = file(`timed-${big}.pcapng`, timed(big));
		const written = write(input, `timed-${big}-out.pcapng`);
		const time = (body, at) => BigInt(body.readUInt32LE(at)) << 32n | BigInt(body.readUInt32LE(at + 4));
		const [idle, busy] = ofType(written, 1).map(({ body }) => options(body, 8));
		const statistics = ofType(written, 5).map(({ body }) => ({ interface: body.readUInt32LE(0), at: time(body, 4),
			times: options(body, 12).filter(([code]) => code < 4).map(([code, value]) => [code, time(value, 0)]),
			drops: options(body, 12).filter(([code]) => code === 5).map(([, value]) => value.readBigUInt64LE(0)) }));
		/* a clock that ticks 1,024 times a second, an hour late, becomes nanoseconds; microseconds stay */
		const nano = (seconds) => (SECONDS + seconds) * 1000000000n + 500000000n;
		const micro = (seconds) => (SECONDS + seconds) * 1000000n;

		assert.deepStrictEqual([idle, busy].map((list) => `${list.find(([code]) => code === 2)[1]}`), ['idle0', 'busy0']);
		assert.deepStrictEqual(statistics, [
			{ interface: 0, at: nano(3n), times: [[2, nano(1n)], [3, nano(2n)]], drops: [9n] },
			{ interface: 1, at: micro(3n), times: [[3, micro(2n)]], drops: [] },
		]);
		assert.match(capinfos(written)['Number of interfaces in file'], /^2$/);
		const named = (name) => execFileSync('tshark', ['-Nn', '-r', name, '-T', 'fields', '-e', 'ip.src_host']).toString();
		assert.strictEqual(named(input), 'alice.test\n');
		assert.strictEqual(named(written), 'alice.test\n');
		const [names] = ofType(written, 4);
		assert.strictEqual(`${options(names.body, 4 + 16 + 4)[0][1]}`, 'a name server');
		assert.ok(fs.readFileSync(write(written, `timed-${big}-again.pcapng`)).equals(fs.readFileSync(written)));
	});

/* Interfaces without packets or statistics, between others; options whose numbers have to be turned; blocks of others. */
function foreign(big) {
	const { u16, u32, u64, option, block, last } = writing(big);
	const data = ipPacket();
	const interfaceOf = (name, link) => block(1, u16(link), u16(0), u32(96), option(2, Buffer.from(name)), last);

	return Buffer.concat([
		block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u64(0xffffffffffffffffn)),
		interfaceOf('idle0', 1), interfaceOf('busy0', 101), interfaceOf('idle1', 113),
		block(6, u32(1), u32(300000), u32(1), u32(data.length), u32(data.length), data, option(8, Buffer.concat([u32(4711), u32(4712)])),
		      option(7, Buffer.concat([Buffer.from([1]), u64(2)])), option(7, Buffer.from([0, 1, 2])),
		      option(2988, Buffer.concat([u32(32473), Buffer.from('words')])), option(2989, Buffer.concat([u32(32473), u32(7)])), last),
		block(9, Buffer.from('__REALTIME_TIMESTAMP=1600000000000000\nMESSAGE=a journal\n')),
		block(0xbad, u32(32473), u32(1)),
		block(0x40000bad, u32(32473), u32(2)),
		block(0x7fff, u32(3)),
		block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u64(0xffffffffffffffffn)),
		interfaceOf('idle2', 276),
	]);
}

for (const big of [false, true])
	tap.test(`what others wrote is kept as far as it can be, ${big ? 'turned' : 'as it is'}`, () => {
		const input = file(`foreign-${big}.pcapng`, foreign(big));
		const written = write(input, `foreign-${big}-out.pcapng`);
		const number = (value) => Buffer.from(Uint32Array.of(value).buffer);
		const devices = ofType(written, 1).map(({ body }) => [body.readUInt16LE(0), body.readUInt32LE(4), `${options(body, 8)[0][1]}`]);
		const [{ body }] = ofType(written, 6);
		const kept = options(body, 20 + body.readUInt32LE(12)).filter(([code]) => code !== 1).map(([code, value]) => [code, value.toString('hex')]);
		const words = Buffer.concat([number(32473), Buffer.from('words')]).toString('hex');

		assert.deepStrictEqual(devices, [[1, 96, 'idle0'], [101, 96, 'busy0'], [113, 96, 'idle1'], [276, 96, 'idle2']]);
		assert.strictEqual(body.readUInt32LE(0), 1);
		assert.deepStrictEqual(kept, [[8, Buffer.concat([number(4711), number(4712)]).toString('hex')], [7, '010200000000000000'],
			[7, '000102'], [2988, words],
			...(big ? [] : [[2989, Buffer.concat([number(32473), number(7)]).toString('hex')]])]);
		assert.deepStrictEqual(ofType(written, 9).map(({ body: entry }) => /MESSAGE=.*/.exec(entry)[0]), ['MESSAGE=a journal']);
		assert.strictEqual(ofType(written, 0xbad).length, big ? 0 : 1);
		assert.strictEqual(blocks(written).filter(({ type }) => type === 0x40000bad || type === 0x7fff).length, 0);
		assert.strictEqual(capinfos(written)['Number of interfaces in file'], capinfos(input)['Number of interfaces in file']);
		assert.ok(fs.readFileSync(write(written, `foreign-${big}-again.pcapng`)).equals(fs.readFileSync(written)));
	});

tap.test('a capture without packets has its interface', () => {
	const bytes = make('raw-ip').subarray(0, 24);
	const written = write(file('empty.pcap', bytes), 'empty-out.pcapng');

	assert.deepStrictEqual(ofType(written, 1).map(({ body }) => body.readUInt16LE(0)), [101]);
});

tap.test('--write-keys into a file that cannot hold them is refused', () => {
	for (const args of [['--write-keys'], ['--write-keys', '-w', at('x.pcap')]]) {
		const { status, stderr } = wscap(['-r', golden, ...args]);
		assert.strictEqual(status, 2);
		assert.match(`${stderr}`, /--write-keys/);
	}
});

tap.test('-C: each file is whole by itself', () => {
	const input = file('ten.pcap', make('ten-megabytes'));
	const home = fs.mkdtempSync(at('rotated-'));
	write(input, path.join(path.basename(home), 'part.pcapng'), '-C', '2');
	const names = fs.readdirSync(home).map((name) => path.join(home, name));
	assert.ok(names.length > 3, names.join());
	const counts = names.map((name) => Number(capinfos(name)['Number of packets'].replace(/\D/g, '')));
	assert.strictEqual(counts.reduce((sum, count) => sum + count), packets(input).split('\n').length - 1);
});

tap.test('--print tells while it writes', () => {
	const { status, stdout } = wscap(['-r', golden, '-w', at('printed.pcapng'), '--print', ...asRoot]);
	assert.strictEqual(status, 0);
	assert.ok(stdout.equals(wscap(['-r', golden]).stdout));
	assert.ok(fs.readFileSync(at('printed.pcapng')).equals(fs.readFileSync(at('story.pcapng'))));
});

tap.test('a disk that is full is an error', () => {
	fs.symlinkSync('/dev/full', at('full.pcapng'));
	const { status, stderr } = wscap(['-r', golden, '-w', at('full.pcapng'), ...asRoot]);
	assert.strictEqual(status, 1);
	assert.match(`${stderr}`, /full\.pcapng: No space left/);
});

async function live() {
	const child = spawn(program, ['-i', 'lo', '-U', '-w', at('live.pcapng'), ...asRoot, 'udp port 29751']);
	const ended = new Promise((resolve) => child.on('close', resolve));
	const socket = dgram.createSocket('udp4');
	let stderr = '';
	await new Promise((resolve) => {
		child.stderr.on('data', (text) => {
			stderr += text;
			if (/listening on/.test(stderr))
				resolve();
		});
		ended.then(resolve);
	});
	for (let tries = 0; tries < 300 && fs.existsSync(at('live.pcapng')) && ofType(at('live.pcapng'), 6).length < 3; tries++) {
		await new Promise((resolve) => socket.send('hello', 29751, '127.0.0.1', resolve));
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	socket.close();
	child.kill('SIGINT');
	assert.strictEqual(await ended, 0, stderr);
	assert.strictEqual(capinfos(at('live.pcapng')).Name, 'lo');
	const [statistics] = ofType(at('live.pcapng'), 5);
	/* isb_filteraccept is at least what is in the file */
	assert.ok(Number(statistics.body.readBigUInt64LE(16)) >= ofType(at('live.pcapng'), 6).length);
}

(async () => {
	if (process.getuid() === 0)
		await tap.test('live: the device is named, and its counters stand at the end', live);
	else
		tap.skip('live: the device is named, and its counters stand at the end', 'needs the right to capture');
	tap.done();
})();
