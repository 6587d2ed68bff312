'use strict';
/* A pcap file's records, to leave some of them out. */

const HEADER = 24;
const RECORD = 16;
const ETHERNET = 14;

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

/* Its packets as lib/pcap.js has them. */
const cutPackets = (capture) => packetsOf(capture).map((record) => ({
	time: BigInt(record.readUInt32LE(0)) * 1000000000n + BigInt(record.readUInt32LE(4)) * 1000n,
	bytes: record.subarray(RECORD),
	wireLen: record.readUInt32LE(12),
}));

/* The same records so many seconds later. */
const shifted = (records, seconds) => records.map((record) => {
	const later = Buffer.from(record);

	later.writeUInt32LE(record.readUInt32LE(0) + seconds, 0);
	return later;
});

/* What each packet of the longest connection carries, those without a byte left out: { server, bytes }. Ethernet, and only
 * IPv4 counts. */
function payloadsOf(capture, port = serverPort(capture)) {
	const carried = packetsOf(capture).filter((record) => record[RECORD + ETHERNET] >> 4 === 4).map((record) => {
		const ip = record.subarray(RECORD + ETHERNET);
		const tcp = ip.subarray((ip[0] & 15) * 4, ip.readUInt16BE(2));
		const [from, to] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];

		return { server: from === port, client: from === port ? to : from, bytes: tcp.subarray((tcp[12] >> 4) * 4) };
	});
	const count = new Map();

	carried.forEach(({ client, bytes }) => count.set(client, (count.get(client) || 0) + (bytes.length ? 1 : 0)));
	const most = Math.max(...count.values());
	const longest = [...count.keys()].filter((client) => count.get(client) === most).at(-1);

	return carried.filter(({ client, bytes }) => client === longest && bytes.length);
}

/* Whom the first SYN goes to. */
function serverPort(capture) {
	const ip = packetsOf(capture).map((record) => record.subarray(RECORD + ETHERNET)).find((packet) => packet[0] >> 4 === 4);

	return ip.readUInt16BE((ip[0] & 15) * 4 + 2);
}

module.exports = { cutPackets, packetsOf, payloadsOf, shifted, withPackets };
