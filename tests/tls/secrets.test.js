'use strict';
/* Secrets that come when they come: a key log that grows behind the packets, and behind the end of its connection; blocks
 * of a pcapng file before, between and behind the packets. Whenever they come, the events are the same.
 *
 *     WSCAP=build/src/wscap/wscap node tests/tls/secrets.test.js */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { execFileSync } = require('child_process');
const tap = require('../lib/tap.js');
const { assertHas, assertNoNoise, captureOf, content, fileOf, keylog, messages, names, of, read, said, told } = require('./captures.js');
const { cutPackets, packetsOf, shifted, withPackets } = require('./pcapfile.js');
const { pcapng } = require('../lib/pcap.js');
const lib = require('../lib/reader.js');
const { wscap } = require('../lib/wscap.js');

const { closed, looksAgain } = lib;

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-secrets.'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
const at = (name) => path.join(folder, name);
const asRoot = process.getuid() === 0 ? ['-Z', 'root'] : []; /* of who writes files */
const tests = []; /* one after the other */
const test = (name, body) => tests.push([name, body]);

const KINDS = ['handshake', 'message', 'control'];
/* What was said, in the order of the packets that it came in. */
const parts = (all) => of(all, ...KINDS).sort((a, b) => a.packet - b.packet);
const whole = (name, args = []) => read(captureOf(name), [...keylog(name), ...args]);

/* …whose key log grows by that of captures. */
class Reader extends lib.Reader {
	constructor(...args) { super(at('keys'), ...args); }

	logKeys(...list) { super.logKeys(...list.map((name) => fs.readFileSync(fileOf(name, 'keys')))); }
}

const conns = (all) => of(all, 'tcp_open').length;

for (const name of ['node-13-chacha', 'node-12-cbc-sha384'])
	test(`${name}: a key log that is written behind the packets`, async () => {
		const packets = packetsOf(captureOf(name));
		const reader = new Reader('-r', '-');

		reader.write(withPackets(captureOf(name), packets.slice(0, 25)));
		await reader.until((all) => all.length, 'a first event');
		reader.logKeys(name);
		await looksAgain();
		const all = await reader.end(Buffer.concat(packets.slice(25)));
		assert.deepStrictEqual(parts(all), parts(whole(name))); /* each with its own packet and time */
		assert.deepStrictEqual(of(all, 'tls_locked'), []);
	});

for (const name of ['node-13-chacha', 'node-12-cbc-sha384', 'openssl-13-early-data', 'chromium'])
	test(`${name}: a key log that is written when the connections are over`, async () => {
		const reader = new Reader('-r', '-');
		const expected = whole(name);

		reader.write(captureOf(name));
		await reader.until(closed(of(expected, 'tcp_close').length), 'the end of the connections');
		reader.logKeys(name);
		const all = await reader.end();
		assert.deepStrictEqual(parts(all), parts(expected));
		assert.ok(of(all, 'tls_locked').every(({ why }) => why === 'secret'));
		assert.strictEqual(all.findIndex(({ event }) => event === 'message') > all.findIndex(({ event }) => event === 'tcp_close'), true);
		assert.doesNotMatch(reader.words, /cannot be read/);
	});

test('a connection that is over before the key log was looked at again', async () => {
	const name = 'node-13-chacha';
	const lines = `${fs.readFileSync(fileOf(name, 'keys'))}`.split(/(?<=\n)/);
	const early = lines.filter((line) => /HANDSHAKE/.test(line));
	const [head, packets] = [captureOf(name).subarray(0, 24), captureOf(name).subarray(24)];

	assert.ok(early.length > 0 && early.length < lines.length);
	const reader = new Reader('-r', '-');
	fs.writeFileSync(at('keys'), early.join('')); /* some are known, so it does not wait behind its end */
	reader.write(head);
	for (const deadline = Date.now() + 60000; !/reading from file/.test(reader.words);) {
		assert.ok(Date.now() < deadline, reader.words);
		await new Promise(setImmediate); /* what follows has to come within 20 ms */
	}
	fs.appendFileSync(at('keys'), lines.join(''));
	const all = await reader.end(packets);
	assert.deepStrictEqual(parts(all), parts(whole(name)));
	assert.deepStrictEqual(of(all, 'tls_locked'), []);
});

test('…and when the table has forgotten them, and others have their ports', async () => {
	const name = 'node-13-chacha';
	const packets = packetsOf(captureOf(name));
	const expected = parts(whole(name));
	const count = conns(whole(name));
	const reader = new Reader('-r', '-');
	const HOUR = 3600;

	reader.write(withPackets(captureOf(name), [...packets, ...shifted(packets.slice(0, 3), 2 * HOUR)]));
	await reader.until((all) => conns(all) === count + 1, 'another connection on the same ports');
	reader.logKeys(name);
	assert.deepStrictEqual(parts(await reader.end()), expected);
});

test('…and while the file is followed, without another packet', async () => {
	const name = 'node-12-cbc-sha384';
	const reader = new Reader('-r', fileOf(name, 'pcap'), '--follow');
	const expected = parts(whole(name));

	await reader.until(closed(1), 'the end of the connection');
	reader.logKeys(name);
	await reader.until((all) => parts(all).length === expected.length, 'what was said');
	reader.child.kill('SIGINT');
	assert.deepStrictEqual(parts(await reader.end()), expected);
});

test('what waits of connections that are over makes room for others, the oldest first', async () => {
	const [first, second] = ['node-12-chacha', 'node-13-chacha'];
	const reader = new Reader('-r', '-', '--max-tls-waiting-total', '18K');

	reader.write(captureOf(first));
	reader.write(Buffer.concat(packetsOf(captureOf(second))));
	await reader.until(closed(2), 'the end of both connections');
	reader.logKeys(first, second);
	const all = await reader.end();
	assert.deepStrictEqual(parts(all).map(({ conn }) => conn), parts(whole(second)).map(() => 2));
	assert.deepStrictEqual(of(all, 'limit'), []); /* nothing of it was news */
	assert.strictEqual(of(all, 'tls_locked').length, 2);
	assert.match(reader.words, /1 that cannot be read/);
});

test('what waits for a key log has a limit, which is named', () => {
	const capture = captureOf('node-13-aes128-gcm');

	for (const limit of ['max-tls-waiting', 'max-tls-waiting-total']) {
		const all = read(capture, ['--keylog', '/dev/null', `--${limit}`, '2K']);

		assert.deepStrictEqual(of(all, 'limit').map(({ limit: its }) => its), [limit]);
		assert.deepStrictEqual(of(all, 'tls_locked').map(({ why }) => why), ['secret']);
	}
});

test('past the limit, what waited is told when its secret comes, and how much was lost behind it', async () => {
	for (const name of ['node-13-aes128-gcm', 'node-12-cbc-sha256']) {
		const truth = said(name);
		const reader = new Reader('-r', '-', '--max-tls-waiting', '8K');

		reader.write(captureOf(name));
		await reader.until(closed(1), 'the end of the connection');
		reader.logKeys(name);
		const all = await reader.end();
		assertNoNoise(all, truth, name);
		const count = messages(all, 'c2s').length;
		assert.ok(count > 2 && count < truth.c2s.length);
		assert.deepStrictEqual(messages(all, 'c2s').map(content), truth.c2s.slice(0, count));
		assertHas(of(all, 'limit')[0], { limit: 'max-tls-waiting' });
		assert.strictEqual(of(all, 'limit').length, 1);
		assert.deepStrictEqual([...new Set(of(all, 'gap').map(({ dir }) => dir))].sort(), ['c2s', 's2c']);
	}
});

test('…and reading goes on behind it', async () => {
	const name = 'node-13-aes128-gcm';
	const packets = packetsOf(captureOf(name));
	const truth = said(name);
	const big = Math.max(...messages(whole(name), 's2c').map(({ packet }) => packet));
	const behind = of(whole(name), 'message').filter(({ len }) => len > 10000).at(-1).packet;
	const reader = new Reader('-r', '-', '--max-tls-waiting', '8K');

	assert.ok(behind < big);
	reader.write(withPackets(captureOf(name), packets.slice(0, behind)));
	await reader.until((all) => of(all, 'limit').length, 'the limit');
	reader.logKeys(name);
	await looksAgain();
	const all = await reader.end(Buffer.concat(packets.slice(behind)));
	assertNoNoise(all, truth, name);
	for (const dir of ['c2s', 's2c'])
		assert.deepStrictEqual(content(messages(all, dir).filter(({ truncated }) => !truncated).at(-1)), truth[dir].at(-1));
	/* To the byte, as records were counted when they were passed over: what was not told, and its frames' headers. */
	const heard = messages(all, 'c2s').map(({ packet }) => packet);
	const missing = messages(whole(name), 'c2s').filter(({ packet }) => !heard.includes(packet)).map(({ wire_len: len }) => len);
	assert.deepStrictEqual(of(all, 'gap').filter(({ dir }) => dir === 'c2s').map(({ len }) => len),
			       [missing.reduce((sum, len) => sum + len + 6 + (len < 126 ? 0 : 2), 0)]);
});

/* A classic capture as pcapng, with its key log in a block (type 10) before packet number `before`. */
const KEY_LOG = Buffer.from('KSLT');
function withSecrets(name, before) {
	const keys = fs.readFileSync(fileOf(name, 'keys'));
	const len = Buffer.alloc(4);
	const packets = cutPackets(captureOf(name));

	len.writeUInt32LE(keys.length);
	packets.splice(before, 0, { block: 10, body: Buffer.concat([KEY_LOG, len, keys]) });
	return pcapng(packets, { link: 'ethernet' });
}

const plain = (all) => all.map(({ time, ...one }) => one); /* a file's comments aside, all is the same */

for (const name of names)
	test(`${name}: secrets in the capture file, before, between and behind the packets`, () => {
		const expected = whole(name);
		const count = packetsOf(captureOf(name)).length;

		assert.deepStrictEqual(plain(read(withSecrets(name, 0), [])), plain(expected));
		for (const before of [Math.floor(count / 2), count - 1, count]) {
			const all = read(withSecrets(name, before), []);

			assert.deepStrictEqual(plain(parts(all)), plain(parts(expected)), `before packet ${before + 1} of ${count}`);
			assert.deepStrictEqual(of(all, 'gap', 'violation', 'limit', 'mid_stream'), []);
		}
	});

for (const name of ['node-13-aes256-gcm', 'node-12-cbc-sha256', 'firefox'])
	test(`${name}: secrets that Wireshark's editcap has put there`, () => {
		execFileSync('editcap', ['--inject-secrets', `tls,${fileOf(name, 'keys')}`, fileOf(name, 'pcap'), at('injected.pcapng')],
			     { stdio: 'ignore' });
		assert.deepStrictEqual(read(fs.readFileSync(at('injected.pcapng')), []), whole(name));
	});

test('without secrets, a pcapng file says what a classic one does, and meets no limit', () => {
	for (const name of ['node-13-aes128-gcm', 'node-12-resumed']) {
		const plainFile = pcapng(cutPackets(captureOf(name)), { link: 'ethernet' });

		for (const args of [[], ['--max-tls-waiting', '2K'], ['--max-tls-waiting-total', '2K']])
			assert.deepStrictEqual(read(plainFile, args), read(captureOf(name), []));
	}
});

/* Writes what it reads, with its secrets. */
function write(input, name, ...args) {
	const { status, stderr } = wscap(['-r', '-', '-w', at(name), ...asRoot, ...args], { input });

	assert.strictEqual(status, 0, `${stderr}`);
	return fs.readFileSync(at(name));
}

/* What stands in a file's blocks of secrets, each as its lines. */
function blocksOfSecrets(bytes) {
	const found = [];

	for (let place = 0; place < bytes.length; place += bytes.readUInt32LE(place + 4))
		if (bytes.readUInt32LE(place) === 10) {
			assert.deepStrictEqual(bytes.subarray(place + 8, place + 12), KEY_LOG);
			found.push(bytes.toString('latin1', place + 16, place + 16 + bytes.readUInt32LE(place + 12)).split('\n').filter(Boolean));
		}
	return found;
}

test('--write-keys writes the secrets of the key log that open what is written, and no others', () => {
	const name = 'node-13-resumed';
	const several = at('several.keys');

	fs.writeFileSync(several, Buffer.concat(['chromium', name, 'firefox'].map((one) => fs.readFileSync(fileOf(one, 'keys')))));
	const own = fs.readFileSync(fileOf(name, 'keys')).toString().split('\n').filter((line) => /^CLIENT_|^SERVER_/.test(line)).sort();
	const args = ['--keylog', several];
	const written = write(captureOf(name), 'keys.pcapng', ...args, '--write-keys');

	assert.deepStrictEqual(blocksOfSecrets(written).flat().sort(), own);
	assert.deepStrictEqual(read(written, []), whole(name)); /* each block stands before the packets that need it */
	assert.deepStrictEqual(blocksOfSecrets(write(captureOf(name), 'none.pcapng', ...args)), []);
	assert.deepStrictEqual(blocksOfSecrets(write(captureOf(name), 'other.pcapng', ...args, '--write-keys', 'port 1')), []);
	const again = write(written, 'again.pcapng', ...args, '--write-keys');
	assert.deepStrictEqual(blocksOfSecrets(again), blocksOfSecrets(written));
	const texts = execFileSync('tshark', ['-n', '-r', at('keys.pcapng'), '-Y', 'websocket', '-T', 'fields', '-e', 'text'],
				   { stdio: ['ignore', 'pipe', 'ignore'] });
	assert.match(`${texts}`, /"name":"mynick"/);
});

test('…also those that came when the packets were over', async () => {
	const name = 'node-12-aes128-gcm';
	const reader = new Reader('-r', '-', '-w', at('late.pcapng'), '--print', '--write-keys', ...asRoot);

	reader.write(captureOf(name));
	await reader.until(closed(1), 'the end of the connection');
	reader.logKeys(name);
	await reader.end();
	assert.strictEqual(blocksOfSecrets(fs.readFileSync(at('late.pcapng'))).length, 1);
	assert.deepStrictEqual(parts(read(fs.readFileSync(at('late.pcapng')), [])), parts(whole(name)));
});

test('the story tells what comes late as such', () => {
	const name = 'node-13-chacha';
	const count = packetsOf(captureOf(name)).length;
	const { stdout, status } = wscap(['-r', '-', '-n'], { input: withSecrets(name, count) });
	const text = `${stdout}`;

	assert.strictEqual(status, 0);
	assert.match(text, /No key log has its \w+/);
	assert.match(text, /\/\*\n \* Told late\n[^]*Through TLS; masked with[^]*{"type":"login","name":"mynick"}/);
	assert.ok(text.indexOf('Told late') > text.indexOf('TLS that cannot be read'));
});

(async () => {
	for (const [name, body] of tests)
		await tap.test(name, body);
	tap.done();
})();
