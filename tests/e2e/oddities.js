'use strict';
/* Packets as a capture of a bad day has them: every TCP option, every flag, every header that lies, every place where a
 * snap length can cut. For each link type and IP version one capture, with the same packets in it. */

const { segment, u16, checksum, address } = require('../lib/net.js');

const START = 1700000000123456789n;

const HOSTS = { 4: ['10.0.0.1', '192.168.200.254'], 6: ['2001:db8::1', 'fe80::ffff:0:254'] };

const text = (string) => Buffer.from(string, 'latin1');

/* The options that Linux sends, and all others that tcpdump knows. */
const GOOD_OPTIONS = [
	[['mss', 1460], ['sackok'], ['ts', 4294967295, 0], ['nop'], ['wscale', 7]],
	[['nop'], ['nop'], ['ts', 1000, 2000]],
	[['nop'], ['nop'], ['sack', [5000, 6000]]],
	[['nop'], ['nop'], ['sack', [5000, 6000], [7000, 8000], [9000, 10000]]],
	[['tfo']],
	[['tfo', [1, 2, 3, 4, 5, 6, 7, 8]]],
	[['tfo', [1, 2, 3]]],
	[['raw', [254, 4, 0xf9, 0x89]]],
	[['raw', [254, 8, 0xf9, 0x89, 1, 2, 3, 4]]],
	[['raw', [254, 8, 0xe2, 0xd4, 1, 2, 3, 4]]],
	[['md5', Array(16).fill(0xab)], ['nop'], ['nop']],
	[['utimeout', 0x8001]],
	[['utimeout', 600]],
	[['tcpao', [1, 2, 3, 4, 5, 6, 7, 8]]],
	[['tcpao', [1, 2]]],
	[['raw', [6, 6, 1, 2, 3, 4]], ['raw', [7, 6, 1, 2, 3, 4]]],
	[['raw', [11, 6, 1, 2, 3, 4]], ['raw', [12, 6, 1, 2, 3, 4]], ['raw', [13, 6, 1, 2, 3, 4]]],
	[['raw', [20, 4, 0x0a, 9]]],
	[['raw', [253, 6, 0xde, 0xad, 0xbe, 0xef]]],
	[['raw', [77, 2]], ['nop'], ['nop']],
	[['raw', [1, 1, 0, 77]]],
];

/* Multipath TCP: subtype by subtype, in the lengths that they can have. */
const MPTCP = [
	[0x01, 0x81], [0x00, 0x01, ...Array(8).fill(0x11)], [0x01, 0x81, ...Array(16).fill(0x22)],
	[0x01, 0x81, ...Array(18).fill(0x22)], [0x02, 0x00], [0x0f, 0x00, ...Array(8).fill(1)],
	[0x11, 3, ...Array(8).fill(0x33)], [0x10, 3, ...Array(12).fill(0x44)], [0x10, 3, ...Array(20).fill(0x55)],
	[0x20, 0x01, 1, 2, 3, 4], [0x20, 0x03, 1, 2, 3, 4, 5, 6, 7, 8], [0x20, 0x10],
	[0x20, 0x05, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 9], [0x20, 0x0c, ...Array(16).fill(7)],
	[0x20, 0x1f, ...Array(24).fill(9)], [0x20, 0x04, 1, 2], [0x20, 0x01], [0x20],
	[0x30, 1, 10, 0, 0, 9], [0x31, 1, 10, 0, 0, 9, 0x1c, 0x68], [0x34, 1, 10, 0, 0, 9, ...Array(8).fill(3)],
	[0x35, 1, 10, 0, 0, 9, 0, 80, ...Array(8).fill(3)], [0x36, 1, ...address('2001:db8::9')],
	[0x30, 1, ...address('::1'), 0, 80], [0x30, 1, ...address('::1'), ...Array(8).fill(4)],
	[0x30, 1, ...address('::ffff:0:1'), 0, 80, ...Array(8).fill(4)], [0x30, 1, 2],
	[0x40, 1, 2, 3], [0x40], [0x51], [0x50, 7], [0x50, 7, 8], [0x60, 0, ...Array(8).fill(1)], [0x60, 0],
	[0x70, 0, ...Array(8).fill(0xfe)], [0x70], [0x80, 1, 2, 3], [0xf0],
];

/* Each known kind with a length that is wrong for it. */
function wrongOptions() {
	const kinds = [2, 3, 4, 5, 6, 8, 11, 19, 20, 28, 29, 30, 34, 77, 254];
	const list = [];

	for (const kind of kinds)
		for (const length of [0, 1, 2, 3, 4, 5, 7, 9, 11, 17, 20, 24, 39]) {
			list.push([['raw', [kind, length, ...Array(18).fill(length)]]]);
			list.push([['nop'], ['raw', [kind, length, ...Array(9).fill(0x41)]]]);
		}
	for (const kind of kinds)
		list.push([['raw', [1, 1, 1, kind]]]);
	return list;
}

const TEXTS = [
	[80, 'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n'], [8080, 'HTTP/1.1 101 Switching\r\nA: b\r\n\r\n'],
	[80, 'get /lower\nLF only\n\nbody'], [80, 'neither one nor the other'], [80, 'HTTP/1.1 20x no\r\n'],
	[80, 'POST  /two-blanks HTTP/1.1\rX'], [80, 'PUT\t/tab HTTP/1.1\r\n'], [80, 'HEAD'], [80, ' GET / leading'],
	[80, 'GET / \x01binary\r\n'], [80, 'OPTIONS * HTTP/1.1\r\nA: \x80\r\n'], [80, 'HTTP/1.1 200'], [80, '\r\n'],
	[80, `${'A'.repeat(130)} 200 OK\r\n`], [80, `${'A'.repeat(128)} 200 OK\r\n`], [8080, 'GET /no-end HTTP/1.1\r\nHost: x\r'],
	[25, '220 mail.example ESMTP\r\n'], [25, 'EHLO x\r\nMAIL FROM:<a@b>\r\n'], [43, 'example.org\r\n'], [21, 'USER me\r\n'],
	[21, '\x00\x01'], [554, 'DESCRIBE rtsp://x RTSP/1.0\r\nCSeq: 1\r\n\r\n'], [8554, 'RTSP/1.0 200 OK\r\n'], [554, 'x'],
	[22, 'SSH-2.0-OpenSSH_9.2\r\n'], [22, 'SSH-2.0-OpenSSH_9.2\n'], [22, 'SSH-2.0-no end'], [22, 'SSH-\x01\r\n'], [22, 'no'],
	[22, '\x00\x00\x01\x2c'], [10288, 'RPY 0 0 . 0 52\r\n'], [10288, 'MSG\x00x'], [10288, 'MSG 0'], [10288, 'x'],
	[7272, 'a\r\nb\rc\td\x1b[31m\x7f\x80\xff \r\r\n\r'], [7272, 'x\r'], [7272, '\r\n'],
];

/* IPv4 options, each as bytes that fill up four. */
const IPV4_OPTIONS = [
	[7, 11, 12, 10, 0, 0, 1, 10, 0, 0, 2, 0], [131, 11, 4, 10, 0, 0, 1, 10, 0, 0, 2, 0], [137, 7, 8, 10, 9, 8, 7, 1],
	[68, 12, 13, 0, 0, 0, 0, 1, 0, 0, 0, 2], [68, 12, 5, 0x21, 10, 0, 0, 1, 0, 0, 0, 9], [68, 12, 9, 3, 10, 0, 0, 1, 0, 0, 0, 9],
	[68, 8, 5, 7, 0, 0, 0, 0], [68, 3, 5, 0], [68, 9, 5, 0, 1, 2, 3, 4, 5, 0, 0, 0], [148, 4, 0, 0], [148, 4, 0, 5],
	[148, 3, 0, 0], [130, 11, ...Array(10).fill(1)], [82, 12, ...Array(10).fill(2)], [99, 4, 1, 2], [1, 1, 1, 0], [1, 1, 1, 99],
	[99, 0, 0, 0], [99, 1, 0, 0], [99, 9, 0, 0], [7, 2, 0, 0], [7, 3, 4, 0], [7, 5, 4, 1, 2, 0, 0, 0], [7, 11, 1, ...Array(9).fill(3)],
	[131, 6, 4, 10, 0, 0, 0, 0], [0, 0, 0, 0], [68, 12, 1, 0, 0, 0, 0, 1, 0, 0, 0, 2],
].map((bytes) => Buffer.from(bytes));

const bytes6 = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'string' ? address(part) : Buffer.from(part))));

/* IPv6 extension headers: { header, body } as net.js wants them. */
const EXTENSIONS = [
	[{ header: 0, body: [5, 2, 0, 0, 1, 0] }], [{ header: 0, body: [0, 1, 1, 0, 1, 0] }], [{ header: 0, body: [0x63, 4, 1, 2, 3, 4] }],
	[{ header: 0, body: [5, 1, 0, 1, 1, 0] }], [{ header: 0, body: [0xc2, 4, 0, 2, 0, 0] }], [{ header: 0, body: [1, 9, 0, 0, 0, 0] }],
	[{ header: 0, body: [1, 3, 0, 0, 0, 5] }], [{ header: 0, body: [1, 2, 0, 0, 5, 0] }],
	[{ header: 60, body: [1, 4, 0, 0, 0, 0] }], [{ header: 60, body: bytes6([201, 16], 'fe80::9', [1, 2, 0, 0]) }],
	[{ header: 60, body: bytes6([201, 22], 'fe80::9', [0, 1, 1, 0, 9, 0]) }], [{ header: 60, body: [201, 4, 0, 0, 0, 0] }],
	[{ header: 60, body: [1, 200, 0, 0, 0, 0] }], [{ header: 0, body: [1, 4, 0, 0, 0, 0] }, { header: 60, body: [1, 4, 0, 0, 0, 0] }],
	[{ header: 60, body: [1, 4, 0, 0, 0, 0] }, { header: 0, body: [1, 4, 0, 0, 0, 0] }],
	[{ header: 0, body: [1, 4, 0, 0, 0, 0] }, { header: 0, body: [1, 4, 0, 0, 0, 0] }],
	[{ header: 44, body: [0, 1, 0, 0, 0, 9] }], [{ header: 44, body: [0, 9, 0, 0, 0, 9] }], [{ header: 44, body: [0, 0, 0, 0, 0, 9] }],
	[{ header: 43, body: bytes6([0, 1], [0, 0, 0, 0], '2001:db8::77') }], [{ header: 43, body: bytes6([2, 1], [0, 0, 0, 1], 'fe80::5') }],
	[{ header: 43, body: bytes6([4, 1], [0, 0, 0, 0], 'fe80::6', 'fe80::7') }], [{ header: 43, body: bytes6([4, 1], [1, 8, 0, 3]) }],
	[{ header: 43, body: [9, 1, 0, 0, 0, 0] }], [{ header: 43, body: bytes6([0, 1], [0, 0, 0, 0], Array(8).fill(1)) }],
	[{ header: 43, body: bytes6([4, 1], [0, 0, 0, 0], Array(8).fill(1)) }],
	[{ header: 51, body: [0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4] }], [{ header: 51, body: [0, 1, 0, 0, 0, 1] }],
	[{ header: 0, body: [1, 4, 0, 0, 0, 0] }, { header: 43, body: bytes6([0, 0], [0, 0, 0, 0], 'fe80::1', 'fe80::2') },
	 { header: 44, body: [0, 1, 0, 0, 0, 9] }],
];

/* Builds the packets of one capture. link and version as net.js names them; extra goes into every packet. */
class Capture {
	constructor(link, version, extra = {}) {
		this.link = link;
		this.version = version;
		this.extra = extra;
		this.packets = [];
		this.time = START;
	}

	/* A segment from the first host to the second, or (back) the other way. */
	make({ back, ...spec }) {
		const [a, b] = HOSTS[this.version];

		return segment({ link: this.link, ...this.extra, src: back ? b : a, dst: back ? a : b,
				 sport: back ? 7272 : 60653, dport: back ? 60653 : 7272, seq: 1000, ack: 2000, ...spec });
	}

	/* captured: bytes that the snap length leaves. */
	put(bytes, captured = bytes.length, wireLen = bytes.length) {
		this.time += 1234567n;
		this.packets.push({ time: this.time, bytes: bytes.subarray(0, captured), wireLen });
	}

	segment(spec) {
		this.put(this.make(spec));
	}

	conversation() {
		const options = GOOD_OPTIONS[0];

		this.segment({ flags: 'S', seq: 4294967290, ack: 0, options });
		this.segment({ flags: 'SA', seq: 77, ack: 4294967291, options, back: true });
		this.segment({ flags: 'A', seq: 4294967291, ack: 78 });
		this.segment({ flags: 'PA', seq: 4294967291, ack: 78, payload: text('hello world') });
		this.segment({ flags: 'A', seq: 78, ack: 6, back: true, options: [['nop'], ['nop'], ['sack', [1, 6]]] });
		this.segment({ flags: 'FA', seq: 6, ack: 78 });
		this.segment({ flags: 'R', seq: 78, back: true });
		this.segment({ flags: 'S', seq: 9, ack: 0 });
		this.segment({ flags: 'SAE', seq: 10, ack: 10, back: true });
		this.segment({ flags: 'PA', sport: 5000, dport: 5000, seq: 50, ack: 60, payload: text('x') });
		this.segment({ flags: 'PA', sport: 5000, dport: 5000, seq: 60, ack: 51, payload: text('yy'), back: true });
	}

	flags() {
		for (let flags = 0; flags < 512; flags += flags < 64 ? 1 : 7)
			this.segment({ flags, urgent: flags, payload: text('ab'.repeat(flags % 3)) });
		for (const flags of ['R', 'RA', 'RP'])
			this.segment({ flags, payload: text('why: \x00\x1b\x7f\x80\xff and then some more words than thirty') });
		this.segment({ flags: 'R', payload: text('short') });
	}

	options() {
		for (const options of GOOD_OPTIONS)
			this.segment({ options, payload: text('p') });
		for (const flags of ['S', 'SA', 'A'])
			for (const bytes of MPTCP)
				this.segment({ flags, options: [['mptcp', bytes], ['ts', 1, 2]] });
		for (const options of wrongOptions())
			this.segment({ options });
	}

	cuts() {
		const long = [['ts', 1, 2], ['sack', [1, 2]], ['tcpao', [1, 2, 3, 4]], ['mptcp', [0x20, 1, 1, 2, 3, 4]]];
		const specs = [
			{ flags: 'PA', options: GOOD_OPTIONS[0], payload: text('payload') }, { options: long },
			{ options: GOOD_OPTIONS[10], payload: text('md5') }, { flags: 'R', payload: text('reset') },
			{ sport: 80, payload: text('GET / HTTP/1.1\r\nHost: x\r\n\r\n') }, { sport: 22, payload: text('SSH-2.0-x\r\n') },
		];

		if (this.version === 4)
			specs.push({ ip: { options: Buffer.concat([IPV4_OPTIONS[3], IPV4_OPTIONS[0]]) } });
		else
			specs.push(...[0, 1, 9, 13, 19, 21, 27].map((i) => ({ ip: { extensions: EXTENSIONS[i] } })));
		for (const spec of specs) {
			const bytes = this.make(spec);
			for (let length = 1; length < bytes.length; length++)
				this.put(bytes, length);
		}
	}

	lies() {
		for (const headerLength of [0, 4, 16, 24, 60])
			this.segment({ headerLength, payload: text('0123456789') });
		this.segment({ checksum: 0x1234, payload: text('odd') });
		this.segment({ checksum: 0, payload: text('even') });
		this.segment({ checksum: 0xffff });
		for (const [port, string] of TEXTS) {
			this.segment({ sport: port, payload: text(string) });
			this.segment({ dport: port, flags: 'PA', payload: text(string) });
		}
		for (const length of [1, 15, 16, 17, 31, 32, 33, 1460])
			this.segment({ payload: Buffer.alloc(length, '\x00 ~\x7f\xe9') });
	}

	ipv4() {
		for (const options of IPV4_OPTIONS)
			this.segment({ ip: { options }, payload: text('o') });
		for (const totalLength of [0, 1, 19, 20, 30, 39, 40, 44, 200, 65535])
			this.segment({ ip: { totalLength }, payload: text('0123456789') });
		for (const tos of [1, 2, 3, 0x10, 0xff])
			this.segment({ ip: { tos, id: 0xbeef, ttl: tos - 1 } });
		for (const fragmentOffset of [0, 8, 65528])
			for (const moreFragments of [false, true])
				this.segment({ ip: { fragmentOffset, moreFragments, dontFragment: !moreFragments, reservedBit: moreFragments } });
		this.segment({ ip: { checksum: 0 } });
		this.segment({ ip: { checksum: 0xffff, ttl: 1 } });
		for (const protocol of [4, 41, 51, 59, 61, 99, 143, 200, 253])
			this.segment({ ip: { protocol } });
		this.segment({ ip: { protocol: 4 }, upper: segment({ link: 'raw', src: '1.2.3.4', dst: '5.6.7.8', sport: 1, dport: 2 }) });
		this.segment({ ip: { protocol: 41 }, upper: segment({ link: 'raw', src: '::1', dst: '::2', sport: 1, dport: 2 }) });
	}

	ipv6() {
		for (const extensions of EXTENSIONS) {
			this.segment({ ip: { extensions }, payload: text('e') });
			this.segment({ ip: { extensions, payloadLength: 0 }, payload: text('e') });
		}
		for (const payloadLength of [0, 1, 7, 20, 30, 200, 65535]) {
			this.segment({ ip: { payloadLength }, payload: text('0123456789') });
			this.segment({ ip: { payloadLength, extensions: EXTENSIONS[8] }, payload: text('0123456789') });
		}
		for (const trafficClass of [1, 0xff])
			this.segment({ ip: { trafficClass, flowLabel: 0xfffff, hopLimit: 0 } });
		for (const src of ['::', '::1', '1::', '0:0:1::', '1:0:0:2:0:0:0:3', '::ffff:a00:1', '::a00:1', '1:2:3:4:5:6:7:8', '1:0:2:0:3:0:4:0'])
			this.segment({ src, dst: src });
		for (const protocol of [1, 4, 41, 59, 61, 99, 200])
			this.segment({ ip: { protocol } });
	}

	udp() {
		const udp = (length, sum, payload) => Buffer.concat([u16(40000, 40001, length, sum), text(payload)]);

		for (const [length, sum] of [[12, 0], [12, 0x1111], [7, 0], [0, 0], [20, 1], [10, 1]])
			this.segment({ ip: { protocol: 17 }, upper: udp(length, sum, 'data') });
		this.segment({ ip: { protocol: 17 }, upper: u16(1) });
		this.segment({ ip: { protocol: 17 }, upper: u16(1, 2, 3) });
	}

	icmp() {
		const put = (type, code, id, seq, ...rest) => {
			const whole = (sum) => Buffer.concat([Buffer.from([type, code]), u16(sum, id, seq), ...rest]);
			this.segment({ ip: { protocol: this.version === 4 ? 1 : 58 }, upper: whole(checksum(whole(0))) });
			this.segment({ ip: { protocol: this.version === 4 ? 1 : 58 }, upper: whole(0x1234) });
		};

		if (this.version === 6) {
			for (const type of [128, 129])
				put(type, 0, 7, 9, Buffer.alloc(5));
			return;
		}
		const about = (protocol) => segment({ link: 'raw', src: '10.0.0.9', dst: '10.0.0.8', sport: 53, dport: 5353,
						      ip: { protocol, checksum: 0x1111 } });
		for (const type of [0, 8])
			put(type, 0, 7, 9, Buffer.alloc(5));
		for (let code = 0; code < 18; code++)
			put(3, code, 0, code % 2 ? 0 : 1400, about(6).subarray(0, 28));
		for (const protocol of [6, 17, 99])
			put(3, 3, 0, 0, about(protocol));
		for (const code of [0, 1, 2])
			put(11, code, 0, 0, about(6));
	}

	/* Headers that are cut by the wire itself, and versions that are none. */
	stumps() {
		const bytes = this.make({ payload: text('stump') });
		const header = bytes.length - this.make({ payload: text('stump'), link: 'raw', vlans: [] }).length;

		for (let length = 1; length < header + 30; length++)
			this.put(bytes.subarray(0, length));
		for (const version of [0x00, 0x35, 0x44, 0x50, 0x65, 0xf5]) {
			const copy = Buffer.from(bytes);
			copy[header] = version;
			this.put(copy);
		}
		this.put(bytes, 0);
		this.put(bytes, bytes.length, 0);
		this.put(bytes, bytes.length, bytes.length - 1);
		this.put(bytes, bytes.length, 262145);
	}

	times() {
		for (const ns of [0n, 1000n, 86399999999999n, -1000000000n, 3600000000000n])
			this.packets.push({ time: this.time + ns, bytes: this.make({}), wireLen: undefined });
	}

	all() {
		this.conversation();
		this.flags();
		this.options();
		this.cuts();
		this.lies();
		if (this.version === 4)
			this.ipv4();
		else
			this.ipv6();
		this.udp();
		this.icmp();
		this.stumps();
		this.times();
		return this.packets;
	}
}

const arp = (operation) => Buffer.concat([u16(1, 0x0800, 0x0604, operation), Buffer.from('020000000001', 'hex'), address('10.0.0.1'),
					  Buffer.alloc(6, operation - 1), address('10.0.0.2')]);

/* What only Ethernet has. */
function ethernetOnly(capture) {
	const mac = Buffer.from('020000000002020000000001', 'hex');
	const frame = (type, ...parts) => capture.put(Buffer.concat([mac, u16(type), ...parts]));

	for (const operation of [1, 2, 3, 4, 8, 9, 77])
		frame(0x0806, arp(operation));
	frame(0x0806, arp(1).subarray(0, 20));
	frame(0x1234, Buffer.alloc(30, 'unknown'));
	frame(0x8100, u16(0x5005, 0x1234), Buffer.alloc(30, 'unknown'));
	frame(0x8100, u16(0x5005));
	frame(0x88a8, u16(0x1005, 0x8100), u16(0x3fff));
	frame(0x86dd, capture.make({ link: 'raw', vlans: [] }));
	frame(0x0800, segment({ link: 'raw', src: '::1', dst: '::1', sport: 1, dport: 2 }));
	capture.segment({ padding: 20, payload: text('x') });
	capture.segment({ vlans: Array.from({ length: 12 }, (_, id) => ({ id, priority: id % 8, dei: id % 2 === 1 })) });
}

/* { name: { link, packets } } */
function captures() {
	const list = {};
	const add = (name, link, version, extra) => {
		list[name] = { link, packets: new Capture(link, version, extra).all() };
	};

	for (const version of [4, 6]) {
		add(`ethernet-${version}`, 'ethernet', version);
		add(`vlan-${version}`, 'ethernet', version, { vlans: [{ id: 5, priority: 3 }] });
		add(`qinq-${version}`, 'ethernet', version, { vlans: [{ id: 7, tpid: 0x88a8, dei: true }, { id: 4095 }] });
		add(`sll-${version}`, 'sll', version, { packetType: version });
		add(`sll-vlan-${version}`, 'sll', version, { vlans: [{ id: 5 }] });
		add(`sll2-${version}`, 'sll2', version, { packetType: version, ifindex: version === 4 ? 1 : 4711 });
		add(`null-${version}`, 'null', version, { bigEndian: version === 6 });
		add(`loop-${version}`, 'loop', version);
		add(`raw-${version}`, 'raw', version);
		add(`ipv${version}`, `ipv${version}`, version);
	}
	list['null-other'] = { link: 'null', packets: new Capture('null', 6, { family: 99 }).all().slice(0, 40) };
	list['null-bsd'] = { link: 'null', packets: new Capture('null', 6, { family: 24 }).all().slice(0, 40) };
	list['sll-unknown'] = { link: 'sll', packets: new Capture('sll', 4, { etherType: 0x1234 }).all().slice(0, 20) };
	list['sll-short'] = { link: 'sll', packets: new Capture('sll', 4, { etherType: 0x0010 }).all().slice(0, 20) };
	list['sll2-unknown'] = { link: 'sll2', packets: new Capture('sll2', 4, { etherType: 0x1234 }).all().slice(0, 20) };
	ethernetOnly(Object.assign(new Capture('ethernet', 4), { packets: list['ethernet-4'].packets }));
	return list;
}

module.exports = { captures };

