'use strict';
/* A pcap file's records, to leave some of them out. */

const HEADER = 24;
const RECORD = 16;

/* Each packet's record, its header included. */
function packetsOf(capture) {
	const packets = [];

	for (let at = HEADER; at < capture.length;) {
		const end = at + RECORD + capture.readUInt32LE(at + 8);

		packets.push(capture.subarray(at, end));
		at = end;
	}
	return packets;
}

const withPackets = (capture, packets) => Buffer.concat([capture.subarray(0, HEADER), ...packets]);

module.exports = { packetsOf, withPackets };
