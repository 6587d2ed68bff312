'use strict';
/* TCP conversations in a capture: what is written into them becomes packets, cut into segments in one of three ways.
 *
 *   whole     each write is one segment (or as many as `mss` makes of it)
 *   bytes     one byte per segment
 *   shuffled  cut at random, out of order within a window of 16 segments, pieces repeated; the same on every run
 *
 * Acknowledgements are what a receiver would say that gets the packets in the order of the capture. */

const { address, again, segment } = require('./net.js');
const { pcap, pcapng } = require('./pcap.js');
const { random } = require('./random.js');

const WAYS = ['whole', 'bytes', 'shuffled'];
const WINDOW = 16;
const PAYLOAD_MAX = 65000;

/* The packets of one file, its clock, and its link layer. */
class Capture {
	constructor({ way = 'whole', link = 'ethernet', file = {}, network = {}, onPacket = null } = {}) {
		this.way = way;
		this.link = link;
		this.network = network; /* more fields for every segment: vlans, ip, wrap */
		this.file = file; /* format: 'pcap' or 'pcapng', bigEndian, nano, snaplen */
		this.time = 1700000000000000000n;
		this.packets = [];
		this.sessions = [];
		this.random = random(7272);
		this.onPacket = onPacket || ((packet) => this.packets.push(packet));
		this.isBlind = false;
	}

	/* Time goes on by ns nanoseconds without a packet. */
	wait(ns) {
		this.time += BigInt(ns);
	}

	add(bytes, about = {}) {
		this.time += 10000n;
		if (!this.isBlind)
			this.onPacket({ time: this.time, bytes, ...about });
	}

	/* What body makes is on the wire and not in the capture. */
	blind(body) {
		this.isBlind = true;
		body();
		this.isBlind = false;
	}

	/* change(packets) puts them in another order, or takes some away; the clock stays right. */
	reorder(change) {
		const times = this.packets.map(({ time }) => time);

		change(this.packets);
		this.packets = this.packets.map((packet, i) => ({ ...packet, time: times[i] ?? this.time + BigInt(i) }));
	}

	bytes() {
		const write = this.file.format === 'pcapng' ? pcapng : pcap;

		return write(this.packets, { link: this.link, ...this.file });
	}
}

/* One end of a TCP connection, as a sender. next: the offset of the next byte that it writes. */
function side(ip, port, isn) {
	return { ip, port, isn, next: 0, started: false, finished: false, packetId: isn & 0xffff };
}

class Conversation {
	constructor(capture, options = {}) {
		const { client = '127.0.0.1', server = '127.0.0.1', clientPort = 60653, serverPort = 7272 } = options;
		const { isn = [3524290970, 692696454], timestamps = true, mss = PAYLOAD_MAX } = options;
		const { split = true, window = WINDOW } = options;

		this.capture = capture;
		this.ends = { c2s: side(client, clientPort, isn[0]), s2c: side(server, serverPort, isn[1]) };
		this.timestamps = timestamps;
		this.mss = mss;
		this.split = split; /* false: shuffled keeps the segments as whole has them */
		this.window = window; /* segments among which shuffled moves one */
		this.flight = null; /* shuffled: what one side wrote and was not sent yet */
		this.isV6 = address(client).length === 16;
	}

	other(dir) {
		return this.ends[dir === 'c2s' ? 's2c' : 'c2s'];
	}

	/* The sequence number of a sender's byte at offset. */
	seq(dir, offset) {
		return (this.ends[dir].isn + 1 + offset) >>> 0;
	}

	/* Both ends' clock for TCP's timestamps: milliseconds. */
	now() {
		return Number((this.capture.time / 1000000n) & 0xffffffffn);
	}

	/* Any segment: fields of net.js's segment(), at offset of dir's bytes unless seq is given. Returns its packet. */
	segment(dir, fields = {}, about = {}) {
		const from = this.ends[dir];
		const to = this.other(dir);
		const now = this.now();
		const stamps = this.timestamps ? [['nop'], ['nop'], ['ts', now, now]] : [];
		const ip = this.isV6 ? {} : { id: from.packetId++ & 0xffff };
		const flags = fields.flags ?? (fields.payload && fields.payload.length ? 'PA' : 'A');

		const made = segment({
			link: this.capture.link, src: from.ip, dst: to.ip, sport: from.port, dport: to.port,
			seq: this.seq(dir, fields.offset ?? from.next),
			ack: /A/.test(flags) ? this.acknowledged(dir) : 0, options: stamps,
			...this.capture.network, ...fields, flags, ip: { ...ip, ...this.capture.network.ip, ...fields.ip },
		});
		for (const bytes of [].concat(made))
			this.capture.add(bytes, { dir, tcp: this, ...about });
		return made;
	}

	/* What dir acknowledges of the other side's: all that it wrote so far, with its SYN and FIN. */
	acknowledged(dir) {
		const to = this.other(dir);

		return to.started ? (to.isn + 1 + to.next + (to.finished ? 1 : 0)) >>> 0 : 0;
	}

	ack(dir) {
		this.segment(dir);
	}

	connect() {
		const options = (peerSeen) => [['mss', 1460], ['sackok'],
			...(this.timestamps ? [['ts', this.now(), peerSeen ? this.now() : 0]] : [['nop'], ['nop']]),
			['nop'], ['wscale', 7]];

		this.segment('c2s', { flags: 'S', offset: -1, window: 64240, options: options(false) });
		this.ends.c2s.started = true;
		this.segment('s2c', { flags: 'SA', offset: -1, window: 65160, options: options(true) });
		this.ends.s2c.started = true;
		this.ack('c2s');
	}

	/* dir writes bytes. */
	send(dir, bytes) {
		this.ends[dir].started = this.other(dir).started = true;
		if (this.capture.way === 'shuffled' && !this.capture.isBlind)
			this.gather(dir, bytes);
		else
			this.sendNow(dir, bytes, this.capture.way === 'bytes' ? 1 : this.mss);
	}

	/* dir writes bytes of which no packet is captured. */
	lose(dir, bytes) {
		this.flush();
		this.capture.blind(() => this.sendNow(dir, bytes, this.mss));
	}

	sendNow(dir, bytes, size) {
		const from = this.ends[dir];
		const answer = dir === 'c2s' ? 's2c' : 'c2s';
		let like = null;

		for (let at = 0, count = 1; at < bytes.length; at += size, count++) {
			const payload = bytes.subarray(at, at + size);
			if (like && payload.length === size && !this.capture.network.ip && !this.capture.network.wrap)
				this.segmentLike(dir, like, payload);
			else
				like = this.segment(dir, { payload });
			from.next += payload.length;
			if (count % WINDOW === 0)
				this.ack(answer);
		}
		this.ack(answer);
	}

	/* The next segment, like one whose IP header is plain and whose payload was as long. */
	segmentLike(dir, like, payload) {
		const from = this.ends[dir];
		const tcpAt = like.length - payload.length - (this.timestamps ? 32 : 20);

		this.capture.add(again(like, tcpAt, {
			seq: this.seq(dir, from.next), payload, id: this.isV6 ? undefined : from.packetId++ & 0xffff,
		}), { dir, tcp: this });
	}

	gather(dir, bytes) {
		if (this.flight && this.flight.dir !== dir)
			this.flush();
		if (!this.flight)
			this.flight = { dir, writes: [] };
		this.flight.writes.push(bytes);
	}

	/* Sends what waits to be shuffled. */
	flush() {
		if (!this.flight)
			return;
		const { dir, writes } = this.flight;
		const bytes = Buffer.concat(writes);
		const cuts = this.split ? this.randomCuts(bytes.length) : this.writeCuts(writes);
		this.flight = null;
		for (let first = 0; first + 1 < cuts.length; first += this.window)
			this.sendWindow(dir, bytes, cuts.slice(first, first + this.window + 1));
	}

	/* Where segments begin, and the end: many small ones, whatever the length. */
	randomCuts(length) {
		const most = Math.max(8, Math.min(PAYLOAD_MAX, Math.ceil(length / 20)));
		const cuts = [0];

		while (cuts[cuts.length - 1] < length)
			cuts.push(Math.min(length, cuts[cuts.length - 1] + 1 + this.capture.random.below(most)));
		return cuts;
	}

	writeCuts(writes) {
		const cuts = [0];

		for (const write of writes)
			for (let at = 0; at < write.length; at += this.mss)
				cuts.push(cuts[cuts.length - 1] + Math.min(this.mss, write.length - at));
		return cuts;
	}

	sendWindow(dir, bytes, cuts) {
		const chance = this.capture.random;
		const from = this.ends[dir];
		const start = from.next;
		const base = start - cuts[0];
		const pieces = cuts.slice(0, -1).map((cut, i) => [cut, cuts[i + 1]]);

		for (const piece of [...pieces])
			if (chance.chance(0.3))
				pieces.push(this.split && chance.chance(0.5) ? [cuts[0], piece[1]] : piece);
		for (const [begin, end] of chance.shuffle(pieces))
			this.segment(dir, {
				offset: base + begin, payload: bytes.subarray(begin, Math.min(end, begin + PAYLOAD_MAX)),
			});
		from.next = base + cuts[cuts.length - 1];
		this.ack(dir === 'c2s' ? 's2c' : 'c2s');
	}

	finish(dir) {
		this.flush();
		this.segment(dir, { flags: 'FA' });
		this.ends[dir].finished = true;
	}

	/* FIN, FIN and ACK, ACK. */
	close(dir = 'c2s') {
		const answer = dir === 'c2s' ? 's2c' : 'c2s';

		this.finish(dir);
		this.finish(answer);
		this.segment(dir, { offset: this.ends[dir].next + 1 });
	}

	reset(dir) {
		this.flush();
		this.segment(dir, { flags: 'RA', window: 0 });
	}
}

module.exports = { Capture, Conversation, WAYS };
