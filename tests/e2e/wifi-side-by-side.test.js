'use strict';
/* 802.11 beside the real tcpdump: what drivers put in front of frames, with many sets of radiotap's fields, and frames of
 * each kind; whole and cut, equal to the byte.
 *
 *     WSCAP=build/src/wscap/wscap node tests/e2e/wifi-side-by-side.test.js */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');
const { pcap } = require('../lib/pcap.js');
const { segment } = require('../lib/net.js');
const { random } = require('../lib/random.js');

const WANTED = '4.99.3'; /* another version prints other lines */
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-wifi-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' };
const OPTIONS = ['-n', '-ne', '-nev', '-nq', '-nX', '-neA', '-nvxx', '-e'];

const { below, bytes: some } = random(80211);
const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const u16 = (...values) => Buffer.concat(values.map((value) => Buffer.from([value & 255, value >> 8])));
const [A, B, C, D] = ['020000000011', '020000000022', '00000c334455', 'ffffffffffff'].map(hex);

/* A packet of TCP, behind 802.2 and SNAP. */
const ip = (text, version = 4) => segment({ src: version === 4 ? '192.0.2.1' : '2001:db8::1', dst: version === 4 ? '198.51.100.2' : '2001:db8::2',
	sport: 60653, dport: 7272, seq: 100, ack: 200, flags: 'PA', payload: Buffer.from(text), link: 'raw', ip: version === 4 ? { id: 7 } : {} });
const snap = (type, payload, oui = '000000') => Buffer.concat([hex(`aaaa03 ${oui}`), Buffer.from([type >> 8, type & 255]), payload]);

const header = (control, ...addresses) => Buffer.concat([hex(control), u16(314), ...addresses.slice(0, 3), u16(0x1230), ...addresses.slice(3)]);
const element = (kind, body) => Buffer.concat([Buffer.from([kind, body.length]), Buffer.from(body)]);
const ELEMENTS = Buffer.concat([element(0, 'a network'), element(1, [0x82, 0x84, 0x8b, 0x0c, 0x12, 0x60]), element(3, [11]),
	element(5, [0, 1, 0, 0]), element(48, some(20)), element(0, 'another'), element(50, [0x30, 0x48])]);
const management = (subtype, body, flags = 0) => Buffer.concat([header(Buffer.from([subtype << 4, flags]).toString('hex'), D, A, B), body]);
const control = (subtype, ...parts) => Buffer.concat([Buffer.from([subtype << 4 | 4, 0]), u16(77), ...parts]);

const DATA = [
	['0801', B, A, C], ['0802', A, B, C], ['0800', A, B, C], ['0803', A, B, C, D], ['0809', B, A, C], ['0829', B, A, C], ['1801', B, A, C],
	['2801', B, A, C], ['3801', B, A, C], ['08b9', B, A, C],
].map(([bits, ...addresses]) => Buffer.concat([header(bits, ...addresses), snap(0x0800, ip('hello'))]));
const QUALITY = ['8801', '8802', '9801', 'a801', '8881'].map((bits) =>
	Buffer.concat([header(bits, B, A, C), u16(5), snap(0x86dd, ip('hello', 6))]));
const OTHERS = [
	Buffer.concat([header('0801', B, A, C), snap(0x0800, ip('bridged'), '0000f8')]),
	Buffer.concat([header('0801', B, A, D), snap(0x0806, hex('0001 0800 0604 0001 020000000011 c0000201 000000000000 c6336402'))]),
	Buffer.concat([header('0801', B, A, D), snap(0x1234, some(30))]), /* nobody knows it */
	header('4801', B, A, C), Buffer.concat([header('c801', B, A, C), u16(0)]), /* without data */
	Buffer.concat([header('0841', B, A, C), hex('12345640'), some(40)]), /* encrypted */
	...[0x0c, 0x0d, 0x0f].map((byte) => Buffer.concat([Buffer.from([byte, 1]), some(30)])),
];
const MANAGEMENT = [
	management(8, Buffer.concat([some(8), u16(100, 0x0011), ELEMENTS])), management(8, Buffer.concat([some(8), u16(100, 0x0002), ELEMENTS])),
	management(5, Buffer.concat([some(8), u16(100, 0x0411), ELEMENTS])), management(4, ELEMENTS), management(4, element(0, '')),
	management(4, element(0, 'n\xe9t\x01\x7f')), management(4, element(0, 'x'.repeat(33))), management(4, element(1, Array(17).fill(2))),
	management(0, Buffer.concat([u16(0x0431, 10), ELEMENTS])), management(2, Buffer.concat([u16(0x0431, 10), B, ELEMENTS])),
	management(9, Buffer.alloc(0)), management(6, some(4)), management(15, some(4)), management(11, Buffer.concat([hex('00000140'), some(20)]), 0x40),
	management(11, u16(0, 1, 0)), management(11, u16(0, 2, 0)), management(11, u16(0, 2, 13)), management(11, u16(2, 1, 0)), management(11, u16(7, 4, 0)),
	management(11, Buffer.concat([u16(1, 2, 0), element(16, some(128))])), management(11, Buffer.concat([u16(1, 3, 0), element(16, some(128))])),
	management(8, Buffer.concat([some(8), u16(100, 0x0011), ELEMENTS]), 0x28),
	...[1, 3].flatMap((subtype) => [[0x0431, 0, 0xc001], [0x0421, 17, 0xffff], [0x0031, 20, 0x4002]].map((fixed) =>
		management(subtype, Buffer.concat([u16(...fixed), ELEMENTS])))),
	management(1, u16(0, 0)), management(1, Buffer.concat([u16(0x10, 5, 0xc001), element(0, 'x'.repeat(33))])),
	...[10, 12].flatMap((subtype) => [management(subtype, u16(3)), management(subtype, Buffer.concat([u16(8), element(221, some(9))])),
		management(subtype, hex('01')), management(subtype, some(30), 0x40)]),
	management(13, hex('03')), management(13, hex('0401 0203')), management(13, some(30), 0x40), management(11, u16(0, 1, 15)),
];
/* Each number of what is told by number. */
const count = (length, make) => Array.from({ length }, (_, i) => make(i));
const CODES = [
	...count(112, (status) => management(1, u16(0x0401, status, 0xc001))), management(1, u16(0x0401, 0xffff, 0xc001)),
	...count(112, (status) => management(11, u16(0, 3, status))),
	...[10, 12].flatMap((subtype) => [...count(70, (reason) => management(subtype, u16(reason))), management(subtype, u16(0xffff))]),
	...count(256, (category) => management(13, Buffer.from([category, 1]))),
	...[3, 7, 13, 14, 15].flatMap((category) => count(13, (action) => management(13, Buffer.from([category, action])))),
];
const CONTROL = [
	control(7, some(8)), control(8, A, B, u16(0x0104, 0x1230)), control(9, A, some(20)), Buffer.concat([hex('a410'), u16(0xc001), A, B]),
	control(11, A, B), control(12, A), control(13, A), control(14, D, B), control(15, D, B), control(5, A, B), control(0, some(8)),
];
const FRAMES = [...DATA, ...QUALITY, ...OTHERS, ...MANAGEMENT, ...CONTROL];

/* Radiotap's fields, by their bits: how many bytes, and at a multiple of how many they begin. */
const FIELDS = { 0: [8, 8], 1: [1, 1], 2: [1, 1], 3: [4, 2], 4: [2, 1], 5: [1, 1], 6: [1, 1], 7: [2, 2], 8: [2, 2], 9: [2, 2], 10: [1, 1],
	11: [1, 1], 12: [1, 1], 13: [1, 1], 14: [2, 2], 18: [8, 4], 19: [3, 1], 20: [8, 4], 21: [12, 2] };

/* A header with these words; a field's bytes are what value(bit, length) says. */
function radiotap(words, value = (bit, length) => some(length)) {
	let body = Buffer.alloc(4 + 4 * words.length);

	words.forEach((word, i) => body.writeUInt32LE(word >>> 0, 4 + 4 * i));
	for (const word of words)
		for (const [bit, [length, align]] of Object.entries(FIELDS))
			if (word >>> bit & 1)
				body = Buffer.concat([body, Buffer.alloc((align - body.length % align) % align), value(Number(bit), length)]);
	body.writeUInt16LE(body.length, 2);
	return body;
}

/* Flags without what changes the frame: padding, a check sequence. */
const plain = (bit, length) => (bit === 1 ? Buffer.from([below(256) & ~0x30]) : some(length));
const bits = Object.keys(FIELDS).map(Number);

const taps = [
	radiotap([0]), ...bits.flatMap((bit) => [1, 2, 3].map(() => radiotap([1 << bit], plain))),
	...Array.from({ length: 77 }, (_, index) => [0, 1, 4, 5].map((flags) => radiotap([1 << 19], () => Buffer.from([0x3f, flags, index])))).flat(),
	...Array.from({ length: 32 }, (_, width) => radiotap([1 << 21], () => Buffer.concat([u16(0x44), Buffer.from([width & 4, width, 0x91, 0x42, 0, 0x13, 5]), some(3)]))),
	...Array.from({ length: 300 }, () => radiotap([bits.reduce((word, bit) => (below(3) ? word : word | 1 << bit), 0)], plain)),
	radiotap([1 << 2 | 1 << 15, 0]), radiotap([1 << 22]), radiotap([1 << 28 | 1 << 2]), /* bits without a field */
	radiotap([0x80000000 | 1 << 5 | 1 << 29, 1 << 5 | 1 << 11]), radiotap([0x80000000 | 1 << 5, 1 << 5]), radiotap([0x80000000 | 0x60000000, 1 << 5]),
	/* a vendor's fields, which are passed over; and too many of them */
	...[4, 200].map((length) => Buffer.concat([hex('0000'), u16(28), hex('240000c0 070000a0 02000000'), hex('0c c9'), hex('001122 03'), u16(length), some(4)])),
	hex('0000 0700 00000000'), hex('0000 0c00 00000080 00000080'), hex('0000 0a00 01000000 1122'), hex('0000 ffff 00000000'),
];

const captures = {
	wifi: { link: 'wifi', packets: FRAMES },
	'wifi-codes': { link: 'wifi', packets: CODES },
	radiotap: { link: 'radiotap', packets: [...taps.map((tap, i) => Buffer.concat([tap, FRAMES[i % DATA.length]])), ...FRAMES.map((frame) => Buffer.concat([radiotap([0x6e], plain), frame]))] },
	'radiotap-tail': { link: 'radiotap', packets: [0x10, 0x20, 0x30].flatMap((flags) => [...DATA, ...QUALITY].map((frame) => {
		const length = 24 + ((frame[1] & 3) === 3 ? 6 : 0) + (frame[0] & 0x80 ? 2 : 0);
		const padded = flags & 0x20 ? Buffer.concat([frame.subarray(0, length), Buffer.alloc(-length & 3), frame.subarray(length)]) : frame;

		return Buffer.concat([radiotap([2], () => Buffer.from([flags])), padded, Buffer.alloc(flags & 0x10 ? 4 : 0)]);
	})) },
	prism: { link: 'prism', packets: FRAMES.map((frame) => Buffer.concat([hex('00000044'), some(140), frame])) },
	'prism-avs': { link: 'prism', packets: DATA.map((frame) => Buffer.concat([hex('80211002 00000040'), some(56), frame])) },
	avs: { link: 'avs', packets: [...FRAMES.map((frame) => Buffer.concat([hex('80211001 00000040'), some(56), frame])), hex('80211001 00000007 1122')] },
	ppi: { link: 'ppi', packets: [...FRAMES.map((frame) => Buffer.concat([hex('0000 0800 69000000'), frame])),
		...taps.slice(0, 60).map((tap, i) => Buffer.concat([hex('0000 0c00 7f000000 12345678'), tap, FRAMES[i % DATA.length]])),
		Buffer.concat([hex('0000 0700 69000000'), some(20)]), Buffer.concat([hex('0000 0800 ffffff00'), some(20)]),
		Buffer.concat([hex('0000 0800 c0000000'), hex('0000 0800 69000000'), DATA[0]])] },
};

/* Whole, and the first of each kind cut at many places; but not within 802.2, whose cut-off header is one line. */
function cut({ packets }) {
	const cuts = packets.filter((_, i) => i % 7 === 0).flatMap((bytes) => {
		const llc = bytes.indexOf(hex('aaaa03'));

		return [...bytes.keys()].slice(1).filter((length) => llc < 0 || length <= llc - 32 || length >= llc + 8)
			.filter((length, i) => i % 3 === 0).map((length) => ({ bytes: bytes.subarray(0, length), wireLen: bytes.length }));
	});

	return [...packets.map((bytes) => ({ bytes })), ...cuts];
}

function run(command, args) {
	const { stdout, error, signal } = spawnSync(command, args, { env, maxBuffer: 1 << 28 });

	assert.ifError(error);
	assert.strictEqual(signal, null, `${command} ${args.join(' ')}`);
	return stdout.toString('latin1').split('\n');
}

const version = spawnSync('tcpdump', ['--version'], { encoding: 'utf8' });

if (version.error || !version.stdout.startsWith(`tcpdump version ${WANTED}`))
	tap.skip('beside tcpdump', `tcpdump ${WANTED} is not installed`);
else
	for (const [name, capture] of Object.entries(captures)) {
		const file = path.join(dir, `${name}.pcap`);

		fs.writeFileSync(file, pcap(cut(capture).map((packet, i) => ({ time: 1700000000000000000n + BigInt(i) * 1000n, ...packet })), { link: capture.link }));
		for (const option of OPTIONS)
			tap.test(`${name}: ${option}`, () => {
				const theirs = run('tcpdump', [option, '-r', file]);
				const ours = run(program, ['--format', 'packets', option, '-r', file]);
				const at = theirs.findIndex((line, i) => line !== ours[i]);

				assert.strictEqual(ours[at], theirs[at], `line ${at + 1} of ${theirs.length}`);
				assert.strictEqual(ours.length, theirs.length);
			});
	}
tap.done();
