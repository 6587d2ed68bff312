'use strict';
/* Starting, stopping, asking, and many people at once. */

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const tap = require('../../lib/tap.js');
const { start, run, folder, freePorts, isSanitized } = require('../../lib/wschat.js');
const { connect, handshake, open, join, sleep } = require('../../lib/peer.js');

const MANY = isSanitized ? 200 : 1000; /* people in a room */
const STORM = 200;
const COMINGS = isSanitized ? 2000 : 10000; /* connects and disconnects */

/* What becomes true soon. */
async function soon(look) {
	for (let i = 0; ; i++) {
		const found = await look();
		if (found)
			return found;
		assert.ok(i < 200, `waited in vain for ${look}`);
		await sleep(50);
	}
}

async function stopping() {
	for (const signal of ['SIGTERM', 'SIGINT'])
		await tap.test(`${signal}: 1001 for everyone, what was said is kept, status 0`, async () => {
			const server = await start({ args: ['--message-rate', '0'] });
			const peers = await Promise.all(Array.from({ length: 20 }, (_, i) => join(server.port, `p${i}`)));
			const idle = await open(server.port), asking = await connect(server.web);
			for (let i = 0; i < 50; i++)
				peers[0].json({ type: 'say', to_client_id: 'all', content: `last words ${i}`, ref: `${i}` });
			const confirmed = [];
			await peers[0].until(({ type, id }) => type === 'said' && confirmed.push(id) >= 10);
			const begin = Date.now();
			const stopped = server.stop(signal);
			const ends = await Promise.all([...peers, idle].map(async (peer) => {
				let got;
				while ((got = await peer.next()) && got.type !== 'close') {
					const message = JSON.parse(got.text);
					if (message.type === 'said')
						confirmed.push(message.id);
				}
				if (got)
					peer.close(got.code);
				return got && got.code;
			}));
			assert.deepStrictEqual(ends, ends.map(() => 1001));
			assert.ok(await asking.gone());
			const { status, log } = await stopped;
			assert.strictEqual(status, 0, log);
			assert.ok(Date.now() - begin < 15000, 'it took long');
			assert.deepStrictEqual(fs.readdirSync(server.data).sort(), ['history.db', 'lock']);

			const again = await start({ data: server.data });
			const reader = await join(again.port, 'reader', { login: { history: 100 } });
			const kept = reader.history.messages.map(({ id }) => id);
			for (const id of confirmed)
				assert.ok(kept.includes(id), `${id} is not kept`);
			reader.destroy();
			await again.stop();
		});
	await tap.test('it also ends when nobody answers', async () => {
		const server = await start({ args: ['--close-timeout', '1'] });
		const peers = await Promise.all(Array.from({ length: 5 }, (_, i) => join(server.port, `p${i}`)));
		peers.forEach(({ stream }) => stream.socket.pause());
		const { status, log } = await server.stop();
		assert.strictEqual(status, 0, log);
		peers.forEach((peer) => peer.destroy());
	});
}

async function starting() {
	const server = await start();
	const other = await freePorts(2);
	const args = (port, web, data) => ['--listen', `127.0.0.1:${port}`, '--web', `127.0.0.1:${web}`, '--data', data];

	await tap.test('a second one on the same port: a clear error, status 1', () => {
		for (const ports of [[server.port, other[1]], [other[0], server.web]]) {
			const { status, stderr } = run(args(...ports, folder()));
			assert.strictEqual(status, 1);
			assert.match(stderr, /^wschat: 127\.0\.0\.1:\d+: Address already in use\n$/);
		}
	});
	await tap.test('a second one on the same data: a clear error, status 1', () => {
		const { status, stderr } = run(args(...other, server.data));
		assert.strictEqual(status, 1);
		assert.match(stderr, /another wschat is using this history/);
	});
	await tap.test('…and the first one does not care', async () => {
		const peer = await join(server.port, 'unmoved');
		assert.strictEqual(peer.welcome.type, 'login');
		assert.match(run(['status', '--data', server.data]).stdout, /^websockets +1$/m);
		peer.destroy();
	});
	await server.stop();

	const wrong = {
		'an option that there is not': ['--no-such-option'], 'a number that is none': ['--threads', 'many'],
		'a number too large': ['--message-rate', '1e9'], 'a value that is missing': ['--data'],
		'a word too many': ['what'], 'a durability that there is not': ['--durability', 'eternal'],
		'a proxy that is no network': ['--trusted-proxy', '10.0.0.0/33'],
	};
	for (const [name, list] of Object.entries(wrong))
		await tap.test(`${name}: status 2, and why`, () => {
			const { status, stdout, stderr } = run(list);
			assert.deepStrictEqual([status, stdout], [2, '']);
			assert.match(stderr, /^wschat: .+\n/);
		});
	const broken = {
		'an address that is none': [...args('x', other[1], folder())],
		'a port of nobody\'s': [...args(99999, other[1], folder())],
		'a folder that cannot be': [...args(...other, '/proc/nowhere')],
		'a history that is none': [...args(...other, (() => {
			const data = folder();
			fs.writeFileSync(path.join(data, 'history.db'), 'this is no database, but it is long enough to be looked at'.repeat(100));
			return data;
		})())],
	};
	for (const [name, list] of Object.entries(broken))
		await tap.test(`${name}: status 1, and why`, () => {
			const { status, stderr } = run(list);
			assert.strictEqual(status, 1, stderr);
			assert.match(stderr, /^wschat: .+\n$/);
		});
	await tap.test('--help and --version', () => {
		assert.match(run(['--help']).stdout, /--message-rate/);
		assert.match(run(['--version']).stdout, /^wschat \d+\.\d+\.\d+\n$/);
	});
	await tap.test('a configuration file, and the command line over it', async () => {
		const data = folder(), config = path.join(data, 'wschat.conf');
		fs.writeFileSync(config, '# a comment\nmax-users-per-room = 1\necho\nping-interval 1\n');
		const one = await start({ data, args: ['--config', config, '--max-users-per-room', '2'] });
		const peers = [await join(one.port, 'a'), await join(one.port, 'b'), await join(one.port, 'c')];
		assert.deepStrictEqual(peers.map(({ welcome }) => welcome.code), [undefined, undefined, 'room-full']);
		const echo = await open(one.port, { target: '/echo' });
		echo.text('x');
		assert.strictEqual((await echo.next()).text, 'x');
		[...peers, echo].forEach((peer) => peer.destroy());
		await one.stop();
		fs.writeFileSync(config, 'echo\nno-such 1\n');
		const { status, stderr } = run(['--config', config]);
		assert.strictEqual(status, 2);
		assert.match(stderr, /wschat\.conf: line 2: /);
	});
}

async function asking() {
	const server = await start({ args: ['--trusted-proxy', '127.0.0.2', '--trusted-proxy', '127.0.0.8/29',
		'--connections-per-address', '3'] });
	const table = (question) => run([question, '--data', server.data]);
	const from = (localAddress, forwarded) => open(server.port, { connection: { localAddress },
		fields: forwarded === undefined ? [] : [['X-Forwarded-For', forwarded]] });
	const addresses = () => table('connections').stdout.split('\n').slice(1).filter(Boolean)
		.map((line) => line.split(/ +/)[1]).sort();

	const cases = [
		['nobody\'s word', '127.0.0.1', '203.0.113.7', '127.0.0.1'],
		['a trusted proxy\'s', '127.0.0.2', '203.0.113.7', '203.0.113.7'],
		['of a trusted network', '127.0.0.9', '203.0.113.8', '203.0.113.8'],
		['just outside of it', '127.0.0.16', '203.0.113.9', '127.0.0.16'],
		['the last stranger, whatever was claimed before', '127.0.0.2', '1.2.3.4, 203.0.113.10', '203.0.113.10'],
		['through two of ours', '127.0.0.2', '203.0.113.11, 127.0.0.9', '203.0.113.11'],
		['with a port', '127.0.0.2', '203.0.113.12:4711', '203.0.113.12'],
		['IPv6', '127.0.0.2', '2001:db8::1', '2001:db8::1'],
		['IPv6 with a port', '127.0.0.2', '[2001:db8::2]:4711', '2001:db8::2'],
		['nothing', '127.0.0.2', undefined, '127.0.0.2'],
		['nonsense', '127.0.0.2', 'unknown', '127.0.0.2'],
		['a stranger, then nonsense', '127.0.0.2', '203.0.113.13, unknown', '127.0.0.2'],
	];
	for (const [name, localAddress, forwarded, wanted] of cases)
		await tap.test(`X-Forwarded-For: ${name}`, async () => {
			await soon(() => addresses().length === 0);
			const peer = await from(localAddress, forwarded);
			assert.deepStrictEqual(addresses(), [wanted]);
			peer.destroy();
		});
	await tap.test('behind a proxy each client is counted by itself', async () => {
		await soon(() => addresses().length === 0);
		const peers = [];
		for (let i = 0; i < 3; i++)
			peers.push(await from('127.0.0.2', '198.51.100.1'), await from('127.0.0.2', '198.51.100.2'));
		await assert.rejects(from('127.0.0.2', '198.51.100.1'));
		peers.push(await from('127.0.0.2', '198.51.100.3'));
		peers.forEach((peer) => peer.destroy());
	});
	await tap.test('wschat status, wschat connections', async () => {
		await soon(() => addresses().length === 0);
		const ann = await join(server.port, 'Ann'), a = await open(server.port);
		a.json({ type: 'login', name: 'a' });
		await a.next();
		const status = table('status');
		assert.strictEqual(status.status, 0);
		for (const line of [/^websockets +2$/m, /^rooms +1$/m, /^persons +2$/m])
			assert.match(status.stdout, line);
		const { stdout } = table('connections');
		const [heading, ...lines] = stdout.trimEnd().split('\n');
		assert.match(heading, /^ID +ADDRESS +STATE +DIALECT +SECONDS +MESSAGES +WAITING$/);
		assert.deepStrictEqual(lines.map((line) => line.split(/ +/).slice(2, 4)).sort(), [['open', 'A'], ['open', 'ours']]);
		assert.ok(!/Ann/.test(stdout + server.log), 'who people are is nobody\'s business');
		const nowhere = run(['status', '--data', folder()]);
		assert.strictEqual(nowhere.status, 1);
		assert.match(nowhere.stderr, /no server answers there/);
		ann.destroy();
		a.destroy();
	});
	await tap.test('/healthz and /metrics', async () => {
		assert.deepStrictEqual((({ status, body }) => [status, body])(await server.get('/healthz')), [200, 'ok\n']);
		const { body, headers } = await server.get('/metrics');
		assert.match(headers['content-type'], /^text\/plain; version=0\.0\.4/);
		for (const line of body.trimEnd().split('\n'))
			assert.match(line, /^(# (HELP|TYPE) wschat_\w+ .+|wschat_\w+(\{\w+="[\w-]+"\})? \d+)$/);
	});
	const { status, log } = await server.stop();
	await tap.test('and the server ends well', () => assert.strictEqual(status, 0, log));
}

/* Logs in and waits for the welcome alone: what else comes is only counted. */
async function enter(peer, name) {
	peer.text(`{"type":"login","client_name":"${name}","room_id":"many"}`);
	for (;;) {
		const { payload } = await peer.nextFrame(60000);
		if (payload.includes('"client_list"'))
			return Object.keys(JSON.parse(payload).client_list).length;
	}
}

async function many() {
	const server = await start({ args: ['--message-rate', '0', '--connections-per-address', '0'] });

	await tap.test(`${MANY} people log in to one room`, async () => {
		const peers = [];
		for (let i = 0; i < MANY; i += 50)
			peers.push(...await Promise.all(Array.from({ length: 50 }, () => open(server.port))));
		const begin = Date.now();
		const sizes = await Promise.all(peers.map((peer, i) => enter(peer, `person ${i}`)));
		tap.diagnose(`${MANY} logins took ${Date.now() - begin} ms, as Node sees it`);
		assert.deepStrictEqual(sizes.sort((x, y) => x - y), sizes.map((_, i) => i + 1));
		assert.strictEqual((await server.metrics()).persons, MANY);
		peers.forEach((peer) => peer.stream.reset());
		await soon(async () => (await server.metrics()).persons === 0);
	});
	await tap.test(`${STORM} people whose connections break at once, again and again`, async () => {
		const tokens = [];
		for (let round = 0; round < 5; round++) {
			const peers = await Promise.all(Array.from({ length: STORM }, async (_, i) => {
				const login = tokens[i] ? { token: tokens[i] } : {};
				const peer = await join(server.port, `s${i}`, { room: 'storm', login });
				assert.strictEqual(peer.welcome.resumed, Boolean(tokens[i]));
				tokens[i] = peer.welcome.token;
				return peer;
			}));
			assert.strictEqual(new Set(peers.map(({ id }) => id)).size, STORM);
			if (round === 4) {
				const last = await join(server.port, 'last', { room: 'storm' });
				await soon(async () => (await server.metrics()).persons === STORM + 1);
				last.destroy();
			}
			peers.forEach((peer) => peer.stream.reset());
		}
		await soon(async () => (await server.metrics()).persons === 0);
		assert.strictEqual((await server.metrics()).rooms, 0);
	});
	await tap.test(`${COMINGS} people who come and go leave no memory behind`, async () => {
		const come = async (count) => {
			for (let i = 0; i < count; i += 50)
				await Promise.all(Array.from({ length: 50 }, async (_, n) => {
					const stream = await connect(server.port);
					stream.write(handshake());
					if (n % 2) {
						await stream.answer();
						stream.write(Buffer.from([0x81, 0xa6, 0, 0, 0, 0]));
						stream.write('{"type":"login","name":"for a moment"}');
					}
					stream.reset();
				}));
			await soon(async () => (await server.metrics()).connections <= 1);
		};
		await come(COMINGS / 5);
		const before = server.memory();
		await come(COMINGS);
		const grown = server.memory() - before;
		tap.diagnose(`${grown} bytes more after ${COMINGS} connections`);
		assert.ok(isSanitized || grown < 4 << 20, `${grown} bytes more`);
	});
	const { status, log } = await server.stop();
	await tap.test('and the server ends well', () => assert.strictEqual(status, 0, log));
}

async function main() {
	await starting();
	await stopping();
	await asking();
	await many();
	tap.done();
	process.exit();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
