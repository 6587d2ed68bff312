'use strict';
/* `--format packets` beside the real tcpdump: equal to the byte, for the document's capture and for captures of every
 * oddity, over each link type, under each option and many combinations. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program } = require('../lib/wscap.js');
const { pcap } = require('../lib/pcap.js');
const { segment } = require('../lib/net.js');
const { captures } = require('./oddities.js');
const { TUNNELS, CUT } = require('../lib/tunnels.js');

const WANTED = '4.99.3'; /* another version prints other lines */
const MAX = 1 << 28;
const env = { ...process.env, TZ: 'CET-1CEST,M3.5.0,M10.5.0/3', LC_ALL: 'C.UTF-8' };

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-beside-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));

/* Each option, and what changes when they meet. */
const OPTIONS = [
	'-n', '-nn', '-ne', '-nv', '-nvv', '-nvvv', '-nq', '-nS', '-n#', '-nK', '-nA', '-nAA', '-nX', '-nXX', '-nx', '-nxx',
	'-nt', '-ntt', '-nttt', '-ntttt', '-nttttt', '-nev', '-neq', '-nvq', '-nvK', '-nvS', '-nvvS', '-nve#', '-nvA', '-nvvX',
	'-nevvXX', '-nexx', '-nqA', '-nqX', '-nqx', '-neqxx', '-nXA', '-nxA', '-nXx', '-nXXxxAA', '-nSvvetttt#XX', '-nevvvKttXX',
	'-n --time-stamp-precision=nano', '-nttt --time-stamp-precision=nano', '-ntt --nano', '-nttttt --micro',
	'-ns 64', '-ns 0 -c 7', '-nec 3', '-nl', '-U -n',
];
const FILTERS = ['tcp', 'tcp port 7272', 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0', 'not tcp', 'greater 100', 'port 80 or port 22'];

/* What every capture is held against; the others take their turns. */
const CORE = ['-n', '-nvv', '-nevX', '-nAS'];

function run(command, args) {
	const { stdout, error, signal } = spawnSync(command, args, { env, maxBuffer: MAX });

	if (error)
		throw error;
	assert.strictEqual(signal, null, `${command} ${args.join(' ')}`);
	return stdout;
}

/* Shows the first line that differs. */
function compare(file, args) {
	const theirs = run('tcpdump', [...args, '-r', file]);
	const ours = run(program, ['--format', 'packets', ...args, '-r', file]);

	if (ours.equals(theirs))
		return;
	const a = theirs.toString('latin1').split('\n');
	const b = ours.toString('latin1').split('\n');
	const at = a.findIndex((line, i) => line !== b[i]);
	assert.strictEqual(b[at], a[at], `line ${at + 1} of ${a.length}`);
	assert.strictEqual(b.length, a.length);
}

function beside(name, file, options, filter) {
	const args = [...options.split(' '), ...(filter ? [filter] : [])];

	tap.test(`${name}: ${args.join(' ')}`, () => compare(file, args));
}

/* Names of hosts, services and cards: without -n. The addresses are ones that need no resolver. */
function names() {
	const macs = ['ffffffffffff', '00000c112233', '020000000001'].map((hex) => Buffer.from(hex, 'hex'));
	const packets = [];

	for (const host of ['127.0.0.1', '::1'])
		for (const sport of [22, 80, 443, 111, 6000, 3306, 2049, 7272, 60653])
			packets.push(segment({ src: host, dst: host, sport, dport: 40000, srcMac: macs[sport % 3], dstMac: macs[0] }));
	for (const protocol of [3, 61, 99, 200, 253])
		packets.push(segment({ src: '127.0.0.1', dst: '127.0.0.1', sport: 1, dport: 2, ip: { protocol } }));
	packets.push(segment({ src: '127.0.0.1', dst: '127.0.0.1', sport: 1, dport: 2, ip: { fragmentOffset: 8 } }));
	return packets.map((bytes, i) => ({ time: 1700000000000000000n + BigInt(i), bytes }));
}

/* Segments in a tunnel, whole and cut at each byte (behind what wraps them, where `inside`); each also as it is somewhere else inside of what wraps it. */
function wrapped({ link, ends, wrap }, inside) {
	const { client, server } = ends || { client: '192.0.2.1', server: '198.51.100.2' };
	const time = 1700000000000000000n;
	const made = [['S', ''], ['A', ''], ['PA', 'hello'], ['FA', '']].flatMap(([flags, text], i) =>
		segment({ src: client, dst: server, sport: 60653, dport: 7272, seq: 100 + i, ack: 200, flags,
			  ip: client.includes(':') ? {} : { id: i }, payload: Buffer.from(text), wrap, link }));
	const data = made[Math.min(2, made.length - 1)];
	const from = inside ? data.length - 20 - 20 - 'hello'.length : 1;
	const cuts = [...data.keys()].slice(from).map((length) => ({ bytes: data.subarray(0, length), wireLen: data.length }));

	return [...made.map((bytes) => ({ bytes })), ...cuts].map((packet, i) => ({ time: time + BigInt(i), ...packet }));
}

/* Where tcpdump reads a layer that we give one line: what MPLS and a part of a frame of 802.11 hold; and 802.2, where it
 * is cut off. 802.11 has a test of its own. */
const ONE_LINE = /^(mpls-link|ppp-direction|wifi-(throughput|aggregate|pieces))/;
const WITHOUT_HEADERS = /^(snap|cooked-snap|wifi|radiotap|prism|avs|ppi)/;
const TUNNEL_OPTIONS = ['-n', '-nv', '-nvv', '-ne', '-nevX', '-nq', '-nA', '-neq', '-nxx'];

function main() {
	const version = spawnSync('tcpdump', ['--version'], { encoding: 'utf8' });

	if (version.error || !version.stdout.startsWith(`tcpdump version ${WANTED}`)) {
		tap.skip('beside tcpdump', `tcpdump ${WANTED} is not installed`);
		return;
	}

	const document = path.join(__dirname, '..', 'golden', 'workerman-chat-2014.pcap');
	for (const options of OPTIONS)
		beside('the document', document, options);
	for (const filter of FILTERS)
		beside('the document', document, '-n', filter);

	const named = path.join(dir, 'names.pcap');
	fs.writeFileSync(named, pcap(names()));
	for (const options of ['-e', '-v', '-q', '-S'])
		beside('names', named, options);

	for (const [name, tunnel] of Object.entries({ ...TUNNELS, ...CUT })) {
		if (ONE_LINE.test(name))
			continue;
		const file = path.join(dir, `${name}.pcap`);

		fs.writeFileSync(file, pcap(wrapped(tunnel, WITHOUT_HEADERS.test(name)), { link: tunnel.link, ...tunnel.options?.file }));
		for (const options of TUNNEL_OPTIONS)
			beside(`in ${name}`, file, options);
	}

	let turn = 0;
	for (const [name, { link, packets }] of Object.entries(captures())) {
		const file = path.join(dir, `${name}.pcap`);
		const all = name.startsWith('ethernet');
		const some = OPTIONS.filter((options, i) => all || (!CORE.includes(options) && i % 16 === turn % 16));

		turn++;
		fs.writeFileSync(file, pcap(packets, { link, nano: true }));
		for (const options of [...CORE, ...some.filter((options) => !CORE.includes(options))])
			beside(name, file, options);
		if (all)
			for (const filter of FILTERS)
				beside(name, file, '-nv', filter);
	}
}

main();
tap.done();
