'use strict';
/* Every way in which packets are wrapped below TCP: Capture's `link`, and `wrap(ip, type, spec)`, which makes of one IP
 * packet (of that EtherType) what stands in the capture, or several such. */

const { address, checksum, segment, u16, u32 } = require('./net.js');

const MAC_A = Buffer.from('020000000011', 'hex');
const MAC_B = Buffer.from('020000000022', 'hex');
const bytes = (...list) => Buffer.from(list);
const hex = (text) => Buffer.from(text.replace(/ /g, ''), 'hex');

const ethernet = (type, payload) => Buffer.concat([MAC_B, MAC_A, u16(type), payload]);

/* Outer IP packets, without Ethernet. */
const OUTER4 = { src: '203.0.113.1', dst: '203.0.113.2', sport: 0, dport: 0, link: 'raw' };
const OUTER6 = { ...OUTER4, src: '2001:db8::1', dst: '2001:db8::2' };
let id = 0;
const ip4 = (protocol, upper, ip = {}) => segment({ ...OUTER4, upper, ip: { protocol, id: id++ & 0xffff, ...ip } });
const ip6 = (protocol, upper, ip = {}) => segment({ ...OUTER6, upper, ip: { protocol, ...ip } });
const over4 = (protocol, upper) => ethernet(0x0800, ip4(protocol, upper));
const over6 = (protocol, upper) => ethernet(0x86dd, ip6(protocol, upper));

/* The checksum may be left out over IPv4; v6 gets a right one. */
const udp = (dport, payload, sport = 50000) => Buffer.concat([u16(sport, dport, 8 + payload.length, 0), payload]);
const udp6 = (dport, payload) => {
	const packet = udp(dport, payload);
	const pseudo = u16(0, 17, packet.length >>> 16, packet.length);

	packet.writeUInt16BE(checksum(address(OUTER6.src), address(OUTER6.dst), pseudo, packet) || 0xffff, 6);
	return packet;
};

const label = (value, { bottom = false, tc = 0, ttl = 64 } = {}) =>
	u32(((value << 12) | (tc << 9) | (bottom ? 0x100 : 0) | ttl) >>> 0);
const mpls = (payload) => Buffer.concat([label(1000, { tc: 3 }), label(16, { bottom: true }), payload]);
const ppp = (type) => (type === 0x0800 ? u16(0x0021) : u16(0x0057));
const pppoe = (payload, session = 17) => Buffer.concat([bytes(0x11, 0), u16(session, payload.length), payload]);
const snap = (type, payload) => Buffer.concat([hex('aaaa03 000000'), u16(type), payload]);
const grePlain = (type, payload) => Buffer.concat([u16(0, type), payload]);
const vxlan = (payload, vni = 42) => Buffer.concat([u32(0x08000000, (vni << 8) >>> 0), payload]);
const geneve = (type, payload, options = Buffer.alloc(0)) =>
	Buffer.concat([bytes(options.length / 4, 0), u16(type), u32((77 << 8) >>> 0), options, payload]);
const gtp = (payload, more = Buffer.alloc(0), flags = 0) =>
	Buffer.concat([bytes(0x30 | flags, 255), u16(payload.length + more.length), u32(0x12345678), more, payload]);

/* Frame control, duration, three addresses, sequence control; then LLC and SNAP. */
const wifi = (type, payload, { control = '0801', more = Buffer.alloc(0) } = {}) =>
	Buffer.concat([hex(control), u16(0), MAC_B, MAC_A, MAC_B, u16(0x1000), more, snap(type, payload)]);
/* An aggregate: packets beside each other, each padded to a multiple of four, but for the last one. */
const aggregate = (...packets) => wifi(0, Buffer.alloc(0), { control: '8801', more: Buffer.concat([hex('8000'),
	...packets.map(([type, payload], i) => {
		const frame = Buffer.concat([MAC_B, MAC_A, u16(8 + payload.length), snap(type, payload)]);

		return Buffer.concat([frame, Buffer.alloc(i + 1 < packets.length ? -frame.length & 3 : 0)]);
	})]) }).subarray(0, -8);
/* A frame's body in so many pieces. */
let wifiSequence = 0;
const wifiPieces = (type, payload, count) => {
	const body = snap(type, payload), each = Math.ceil(body.length / count), sequence = (wifiSequence++ & 0xfff) << 4;

	return Array.from({ length: count }, (_, i) => Buffer.concat([bytes(0x08, i + 1 < count ? 0x05 : 0x01), u16(0), MAC_B, MAC_A, MAC_B,
		bytes((sequence | i) & 0xff, sequence >> 8), body.subarray(i * each, (i + 1) * each)]));
};
const radiotap = (frame, header = hex('0000 0800 00000000')) => Buffer.concat([header, frame]);
const nflogAttribute = (type, body, big) => {
	const head = Buffer.alloc(4);

	head[big ? 'writeUInt16BE' : 'writeUInt16LE'](4 + body.length, 0);
	head[big ? 'writeUInt16BE' : 'writeUInt16LE'](type, 2);
	return Buffer.concat([head, body, Buffer.alloc(-body.length & 3)]);
};
const nflog = (type, payload, big = false) => Buffer.concat([bytes(type === 0x0800 ? 2 : 10, 0), u16(5),
	nflogAttribute(10, Buffer.from('wscap\0'), big), nflogAttribute(9, payload, big)]);
const ppi = (dlt, payload) => {
	const head = bytes(0, 0, 8, 0, 0, 0, 0, 0);

	head.writeUInt32LE(dlt, 4);
	return Buffer.concat([head, payload]);
};

/* The pieces of an IPv4 packet, at most size bytes (a multiple of eight) of it in each. */
function fragments4(ip, size) {
	const length = (ip[0] & 15) * 4;
	const pieces = [];

	for (let at = length; at < ip.length; at += size) {
		const body = ip.subarray(at, at + size);
		const head = Buffer.from(ip.subarray(0, length));
		const more = at + size < ip.length ? 0x2000 : 0;

		head.writeUInt16BE(length + body.length, 2);
		head.writeUInt16BE(more | ((at - length) / 8), 6);
		head.writeUInt16BE(0, 10);
		head.writeUInt16BE(checksum(head), 10);
		pieces.push(Buffer.concat([head, body]));
	}
	return pieces;
}

/* …and of an IPv6 packet without extension headers. */
function fragments6(ip, size, number = id++) {
	const pieces = [];

	for (let at = 40; at < ip.length; at += size) {
		const body = ip.subarray(at, at + size);
		const head = Buffer.from(ip.subarray(0, 40));
		const more = at + size < ip.length ? 1 : 0;

		head.writeUInt16BE(8 + body.length, 4);
		head[6] = 44;
		pieces.push(Buffer.concat([head, bytes(ip[6], 0), u16((at - 40) | more), u32(number), body]));
	}
	return pieces;
}

const V6 = { client: '2001:db8:1::1', server: '2001:db8:1::2' };

/* ends: addresses other than the usual ones. */
const TUNNELS = {
	'vlans-deep': { wrap: (ip, type) => ethernet(0x88a8, Buffer.concat([u16(5, 0x8100, 6, 0x8100, 7, 0x8100, 8, type), ip])) },
	'vlans-many': { wrap: (ip, type) => ethernet(0x88a8, Buffer.concat([...Array(12).fill(u16(5, 0x8100)), u16(9, type), ip])) },
	'backbone': { wrap: (ip, type) => ethernet(0x88e7, Buffer.concat([u32(99), ethernet(type, ip)])) },
	'snap': { wrap: (ip, type) => ethernet(8 + ip.length, snap(type, ip)) },
	'mpls': { wrap: (ip) => ethernet(0x8847, mpls(ip)) },
	'mpls6': { ends: V6, wrap: (ip) => ethernet(0x8847, mpls(ip)) },
	'mpls-vlan': { wrap: (ip) => ethernet(0x8100, Buffer.concat([u16(5, 0x8847), mpls(ip)])) },
	'mpls-control-word': { wrap: (ip, type) => ethernet(0x8847, mpls(Buffer.concat([u32(0), ethernet(type, ip)]))) },
	'mpls-ethernet': { wrap: (ip, type) => ethernet(0x8847, mpls(ethernet(type, ip))) },
	'mpls-udp': { wrap: (ip) => over4(17, udp(6635, mpls(ip))) },
	'mpls-ip': { wrap: (ip) => over4(137, mpls(ip)) },
	'pppoe': { wrap: (ip, type) => ethernet(0x8864, pppoe(Buffer.concat([ppp(type), ip]))) },
	'pppoe6': { ends: V6, wrap: (ip, type) => ethernet(0x8864, pppoe(Buffer.concat([ppp(type), ip]))) },
	'pppoe-vlan-short': { wrap: (ip) => ethernet(0x8100, Buffer.concat([u16(5, 0x8864), pppoe(Buffer.concat([bytes(0x21), ip]))])) },
	'gre': { wrap: (ip, type) => over4(47, grePlain(type, ip)) },
	'gre6': { ends: V6, wrap: (ip, type) => over6(47, grePlain(type, ip)) },
	'gre-all': { wrap: (ip, type) => over4(47, Buffer.concat([u16(0xb000, type, 0xabcd, 0), u32(7, 8), ip])) },
	'gre-ethernet': { wrap: (ip, type) => over4(47, Buffer.concat([u16(0x2000, 0x6558), u32(7), ethernet(type, ip)])) },
	'gre-mpls': { wrap: (ip) => over4(47, grePlain(0x8847, mpls(ip))) },
	'gre-pptp': { wrap: (ip, type) => over4(47, Buffer.concat([u16(0x3081, 0x880b, 4 + ip.length, 9), u32(5, 4), hex('ff03'), ppp(type), ip])) },
	'gre-udp': { wrap: (ip, type) => over4(17, udp(4754, grePlain(type, ip))) },
	'erspan1': { wrap: (ip, type) => over4(47, grePlain(0x88be, ethernet(type, ip))) },
	'erspan2': { wrap: (ip, type) => over4(47, Buffer.concat([u16(0x1000, 0x88be), u32(1, 0x10010001, 0), ethernet(type, ip)])) },
	'erspan3': { wrap: (ip, type) => over4(47, Buffer.concat([u16(0x1000, 0x22eb), u32(1, 0x20010001, 5), u16(0, 0), ethernet(type, ip)])) },
	'erspan3-more': { wrap: (ip, type) => over4(47, Buffer.concat([u16(0x1000, 0x22eb), u32(1, 0x20010001, 5), u16(0, 1), u32(1, 2), ethernet(type, ip)])) },
	'ipip': { wrap: (ip) => over4(4, ip) },
	'6in4': { ends: V6, wrap: (ip) => over4(41, ip) },
	'4in6': { wrap: (ip) => over6(4, ip) },
	'6in6': { ends: V6, wrap: (ip) => over6(41, ip) },
	'6in6-options': { ends: V6, wrap: (ip) => ethernet(0x86dd, ip6(41, ip, { extensions: [{ header: 60, body: [1, 4, 0, 0, 0, 0] }] })) },
	'ah': { wrap: (ip) => over4(51, Buffer.concat([bytes(4, 4), u16(0), u32(256, 1), Buffer.alloc(12, 7), ip])) },
	'etherip': { wrap: (ip, type) => over4(97, Buffer.concat([u16(0x3000), ethernet(type, ip)])) },
	'ethernet-ip6': { wrap: (ip, type) => over6(143, ethernet(type, ip)) },
	'vxlan': { wrap: (ip, type) => over4(17, udp(4789, vxlan(ethernet(type, ip)))) },
	'vxlan6': { ends: V6, wrap: (ip, type) => over6(17, udp6(4789, vxlan(ethernet(type, ip)))) },
	'vxlan-flannel': { wrap: (ip, type) => over4(17, udp(8472, vxlan(ethernet(type, ip), 1))) },
	'vxlan-gpe': { wrap: (ip) => over4(17, udp(4790, Buffer.concat([u32(0x0c000001, 256), ip]))) },
	'vxlan-gpe-ethernet': { wrap: (ip, type) => over4(17, udp(4790, Buffer.concat([u32(0x0c000003, 256), ethernet(type, ip)]))) },
	'vxlan-vlan': { wrap: (ip, type) => over4(17, udp(4789, vxlan(ethernet(0x8100, Buffer.concat([u16(3, type), ip]))))) },
	'geneve': { wrap: (ip, type) => over4(17, udp(6081, geneve(0x6558, ethernet(type, ip)))) },
	'geneve-options': { wrap: (ip, type) => over4(17, udp(6081, geneve(0x6558, ethernet(type, ip), hex('0102 80 01 00000007')))) },
	'geneve-ip': { wrap: (ip, type) => over4(17, udp(6081, geneve(type, ip))) },
	'gtp': { wrap: (ip) => over4(17, udp(2152, gtp(ip), 2152)) },
	'gtp-extensions': { wrap: (ip) => over4(17, udp(2152, gtp(ip, hex('0001 00 85 01 0009 c0 01 0000 00'), 6), 2152)) },
	'gtp-ethernet': { wrap: (ip, type) => over4(17, udp(2152, gtp(ethernet(type, ip)), 2152)) },
	'vxlan-in-gre': { wrap: (ip, type) => over4(47, grePlain(0x0800, ip4(17, udp(4789, vxlan(ethernet(type, ip)))))) },
	'vxlan-in-gre-in-vlan': { wrap: (ip, type) => ethernet(0x88a8, Buffer.concat([u16(3, 0x8100, 7, 0x0800),
		ip4(47, grePlain(0x0800, ip4(17, udp(4789, vxlan(ethernet(type, ip))))))])) },
	'cooked-mpls': { link: 'sll', wrap: (ip) => Buffer.concat([u16(0, 1, 6), MAC_A, u16(0), u16(0x8847), mpls(ip)]) },
	'cooked2-vxlan': { link: 'sll2', wrap: (ip, type) => Buffer.concat([u16(0x0800, 0), u32(1), u16(1), bytes(0, 6), MAC_A, u16(0), ip4(17, udp(4789, vxlan(ethernet(type, ip))))]) },
	'cooked-snap': { link: 'sll', wrap: (ip, type) => Buffer.concat([u16(0, 1, 6), MAC_A, u16(0), u16(4), snap(type, ip)]) },

	'nflog': { link: 'nflog', wrap: (ip, type) => nflog(type, ip) },
	'nflog-big': { link: 'nflog', options: { file: { bigEndian: true } }, wrap: (ip, type) => nflog(type, ip, true) },
	'nflog-turned': { link: 'nflog', wrap: (ip, type) => nflog(type, ip, true) },
	'nflog6': { link: 'nflog', ends: V6, wrap: (ip, type) => nflog(type, ip) },
	'ppp': { link: 'ppp', wrap: (ip, type) => Buffer.concat([hex('ff03'), ppp(type), ip]) },
	'ppp-serial': { link: 'ppp_serial', wrap: (ip, type) => Buffer.concat([hex('ff03'), ppp(type), ip]) },
	'ppp-serial-cisco': { link: 'ppp_serial', wrap: (ip, type) => Buffer.concat([hex('0f00'), u16(type), ip]) },
	'ppp-direction': { link: 'ppp_direction', wrap: (ip, type) => Buffer.concat([bytes(1), ppp(type), ip]) },
	'ppp-ether': { link: 'ppp_ether', wrap: (ip, type) => pppoe(Buffer.concat([ppp(type), ip])) },
	'hdlc': { link: 'hdlc', wrap: (ip, type) => Buffer.concat([hex('0f00'), u16(type), ip]) },
	'mpls-link': { link: 'mpls', wrap: (ip) => mpls(ip) },
	'wifi': { link: 'wifi', wrap: (ip, type) => wifi(type, ip) },
	'wifi-qos': { link: 'wifi', wrap: (ip, type) => wifi(type, ip, { control: '8802', more: hex('0500') }) },
	'wifi-4-addresses': { link: 'wifi', wrap: (ip, type) => wifi(type, ip, { control: '8803', more: Buffer.concat([MAC_A, hex('0500')]) }) },
	'wifi-throughput': { link: 'wifi', wrap: (ip, type) => wifi(type, ip, { control: '8881', more: hex('0500 00000000') }) },
	'wifi-aggregate': { link: 'wifi', wrap: (ip, type) => wifi(0, Buffer.alloc(0), { control: '8801', more: Buffer.concat([hex('8000'), MAC_B, MAC_A, u16(8 + ip.length), snap(type, ip), Buffer.alloc(4)]) }).subarray(0, -8) },
	'wifi-aggregate-of-several': { link: 'wifi', wrap: (ip, type) => aggregate([0x0806, Buffer.alloc(29)], [type, ip], [0x88cc, Buffer.alloc(7)]) },
	'wifi-aggregate-checked': { link: 'radiotap', wrap: (ip, type) => radiotap(Buffer.concat([aggregate([0x0806, Buffer.alloc(30)], [type, ip]), hex('01020304')]), hex('0000 0900 02000000 10')) },
	'radiotap': { link: 'radiotap', wrap: (ip, type) => radiotap(wifi(type, ip)) },
	'radiotap-padded': { link: 'radiotap', wrap: (ip, type) => radiotap(wifi(type, ip, { control: '8801', more: hex('0500 0000') }), hex('0000 1100 03000000 0000000000000000 20')) },
	'radiotap-two-words': { link: 'radiotap', wrap: (ip, type) => radiotap(wifi(type, ip), hex('0000 1900 03000080 00000000 00000000 0000000000000000 00')) },
	'prism': { link: 'prism', wrap: (ip, type) => Buffer.concat([u32(0x44), Buffer.alloc(140), wifi(type, ip)]) },
	'prism-avs': { link: 'prism', wrap: (ip, type) => Buffer.concat([u32(0x80211001, 64), Buffer.alloc(56), wifi(type, ip)]) },
	'avs': { link: 'avs', wrap: (ip, type) => Buffer.concat([u32(0x80211001, 64), Buffer.alloc(56), wifi(type, ip)]) },
	'ppi-wifi': { link: 'ppi', wrap: (ip, type) => ppi(105, wifi(type, ip)) },
	'ppi-ethernet': { link: 'ppi', wrap: (ip, type) => ppi(1, ethernet(type, ip)) },
};

/* Cut on the way: inside the tunnel, and the tunnel's own packets. */
const CUT = {
	'fragments4': { wrap: (ip, type) => fragments4(ip, 40).map((piece) => ethernet(type, piece)) },
	'fragments6': { ends: V6, wrap: (ip, type) => fragments6(ip, 40).map((piece) => ethernet(type, piece)) },
	'fragments4-backwards': { wrap: (ip, type) => fragments4(ip, 24).reverse().map((piece) => ethernet(type, piece)) },
	'fragments4-twice': { wrap: (ip, type) => fragments4(ip, 40).flatMap((piece) => [ethernet(type, piece), ethernet(type, piece)]) },
	'fragments-of-vxlan': { wrap: (ip, type) => fragments4(ip4(17, udp(4789, vxlan(ethernet(type, ip)))), 64).map((piece) => ethernet(0x0800, piece)) },
	'fragments-of-6in4': { ends: V6, wrap: (ip) => fragments4(ip4(41, ip), 48).map((piece) => ethernet(0x0800, piece)) },
	'fragments-in-gre': { wrap: (ip, type) => fragments4(ip, 40).map((piece) => over4(47, grePlain(type, piece))) },
	'wifi-pieces': { link: 'wifi', wrap: (ip, type) => wifiPieces(type, ip, 3) },
	'wifi-pieces-again': { link: 'wifi', wrap: (ip, type) => wifiPieces(type, ip, 16).flatMap((piece) => {
		const again = Buffer.from(piece);

		again[1] |= 0x08;
		return [piece, again];
	}) },
	'wifi-pieces-checked': { link: 'radiotap', wrap: (ip, type) => wifiPieces(type, ip, 4).map((piece) => radiotap(Buffer.concat([piece, hex('01020304')]), hex('0000 0900 02000000 10'))) },
	'fragments-in-fragments': {
		wrap: (ip) => fragments4(ip, 48).flatMap((piece) => fragments6(ip6(4, piece), 24).map((part) => ethernet(0x86dd, part))),
	},
};

module.exports = { TUNNELS, CUT, aggregate, ethernet, fragments4, fragments6, ip4, udp, vxlan };
