'use strict';
/* Bytes that are sent twice with other contents, in connections that carry TLS records and HTTP/2 frames: told with both
 * versions, wherever they are; and what is read is what was said, or its loss is named.
 *
 * Each segment of a real conversation is forged in its turn: what another would put in its place comes before the right
 * one, or behind it, in order, or while the segment before it is missing. */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../lib/tap.js');
const { damage } = require('../lib/damage.js');
const { check } = require('../lib/schema.js');
const { events } = require('../lib/wscap.js');
const { packetsOf, withPackets } = require('../tls/pcapfile.js');

const RECORD = 16;
const ETHERNET = 14;
const HEAD = 9; /* bytes that stay: more than a record's header, and as many as a frame's */
const FORGED_MAX = 20;

/* Where an IPv4 packet's TCP is in its record, and its payload; nothing for others. */
function segmentOf(record) {
	const ip = record.subarray(RECORD + ETHERNET);

	if (ip[0] >> 4 !== 4 || ip[9] !== 6)
		return null;
	const tcp = ip.subarray((ip[0] & 15) * 4, ip.readUInt16BE(2));
	return { ip, from: tcp.readUInt16BE(0), to: tcp.readUInt16BE(2), payload: tcp.subarray((tcp[12] >> 4) * 4) };
}

/* The same segment with other contents, in a packet of its own number. */
function forge(record) {
	const copy = Buffer.from(record);
	const { ip, payload } = segmentOf(copy);

	for (let i = HEAD; i < Math.min(payload.length, HEAD + FORGED_MAX); i++)
		payload[i] ^= 0x55;
	ip.writeUInt16BE(ip.readUInt16BE(4) ^ 0x5555, 4);
	return copy;
}

/* Where the protected records of a segment end, if it begins with a record, and ends with one. */
function sealedEnds(payload) {
	const ends = [];
	let at = 0;

	for (; at + 5 <= payload.length; at += 5 + payload.readUInt16BE(at + 3))
		if (payload[at] === 23)
			ends.push(at + 5 + payload.readUInt16BE(at + 3));
	return at === payload.length ? ends : [];
}

class Capture {
	constructor(file) {
		const base = path.join(__dirname, '..', file);

		this.bytes = fs.readFileSync(`${base}.pcap`);
		this.packets = packetsOf(this.bytes);
		this.args = fs.existsSync(`${base}.keys`) ? ['--keylog', `${base}.keys`] : [];
		this.segments = this.packets.map(segmentOf);
		this.places = this.segments.flatMap((segment, i) => (segment && segment.payload.length > HEAD ? [i] : []));
		this.whole = this.read(this.packets);
	}

	read(packets, ...args) {
		const list = events(withPackets(this.bytes, packets), [...this.args, ...args]);

		list.forEach(check);
		return list;
	}

	/* The packets with those at place replaced by what replace(record, forged) gives. */
	forged(place, replace) {
		const packets = [...this.packets];

		packets.splice(place, 1, ...replace(packets[place], forge(packets[place])));
		return packets;
	}

	/* …and its turn is before that of the segment that it follows: it waits. Nothing where none of the same direction stands
	 * right before it, for then somebody has acknowledged it. */
	forgedWaiting(place, replace) {
		const packets = this.forged(place, replace);
		const before = this.segments[place - 1];

		if (!before || before.from !== this.segments[place].from || !before.payload.length)
			return null;
		const [first] = packets.splice(place - 1, 1);
		packets.splice(place + 1, 0, first);
		return packets;
	}
}

const key = ({ conn, dir, stream, opcode, text, base64 }) => JSON.stringify([conn, dir, stream, opcode, text, base64]);
const said = (list) => list.filter(({ event, truncated }) => event === 'message' && !truncated).map(key);
const overlaps = (list) => list.filter(({ event }) => event === 'overlap');
const isLoss = ({ event, truncated }) => ['gap', 'tls_locked', 'h2_unreadable', 'limit', 'mid_stream'].includes(event) || truncated;

/* One contradiction, with the version that was kept; of the right one, if its record says so, once more. */
function assertTold(list, kept, right) {
	const [overlap, ...more] = overlaps(list);

	if (more.length && right !== kept) {
		const [{ kept: then, receiver, authentic, offset, first_base64, last_base64 }] = more.splice(0, 1);

		assert.deepStrictEqual({ then, receiver, authentic }, { then: right, receiver: right, authentic: true });
		assert.deepStrictEqual([offset, first_base64, last_base64], [overlap.offset, overlap.first_base64, overlap.last_base64]);
		assert.strictEqual(overlap.authentic, undefined);
	}
	if (overlap.authentic)
		assert.strictEqual(overlap.receiver, right);

	assert.ok(overlap && !more.length, `${overlaps(list).length} overlaps`);
	assert.strictEqual(overlap.kept, kept);
	assert.ok((overlap.first_text ?? overlap.first_base64) !== (overlap.last_text ?? overlap.last_base64));
}

/* Nothing but what was said; and a loss is named where that is not all. */
function assertHonest(capture, list) {
	const left = said(capture.whole);

	for (const one of said(list)) {
		assert.ok(left.includes(one), `noise: ${one}`);
		left.splice(left.indexOf(one), 1);
	}
	assert.ok(!left.length || list.some(isLoss), 'a loss without a name');
}

const after = (right, forged) => [right, forged];
const before = (right, forged) => [forged, right];
const atOnce = [[], ['--overlap', 'first']]; /* what came in order is read */

for (const file of ['tls/captures/node-12-aes128-gcm', 'tls/captures/node-12-cbc-sha256', 'tls/captures/nginx-13', 'h2/captures/chromium', 'h2/captures/node-two']) {
	const capture = new Capture(file);
	const { whole, places } = capture;

	tap.test(`${file}: what comes behind is told, and changes nothing`, () => {
		let authentic = 0;

		for (const args of atOnce)
			for (const place of places) {
				const list = capture.read(capture.forged(place, after), ...args);

				assertTold(list, 'first', 'first');
				assert.deepStrictEqual(said(list), said(whole), `${place}`);
				authentic += overlaps(list).filter((one) => one.authentic).length;
			}
		assert.strictEqual(authentic > atOnce.length * 8, capture.args.length > 0, `${authentic} proved by their records`);
	});

	/* In clear what was forged is read, as nothing tells that it was; a frame's length may be more than 2^53 then. */
	if (!capture.args.length)
		tap.test(`${file}: what comes first is read, and both are told`, () => {
			for (const args of [...atOnce, ['--overlap', 'ack']])
				for (const place of places)
					assertTold(events(withPackets(capture.bytes, capture.forged(place, before)), args), 'first');
		});
	tap.test(`${file}: what comes first is not read with --overlap last`, () => {
		for (const place of places) {
			const list = capture.read(capture.forged(place, before), '--overlap', 'last');

			assertTold(list, 'last', 'last');
			assert.deepStrictEqual(said(list), said(whole), `${place}`);
		}
	});
	if (capture.args.length)
		tap.test(`${file}: what comes first is not authentic: a loss, and no noise`, () => {
			let authentic = 0;

			for (const place of places) {
				const list = capture.read(capture.forged(place, before));

				assertTold(list, 'first', 'last');
				assertHonest(capture, list);
				authentic += overlaps(list).filter((one) => one.authentic).length;
			}
			assert.ok(authentic > 5, `${authentic} proved by their records`);
		});
	/* Hellos are in clear: of those nothing tells which is the right one. */
	if (capture.args.length)
		tap.test(`${file}: what comes first is not read, whatever --overlap says, with --acknowledged`, () => {
			let authentic = 0;

			for (const place of places) {
				const list = capture.read(capture.forged(place, before), '--acknowledged', '--overlap', 'first');

				assertTold(list, 'first', 'last');
				assertHonest(capture, list);
				if (!overlaps(list).some((one) => one.authentic))
					continue;
				authentic++;
				assert.deepStrictEqual(said(list), said(whole), `${place}`);
			}
			assert.ok(authentic > 8, `${authentic} proved by their records`);
		});

	if (file === 'tls/captures/nginx-13')
		tap.test(`${file}: a forged byte in each of a segment's records`, () => {
			let several = 0;

			for (const place of places) {
				const forged = Buffer.from(capture.packets[place]);
				const { ip, payload } = segmentOf(forged);
				const ends = sealedEnds(payload);

				if (ends.length < 2)
					continue;
				several++;
				ends.forEach((end) => { payload[end - 1] ^= 1; });
				ip.writeUInt16BE(ip.readUInt16BE(4) ^ 0x5555, 4);
				const list = capture.read(capture.forged(place, (right) => [forged, right]), '--acknowledged', '--overlap', 'first');
				assert.deepStrictEqual(overlaps(list).map(({ kept, authentic }) => [kept, authentic]),
						       [['first', undefined], ...ends.map(() => ['last', true])]);
				assert.deepStrictEqual(said(list), said(whole), `${place}`);
			}
			assert.ok(several, 'no segment has several of them');
		});

	tap.test(`${file}: while it waits, --overlap last takes the right one, first the other`, () => {
		let waiting = 0;

		for (const place of places) {
			const packets = capture.forgedWaiting(place, before);

			if (!packets)
				continue;
			waiting++;
			const last = capture.read(packets, '--overlap', 'last'), first = capture.read(packets, '--overlap', 'first');

			assertTold(last, 'last', 'last');
			assert.deepStrictEqual(said(last), said(whole), `${place}`);
			assertTold(first, 'first', 'last');
			if (capture.args.length)
				assertHonest(capture, first);
			if (overlaps(first).length > 1)
				assert.deepStrictEqual(said(first), said(whole), `${place}`);
		}
		assert.ok(waiting, 'none of them waits');
	});

	tap.test(`${file}: every fifth forged, damaged at each packet`, () => {
		const packets = capture.packets.flatMap((packet, i) => (places.includes(i) && places.indexOf(i) % 5 === 4 ? after(packet, forge(packet)) : [packet]));

		damage(withPackets(capture.bytes, packets), capture.args);
	});
}
tap.done();
