'use strict';
/* The live wire while nobody reads what is printed: packets go on being taken, up to a limit that is told; and packets
 * that are taken from several rings. */

const assert = require('assert');
const { execFileSync, spawn } = require('child_process');
const dgram = require('dgram');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { listen, output, whyNot, withTimeout } = require('../lib/live.js');
const { freePorts } = require('../lib/ports.js');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');

const PIPE = 1 << 16; /* bytes that a pipe holds */
const PADDING = '.'.repeat(300), HEADERS = 66; /* Ethernet, IP, UDP, and what is kept with each packet */

/* Numbered datagrams over loopback, from so many sockets in turn. */
async function senders(port, count = 1) {
	const sockets = Array.from({ length: count }, () => dgram.createSocket('udp4'));
	let number = 0;

	const one = (socket) => new Promise((resolve, reject) =>
		socket.send(`number ${++number} ${PADDING}`, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())));
	return {
		send: async (many) => {
			for (let i = 0; i < many; i++)
				await one(sockets[i % count]);
			return number;
		},
		close: () => sockets.forEach((socket) => socket.close()),
	};
}

const numbers = (text) => [...text.matchAll(/number (\d+) /g)].map(([, number]) => Number(number));
const count = (text, pattern) => Number((text.match(pattern) || [0, 0])[1]);
const droppedByKernel = (text) => count(text, /^(\d+) packets? dropped by kernel$/m);
const droppedByUs = (text) => count(text, /^(\d+) packets? dropped by wscap$/m);

function checkRising(seen) {
	seen.forEach((number, i) => assert.ok(i === 0 || number > seen[i - 1], `${number} behind ${seen[i - 1]}`));
}

/* wscap prints into a pipe that nobody reads while so many datagrams come, then somebody reads on. What it said, and
 * the numbers that it printed. Where the machine was so busy that the kernel had to drop some, it is done again. */
async function held(args, many, whileHeld, tries = 5) {
	const [port] = await freePorts(1);
	const wscap = await listen(program, ['-l', '-nA', '-i', 'lo', '--format', 'packets', ...args, 'udp', 'port', `${port}`],
				   { held: true });
	const sender = await senders(port);

	assert.notStrictEqual(await wscap.ready, 'ended', wscap.stderr.text);
	await sender.send(many);
	await whileHeld(wscap);
	const stdout = output(wscap.child.stdout);
	/* There is room again once something was read; until then more may be left out. */
	const behind = () => numbers(stdout.text).some((number) => number > many);
	while (!behind()) {
		await sender.send(1);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	sender.close();
	wscap.child.kill('SIGINT');
	assert.strictEqual(await wscap.exited, 0, wscap.stderr.text);
	if (droppedByKernel(wscap.stderr.text) && tries > 1)
		return held(args, many, whileHeld, tries - 1);
	return { stderr: wscap.stderr.text, seen: numbers(stdout.text) };
}

const MANY = 6000;
assert.ok(MANY * PADDING.length > 8 * PIPE);

async function keepsAll(args) {
	const { stderr, seen } = await held(args, MANY, () => {});

	checkRising(seen);
	assert.strictEqual(droppedByUs(stderr), 0, stderr);
	assert.strictEqual(seen.length, seen[seen.length - 1], 'a packet is missing');
}

/* Twice what finds room: the rest is told while it is so, and counted; nothing else is missing. */
async function tellsWhatIsLeftOut() {
	const told = /^wscap: (\d+) packets? (?:was|were) left out, because printing is too slow; more can wait with --backlog$/m;
	const { stderr, seen } = await held(['--backlog', '1M'], MANY, ({ stderr: now }) => now.says(told));
	const left = droppedByUs(stderr);

	checkRising(seen);
	assert.ok(left > 0 && count(stderr, told) <= left, stderr);
	assert.ok(seen.length * (PADDING.length + HEADERS) > 3 << 18, 'less was kept than there is room for');
	assert.strictEqual(seen.length + left, seen[seen.length - 1], stderr);
}

/* The same into a pcapng file, whose statistics have no counter for it. */
async function countsWhatIsLeftOut() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-left-'));
	const file = path.join(folder, 'left.pcapng');
	const owner = process.getuid() === 0 ? ['-Z', 'root'] : [];

	try {
		const { stderr } = await held(['--backlog', '1M', '-w', file, '--print', ...owner], MANY,
					      ({ stderr: now }) => now.says(/packets? (?:was|were) left out/));
		const { packets, comments, counters } = statisticsOf(file);

		assert.ok(droppedByUs(stderr) > 0, stderr);
		assert.deepStrictEqual(comments.map((comment) => count(comment, /^wscap: (\d+) packets? w/)), [droppedByUs(stderr)]);
		assert.strictEqual(counters[8], packets);
		assert.ok(counters[6] - counters[7] >= packets + droppedByUs(stderr), JSON.stringify(counters));
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

/* Of a pcapng file: how many packets it has, and the comments and counters (by their codes) of its statistics. */
function statisticsOf(file) {
	const bytes = fs.readFileSync(file), found = { packets: 0, comments: [], counters: {} };

	for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
		const type = bytes.readUInt32LE(at);

		found.packets += type === 6;
		for (let option = at + 20, len; type === 5 && bytes.readUInt16LE(option); option += 4 + len + (-len & 3)) {
			const code = bytes.readUInt16LE(option);

			len = bytes.readUInt16LE(option + 2);
			if (code === 1)
				found.comments.push(bytes.toString('utf8', option + 4, option + 4 + len));
			else
				found.counters[code] = Number(bytes.readBigUInt64LE(option + 4));
		}
	}
	return found;
}

/* Who stops it while it is held gets an end as soon as there is room for what is printed. */
async function endsWhileHeld() {
	const [port] = await freePorts(1);
	const wscap = await listen(program, ['-l', '-nA', '-i', 'lo', '--format', 'packets', 'udp', 'port', `${port}`], { held: true });
	const sender = await senders(port);

	assert.notStrictEqual(await wscap.ready, 'ended', wscap.stderr.text);
	await sender.send(2000);
	sender.close();
	wscap.child.kill('SIGTERM');
	const stdout = output(wscap.child.stdout);
	await wscap.exited;
	checkRising(numbers(stdout.text));
	assert.ok(stdout.text.length > 0);
	assert.strictEqual(wscap.child.exitCode, 0, wscap.stderr.text);
}

/* Who does not want to wait for that is told that it waits, and ends it with a second signal, also another one. What comes
 * behind the first is not this capture's: it is neither taken nor counted as dropped. */
async function endsAtOnce(second, firsts = ['SIGINT']) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-ends-')), fifo = path.join(folder, 'fifo');
	const [port] = await freePorts(1);

	execFileSync('mkfifo', [fifo]);
	const unread = fs.openSync(fifo, 'r+');
	const wscap = await listen(program, ['-l', '-nA', '-i', 'lo', '--format', 'packets', 'udp', 'port', `${port}`],
				   { stdio: ['ignore', unread, 'pipe'] });
	const signalled = new Promise((resolve) => wscap.child.on('exit', (code, signal) => resolve(signal)));
	const sender = await senders(port);

	try {
		assert.notStrictEqual(await wscap.ready, 'ended', wscap.stderr.text);
		await sender.send(2000);
		firsts.forEach((signal) => wscap.child.kill(signal));
		await wscap.stderr.says(/^wscap: the capture has ended; what was printed waits to be read, and a second signal \(Ctrl-C\) ends it at once$/m);
		await sender.send(2000);
		if (second) {
			wscap.child.kill(second);
			assert.strictEqual(await signalled, second);
		} else {
			const reader = spawn('cat', [fifo], { stdio: 'ignore' });

			assert.strictEqual(await wscap.exited, 0);
			reader.kill();
			/* With them libpcap counts all that came while it opened the device and had no filter yet, for
			 * tcpdump as well: other tests send through lo at the same time. */
			const received = count(wscap.stderr.text, /^(\d+) packets? received by filter$/m);
			assert.ok(received >= 2000 && received < 4000, wscap.stderr.text);
		}
	} finally {
		sender.close();
		fs.closeSync(unread);
		fs.rmSync(folder, { recursive: true });
	}
}

/* Packets of a classic file in nanoseconds: [time, number]. */
function packetsOf(file) {
	const bytes = fs.readFileSync(file), packets = [];

	assert.strictEqual(bytes.readUInt32LE(0), 0xa1b23c4d);
	for (let at = 24; at < bytes.length;) {
		const len = bytes.readUInt32LE(at + 8);
		const [number] = numbers(bytes.toString('latin1', at + 16, at + 16 + len));

		packets.push([bytes.readUInt32LE(at) * 1e9 + bytes.readUInt32LE(at + 4), number]);
		at += 16 + len;
	}
	return packets;
}

/* One wscap with one ring, one with several: the same packets, in the order of their times. */
async function severalRings(device, tries = 5) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-rings-'));
	const [port] = await freePorts(1);
	const many = 3000, rings = [1, 3];
	const file = (each) => path.join(folder, `${each}.pcap`);
	const tools = await Promise.all(rings.map((each) =>
		listen(program, ['--nano', '-i', device, '--rings', `${each}`, '-c', `${many}`, '-w', file(each), 'udp', 'dst', 'port', `${port}`])));
	const sender = await senders(port, 16);

	try {
		for (const wscap of tools)
			assert.notStrictEqual(await wscap.ready, 'ended', wscap.stderr.text);
		await sender.send(many);
		/* Each ends by itself after so many packets; where one was dropped it does not. */
		const missed = new Promise((resolve) => setTimeout(resolve, 5000, 'missed'));
		if (await Promise.race([Promise.all(tools.map(({ exited }) => exited)), missed]) === 'missed') {
			tools.forEach(({ child }) => child.kill('SIGINT'));
			await Promise.all(tools.map(({ exited }) => exited));
			assert.ok(tools.some(({ stderr }) => droppedByKernel(stderr.text)) && tries > 1, tools.map(({ stderr }) => stderr.text).join());
			return severalRings(device, tries - 1);
		}
		for (const each of rings) {
			const packets = packetsOf(file(each));

			assert.deepStrictEqual(packets.map(([, number]) => number).sort((a, b) => a - b), Array.from({ length: many }, (_, i) => i + 1));
			if (each > 1)
				packets.forEach(([time], i) => assert.ok(i === 0 || time >= packets[i - 1][0], `packet ${i + 1} is earlier than the one before`));
		}
		return null;
	} finally {
		sender.close();
		fs.rmSync(folder, { recursive: true });
	}
}

const tests = [
	['a pipe that nobody reads for a while: nothing is lost', () => keepsAll([])],
	['the same with several rings', () => keepsAll(['--rings', '2'])],
	['what finds no room while it waits is told meanwhile, and counted', tellsWhatIsLeftOut],
	['and stands in the statistics of a pcapng file', countsWhatIsLeftOut],
	['it can be ended while it waits', endsWhileHeld],
	['its end says that it waits, and counts nothing that comes later', () => endsAtOnce(null)],
	['two signals in the same moment are one', () => endsAtOnce(null, ['SIGINT', 'SIGTERM', 'SIGINT'])],
	['a second signal ends it at once', () => endsAtOnce('SIGINT')],
	['so does another one', () => endsAtOnce('SIGTERM')],
	['several rings give the same packets in the order of their times', () => severalRings('lo')],
	['and on all devices', () => severalRings('any')],
];

(async () => {
	const reason = await whyNot('lo');

	for (const [name, body] of tests) {
		if (reason)
			tap.skip(name, reason);
		else
			await tap.test(name, () => withTimeout(body()));
	}
	tap.done();
	/* What a failed run left behind would keep us here. */
	process.exit(0);
})();
