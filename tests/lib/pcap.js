'use strict';
/* Capture files: classic pcap in both byte orders, with micro- or nanoseconds, and pcapng.
 *
 * A packet is { time: nanoseconds since the epoch (BigInt), bytes: what was captured, wireLen: how long it was on the
 * wire (bytes.length where it is left out) }. */

const { LINK } = require('./net.js');

const NS = 1000000000n;

/* Integers of one byte order behind each other: fields(true)('u32', 1, 'u16', 2) */
function fields(bigEndian) {
	const sizes = { u16: 2, u32: 4 };
	const end = bigEndian ? 'BE' : 'LE';

	return (...list) => {
		const parts = [];
		for (let i = 0; i < list.length; i += 2) {
			const bytes = Buffer.alloc(sizes[list[i]]);
			bytes[`writeUInt${8 * bytes.length}${end}`](list[i + 1]);
			parts.push(bytes);
		}
		return Buffer.concat(parts);
	};
}

/* What a snap length leaves of a packet. */
function cut(packet, snaplen) {
	const wireLen = packet.wireLen ?? packet.bytes.length;

	return { time: packet.time, wireLen, bytes: packet.bytes.subarray(0, snaplen) };
}

/* The head of a classic capture file. link is a name of LINK, or a number. */
function pcapHead({ link = 'ethernet', bigEndian = false, nano = false, snaplen = 262144 } = {}) {
	const type = typeof link === 'number' ? link : LINK[link];

	return fields(bigEndian)('u32', nano ? 0xa1b23c4d : 0xa1b2c3d4, 'u16', 2, 'u16', 4, 'u32', 0, 'u32', 0, 'u32', snaplen,
				 'u32', type);
}

/* One packet of it: [head, bytes]. */
function pcapRecord(packet, { bigEndian = false, nano = false, snaplen = 262144 } = {}) {
	const { time, wireLen, bytes } = cut(packet, snaplen);
	const head = Buffer.allocUnsafe(16);
	const write = bigEndian ? head.writeUInt32BE : head.writeUInt32LE;

	write.call(head, Number(time / NS), 0);
	write.call(head, Number((time % NS) / (nano ? 1n : 1000n)), 4);
	write.call(head, bytes.length, 8);
	write.call(head, wireLen, 12);
	return [head, bytes];
}

function pcap(packets, options) {
	return Buffer.concat([pcapHead(options)].concat(packets.flatMap((packet) => pcapRecord(packet, options))));
}

const pad4 = (bytes) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);

/* A pcapng file with one section and one interface. bytes of other blocks (statistics, names) may stand in between:
 * { block: number, body: Buffer } among the packets. about: the section's options, [code, text]. */
function pcapng(packets, { link = 'ethernet', bigEndian = false, nano = false, snaplen = 262144, about = [[4, 'wscap tests']] } = {}) {
	const put = fields(bigEndian);
	const block = (type, body) => {
		const padded = pad4(body);
		return Buffer.concat([put('u32', type, 'u32', padded.length + 12), padded, put('u32', padded.length + 12)]);
	};
	const option = (code, value) => Buffer.concat([put('u16', code, 'u16', value.length), pad4(value)]);
	const end = put('u16', 0, 'u16', 0);
	const type = typeof link === 'number' ? link : LINK[link];
	const resolution = nano ? 9 : 6;
	const section = Buffer.concat([put('u32', 0x1a2b3c4d, 'u16', 1, 'u16', 0, 'u32', 0xffffffff, 'u32', 0xffffffff),
				       ...about.map(([code, text]) => option(code, Buffer.from(text))), end]);
	const device = Buffer.concat([put('u16', type, 'u16', 0, 'u32', snaplen), option(2, Buffer.from('test0')),
				      option(9, Buffer.from([resolution])), end]);
	const parts = [block(0x0a0d0d0a, section), block(1, device)];

	for (const packet of packets) {
		if (packet.block !== undefined) {
			parts.push(block(packet.block, packet.body));
			continue;
		}
		const { time, wireLen, bytes } = cut(packet, snaplen);
		const units = nano ? time : time / 1000n;
		const head = put('u32', 0, 'u32', Number(units >> 32n), 'u32', Number(units & 0xffffffffn), 'u32', bytes.length,
				 'u32', wireLen);
		parts.push(block(6, Buffer.concat([head, bytes])));
	}
	return Buffer.concat(parts);
}

module.exports = { pcap, pcapHead, pcapRecord, pcapng };
