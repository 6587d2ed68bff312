'use strict';
/* Packets from the wire up: link, IP and TCP headers with right checksums, or wrong ones where a test asks for them.
 *
 *     segment({ link: 'sll', src: '10.0.0.1', dst: '10.0.0.2', sport: 60653, dport: 7272, seq: 1, flags: 'S',
 *               options: [['mss', 1460], ['sackok'], ['ts', 1, 0], ['nop'], ['wscale', 7]] })
 *
 * is a Buffer with the bytes of one packet. Every field of a header can be given; what is left out is as Linux has it. */

/* Link types as capture files number them (LINKTYPE_*). */
const LINK = {
	null: 0, ethernet: 1, ppp: 9, ppp_serial: 50, ppp_ether: 51, raw: 101, hdlc: 104, wifi: 105, loop: 108, sll: 113,
	prism: 119, radiotap: 127, avs: 163, ppp_direction: 204, ppi: 192, mpls: 219, ipv4: 228, ipv6: 229, nflog: 239,
	sll2: 276,
};

const FLAG = { F: 0x01, S: 0x02, R: 0x04, P: 0x08, A: 0x10, U: 0x20, E: 0x40, W: 0x80, N: 0x100 };

const ETHER_IPV4 = 0x0800;
const ETHER_IPV6 = 0x86dd;
const PROTOCOL_TCP = 6;

/* The Internet checksum (RFC 1071) of parts laid end to end; every part but the last has an even length. */
function checksum(...parts) {
	let sum = 0;

	for (const part of parts) {
		const even = part.length & ~1;
		for (let i = 0; i < even; i += 2)
			sum += (part[i] << 8) | part[i + 1];
		if (even !== part.length)
			sum += part[even] << 8;
	}
	while (sum > 0xffff)
		sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
	return ~sum & 0xffff;
}

function u16(...values) {
	const bytes = Buffer.allocUnsafe(2 * values.length);

	values.forEach((value, i) => bytes.writeUInt16BE(value & 0xffff, 2 * i));
	return bytes;
}

function u32(...values) {
	const bytes = Buffer.allocUnsafe(4 * values.length);

	values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, 4 * i));
	return bytes;
}

const addresses = new Map();

/* '10.0.0.1' or 'fe80::1' as 4 or 16 bytes. */
function address(text) {
	let bytes = addresses.get(text);

	if (!bytes) {
		bytes = text.includes(':') ? address6(text) : Buffer.from(text.split('.').map(Number));
		addresses.set(text, bytes);
	}
	return bytes;
}

function address6(text) {
	const [head, tail] = text.split('::').map((half) => (half ? half.split(':').map((x) => parseInt(x, 16)) : []));

	if (tail === undefined)
		return u16(...head);
	return u16(...head, ...new Array(8 - head.length - tail.length).fill(0), ...tail);
}

/* [['mss', 1460], ['nop'], ['raw', bytes]…] as TCP's option bytes, filled up to a multiple of four with zeroes (the end
 * of the list). */
function tcpOptions(list) {
	const known = {
		eol: () => [0],
		nop: () => [1],
		mss: (value) => [2, 4, ...u16(value)],
		wscale: (shift) => [3, 3, shift],
		sackok: () => [4, 2],
		sack: (...blocks) => [5, 2 + 8 * blocks.length, ...u32(...blocks.flat())],
		ts: (value, echo) => [8, 10, ...u32(value, echo)],
		md5: (digest) => [19, 18, ...digest],
		utimeout: (value) => [28, 4, ...u16(value)],
		tcpao: (bytes) => [29, 2 + bytes.length, ...bytes],
		mptcp: (bytes) => [30, 2 + bytes.length, ...bytes],
		tfo: (cookie = []) => [34, 2 + cookie.length, ...cookie],
		raw: (bytes) => [...bytes],
	};
	const bytes = list.flatMap(([name, ...values]) => known[name](...values));

	while (bytes.length % 4)
		bytes.push(0);
	return Buffer.from(bytes);
}

/* Flags by letter ('SA', 'FPUEWN'), or as a number of 9 (or 12) bits. */
function flagBits(flags) {
	return typeof flags === 'number' ? flags : [...flags].reduce((bits, letter) => bits | FLAG[letter], 0);
}

/* The TCP header and payload. headerLength (in bytes) and checksum may lie. */
function tcp(spec, src, dst) {
	const options = Array.isArray(spec.options) ? tcpOptions(spec.options) : spec.options || Buffer.alloc(0);
	const payload = spec.payload || Buffer.alloc(0);
	const length = 20 + options.length;
	const bytes = Buffer.alloc(length + payload.length);

	bytes.writeUInt16BE(spec.sport, 0);
	bytes.writeUInt16BE(spec.dport, 2);
	bytes.writeUInt32BE((spec.seq || 0) >>> 0, 4);
	bytes.writeUInt32BE((spec.ack || 0) >>> 0, 8);
	bytes.writeUInt16BE((((spec.headerLength ?? length) / 4) << 12) | flagBits(spec.flags ?? 'A'), 12);
	bytes.writeUInt16BE(spec.window ?? 512, 14);
	bytes.writeUInt16BE(spec.urgent || 0, 18);
	options.copy(bytes, 20);
	payload.copy(bytes, length);
	const pseudo = u16(0, PROTOCOL_TCP, bytes.length >>> 16, bytes.length);
	bytes.writeUInt16BE(spec.checksum ?? checksum(src, dst, pseudo, bytes), 16);
	return bytes;
}

/* IPv4's header with payload behind it. totalLength may lie (0: offload). */
function ipv4(spec, src, dst, payload) {
	const options = spec.options || Buffer.alloc(0);
	const length = 20 + options.length;
	const header = Buffer.alloc(length);
	const flags = (spec.reservedBit ? 4 : 0) | ((spec.dontFragment ?? true) ? 2 : 0) | (spec.moreFragments ? 1 : 0);

	header[0] = 0x40 | (length / 4);
	header[1] = spec.tos || 0;
	header.writeUInt16BE(spec.totalLength ?? length + payload.length, 2);
	header.writeUInt16BE(spec.id || 0, 4);
	header.writeUInt16BE((flags << 13) | ((spec.fragmentOffset || 0) / 8), 6);
	header[8] = spec.ttl ?? 64;
	header[9] = spec.protocol ?? PROTOCOL_TCP;
	src.copy(header, 12);
	dst.copy(header, 16);
	options.copy(header, 20);
	header.writeUInt16BE(spec.checksum ?? checksum(header), 10);
	return Buffer.concat([header, payload]);
}

/* IPv6's header, then extensions [{ header: 0, body }, …] (body: what follows the two bytes of next header and length;
 * it is filled up to a multiple of eight), then payload. Fragment headers (44) have no length: body is 6 bytes. */
function ipv6(spec, src, dst, payload) {
	const extensions = spec.extensions || [];
	const protocol = spec.protocol ?? PROTOCOL_TCP;
	const parts = extensions.map(({ body }, i) => {
		const { header } = extensions[i];
		const bytes = Buffer.alloc(Math.ceil((2 + body.length) / 8) * 8);

		bytes[0] = i + 1 < extensions.length ? extensions[i + 1].header : protocol;
		bytes[1] = header === 44 ? 0 : header === 51 ? bytes.length / 4 - 2 : bytes.length / 8 - 1;
		Buffer.from(body).copy(bytes, 2);
		return bytes;
	});
	const rest = Buffer.concat([...parts, payload]);
	const header = Buffer.alloc(40);

	header.writeUInt32BE(((6 << 28) | ((spec.trafficClass || 0) << 20) | (spec.flowLabel || 0)) >>> 0, 0);
	header.writeUInt16BE(spec.payloadLength ?? rest.length, 4);
	header[6] = extensions.length ? extensions[0].header : protocol;
	header[7] = spec.hopLimit ?? 64;
	src.copy(header, 8);
	dst.copy(header, 24);
	return Buffer.concat([header, rest]);
}

const MAC_A = Buffer.from('020000000001', 'hex');
const MAC_B = Buffer.from('020000000002', 'hex');

/* One VLAN tag (IEEE 802.1Q): { id, tpid = 0x8100, priority = 0, dei = false }. */
function vlanTag({ id, tpid = 0x8100, priority = 0, dei = false }) {
	return u16(tpid, (priority << 13) | (dei ? 0x1000 : 0) | id);
}

/* A link layer's header in front of payload. type is the EtherType of what is carried. */
const links = {
	ethernet: (spec, type, payload) =>
		Buffer.concat([spec.dstMac || MAC_B, spec.srcMac || MAC_A, ...(spec.vlans || []).map(vlanTag), u16(type),
			       payload, Buffer.alloc(spec.padding || 0)]),
	/* packetType: 0 to us, 4 from us */
	sll: (spec, type, payload) => {
		const tags = (spec.vlans || []).map(vlanTag);
		const first = tags.length ? tags[0].readUInt16BE(0) : type;
		const rest = tags.map((tag, i) =>
			Buffer.concat([tag.subarray(2), i + 1 < tags.length ? tags[i + 1].subarray(0, 2) : u16(type)]));
		return Buffer.concat([u16(spec.packetType ?? 0, spec.arphrd ?? 772, 6), spec.srcMac || Buffer.alloc(6), u16(0),
				      u16(first), ...rest, payload]);
	},
	sll2: (spec, type, payload) =>
		Buffer.concat([u16(type, 0), u32(spec.ifindex ?? 1), u16(spec.arphrd ?? 772),
			       Buffer.from([spec.packetType ?? 0, 6]), spec.srcMac || Buffer.alloc(6), u16(0), payload]),
	/* in the byte order of the machine that captured; 2 is AF_INET, AF_INET6 is 24, 28 or 30 */
	null: (spec, type, payload) => {
		const family = Buffer.alloc(4);
		const value = spec.family ?? (type === ETHER_IPV4 ? 2 : 30);

		if (spec.bigEndian)
			family.writeUInt32BE(value);
		else
			family.writeUInt32LE(value);
		return Buffer.concat([family, payload]);
	},
	loop: (spec, type, payload) => Buffer.concat([u32(spec.family ?? (type === ETHER_IPV4 ? 2 : 24)), payload]),
	raw: (spec, type, payload) => payload,
	ipv4: (spec, type, payload) => payload,
	ipv6: (spec, type, payload) => payload,
};

/* The bytes of one packet. spec has the link's fields, `ip` (fields of the IP header), and those of TCP; `upper` stands
 * for any other bytes in place of the TCP segment. wrap: see tunnels.js; it may make several packets. */
function segment(spec) {
	const src = address(spec.src);
	const dst = address(spec.dst);
	const upper = spec.upper || tcp(spec, src, dst);
	const isV6 = src.length === 16;
	const ip = (isV6 ? ipv6 : ipv4)(spec.ip || {}, src, dst, upper);

	if (spec.wrap)
		return spec.wrap(ip, isV6 ? ETHER_IPV6 : ETHER_IPV4, spec);
	return links[spec.link || 'ethernet'](spec, spec.etherType ?? (isV6 ? ETHER_IPV6 : ETHER_IPV4), ip);
}

/* A packet like one that segment() made, with another sequence number, payload (of the same length) and IP
 * identification: many packets in a row cost a copy and a checksum each. tcpAt: where its TCP header begins. */
function again(packet, tcpAt, { seq, id, payload }) {
	const bytes = Buffer.allocUnsafe(packet.length);
	const isV4 = id !== undefined;
	const ipAt = tcpAt - (isV4 ? 20 : 40);

	packet.copy(bytes);
	bytes.writeUInt32BE(seq, tcpAt + 4);
	bytes.writeUInt16BE(0, tcpAt + 16);
	payload.copy(bytes, bytes.length - payload.length);
	if (isV4) {
		bytes.writeUInt16BE(id, ipAt + 4);
		bytes.writeUInt16BE(0, ipAt + 10);
		bytes.writeUInt16BE(sum(bytes, ipAt, tcpAt, 0), ipAt + 10);
	}
	const pseudo = PROTOCOL_TCP + bytes.length - tcpAt;
	bytes.writeUInt16BE(sum(bytes, isV4 ? ipAt + 12 : ipAt + 8, bytes.length, pseudo), tcpAt + 16);
	return bytes;
}

/* checksum() of bytes[from, to) and a number. */
function sum(bytes, from, to, more) {
	let total = more;

	for (let i = from; i + 1 < to; i += 2)
		total += (bytes[i] << 8) | bytes[i + 1];
	if ((to - from) & 1)
		total += bytes[to - 1] << 8;
	while (total > 0xffff)
		total = (total & 0xffff) + (total >>> 16);
	return ~total & 0xffff;
}

module.exports = { LINK, FLAG, checksum, u16, u32, address, tcpOptions, flagBits, segment, again };
