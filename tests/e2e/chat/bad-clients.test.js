'use strict';
/* Clients that mean harm, or cannot help it. The others notice nothing: how late they hear each other is measured all
 * the while. A speed is never right or wrong; what is tested is that they hear each other at all. */

const assert = require('assert');
const crypto = require('crypto');
const tap = require('../../lib/tap.js');
const { start, isSanitized } = require('../../lib/wschat.js');
const { connect, handshake, open, join, sleep, MASK } = require('../../lib/peer.js');
const { frame } = require('../../lib/ws.js');

const HEARD_WITHIN = 15000; /* ms: sanity, not speed */
const FLOOD = isSanitized ? 100 : 400; /* connections */

/* Two people who go on talking to each other, one message every few milliseconds. */
class Others {
	async come(port) {
		[this.ann, this.bob] = [await join(port, 'Ann', { room: 'others' }), await join(port, 'Bob', { room: 'others' })];
		await this.ann.nextJson();
		this.stopping = false;
		this.times = [];
		this.talk = this.go();
	}

	async go() {
		while (!this.stopping) {
			const begin = process.hrtime.bigint(), content = `at ${begin}`;
			this.ann.json({ type: 'say', to_client_id: 'all', content });
			await this.bob.until((message) => message.content === content, HEARD_WITHIN);
			await this.ann.until((message) => message.content === content, HEARD_WITHIN);
			this.times.push(Number(process.hrtime.bigint() - begin) / 1e6);
			await sleep(5);
		}
	}

	/* Fails when they did not hear each other. */
	async look(what) {
		const times = this.times.splice(0).sort((x, y) => x - y);
		const at = (part) => times[Math.floor(part * (times.length - 1))].toFixed(1);

		if (times.length)
			tap.diagnose(`${what}: ${times.length} messages heard, ms: median ${at(0.5)}, 99 % ${at(0.99)}, most ${at(1)}`);
		assert.ok(times.length, 'they heard nothing');
	}

	async end() {
		this.stopping = true;
		await this.talk;
		this.ann.destroy();
		this.bob.destroy();
	}
}

let server, others;

/* Does harm; meanwhile the others talk on. */
function test(name, body) {
	return tap.test(name, async () => {
		others.times = [];
		await Promise.race([body(), others.talk.then(() => assert.fail('the others have stopped'))]);
		while (!others.times.length)
			await Promise.race([sleep(10), others.talk]);
		await others.look(name);
	});
}

async function slowReaders() {
	await test('readers that do not read are closed with 1008, and counted', async () => {
		const before = await server.metrics();
		const talker = await join(server.port, 'talker', { room: 'slow', login: { client_name: 'talker' } });
		const slow = await Promise.all(Array.from({ length: 10 }, (_, i) => join(server.port, `slow ${i}`, { room: 'slow' })));
		slow.forEach(({ stream }) => stream.socket.pause());
		let waiting = 0;
		for (let i = 0; (await server.metrics()).slow_clients_closed_total < before.slow_clients_closed_total + 10; i++) {
			assert.ok(i < 3000, 'they are kept for ever');
			for (let n = 0; n < 10; n++, waiting++)
				talker.json({ type: 'say', to_client_id: 'all', content: 'y'.repeat(16000) });
			await talker.until(({ type }) => type === 'say');
			for (let n = 1; n < 10; n++)
				await talker.until(({ type }) => type === 'say');
		}
		tap.diagnose(`closed after ${waiting} messages of 16,000 bytes`);
		/* Who wakes up in time is told why, behind whole messages. */
		const one = slow[0];
		one.stream.socket.resume();
		let last = null, got;
		try {
			while ((got = await one.next()))
				last = got;
		} catch (error) {
			last = { type: 'reset', error };
		}
		assert.ok(!last || last.type === 'reset' || last.type === 'text' || last.code === 1008, JSON.stringify(last));
		tap.diagnose(`the first that read on: ${last && last.type} ${last && last.code}`);
		for (const peer of [talker, ...slow])
			peer.destroy();
	});
}

async function handshakes() {
	await test('handshakes of one byte a second are cut off in time', async () => {
		const begin = Date.now();
		await Promise.all(Array.from({ length: 20 }, async () => {
			const stream = await connect(server.port);
			const timer = setInterval(() => stream.write('G'), 1000);
			stream.write('GET / HTTP/1.1\r\nX: ');
			assert.ok(await stream.gone(10000), 'still there');
			clearInterval(timer);
			stream.destroy();
		}));
		assert.ok(Date.now() - begin >= 1500, 'they had less than --handshake-timeout');
	});
	await test('connections that say nothing are cut off in time', async () => {
		const streams = await Promise.all(Array.from({ length: 20 }, () => connect(server.port)));
		for (const stream of streams)
			assert.ok(await stream.gone(10000));
		streams.forEach((stream) => stream.destroy());
	});
}

async function halfOpen() {
	await test('who falls silent is pinged, then given up with 1001', async () => {
		const strict = await start({ args: ['--ping-interval', '1', '--idle-timeout', '3', '--close-timeout', '2'] });
		const silent = await join(strict.port, 'silent');
		const answering = await join(strict.port, 'answering');
		silent.isAnswering = false;
		const stay = answering.next().catch(() => null); /* answers pings */
		let pings = 0, got;
		while ((got = await silent.nextFrame()).opcode !== 8)
			pings += got.opcode === 9;
		assert.strictEqual(got.payload.readUInt16BE(0), 1001);
		assert.ok(pings >= 1, 'no ping came');
		/* It does not answer that either. */
		assert.ok(await silent.stream.gone(10000), 'kept for ever');
		answering.frame('ping', 'x');
		await sleep(50);
		assert.ok(!answering.stream.ended, 'who answers stays');
		answering.destroy();
		silent.destroy();
		await stay;
		await strict.stop();
	});
}

async function floods() {
	await test('a flood of messages: refused with the error rate, the rest is heard', async () => {
		const flooder = await join(server.port, 'flooder', { room: 'flood' });
		const listener = await join(server.port, 'listener', { room: 'flood' });
		await flooder.until(({ type }) => type === 'login');
		for (let i = 0; i < 2000; i++)
			flooder.json({ type: 'say', to_client_id: 'all', content: `${i}`, ref: `${i}` });
		let refused = 0, said = 0;
		while (refused + said < 2000) {
			const got = await flooder.until(({ type }) => type !== 'say');
			if (got.type === 'said')
				said++;
			else {
				assert.deepStrictEqual([got.code, typeof got.ref], ['rate', 'string']);
				refused++;
			}
		}
		tap.diagnose(`of 2,000 at once ${said} were said, ${refused} refused`);
		assert.ok(said >= 1000 && refused > 0, `${said} said, ${refused} refused`);
		for (let i = 0; i < said; i++)
			await listener.until(({ type }) => type === 'say');
		/* After a while it may speak again. */
		await sleep(100);
		flooder.json({ type: 'say', to_client_id: 'all', content: 'sorry', ref: 'sorry' });
		assert.strictEqual((await flooder.until(({ ref }) => ref === 'sorry')).type, 'said');
		flooder.destroy();
		listener.destroy();
	});
	await test('a flood of pings that nobody reads the pongs of', async () => {
		const peer = await open(server.port);
		peer.stream.socket.pause();
		const ping = frame({ opcode: 'ping', payload: Buffer.alloc(125), mask: MASK });
		const many = Buffer.concat(Array.from({ length: 1000 }, () => ping));
		const before = server.memory();
		for (let i = 0; i < 100 && !peer.stream.ended; i++) {
			peer.stream.write(many);
			await sleep(2);
		}
		await sleep(200);
		const grown = server.memory() - before;
		assert.ok(isSanitized || grown < 32 << 20, `${grown} bytes more`);
		peer.stream.reset();
	});
	await test(`${FLOOD} connections that come and go at once`, async () => {
		for (let round = 0; round < 3; round++) {
			const streams = await Promise.all(Array.from({ length: FLOOD }, () => connect(server.port)));
			streams.forEach((stream, i) => {
				if (i % 3 === 1)
					stream.write(handshake());
				if (i % 3 === 2)
					stream.write(crypto.randomBytes(50));
				stream.reset();
			});
		}
		const deadline = Date.now() + 15000;
		while ((await server.metrics()).connections > 10)
			assert.ok(Date.now() < deadline, 'they are still there');
	});
}

async function garbage() {
	await test('frames that are too long fail with 1009', async () => {
		const peer = await join(server.port, 'big', { room: 'big' });
		peer.frame('text', Buffer.alloc(200000, 'x'));
		const got = await peer.next();
		assert.deepStrictEqual([got.type, got.code], ['close', 1009]);
		peer.destroy();
		const fragments = await join(server.port, 'fragments', { room: 'fragments' });
		for (let i = 0; i < 20; i++)
			fragments.frame(i ? 'continuation' : 'text', Buffer.alloc(10000, 'x'), { fin: false });
		assert.strictEqual((await fragments.next()).code, 1009);
		fragments.destroy();
	});
	await test('garbage on either port, before and behind the handshake', async () => {
		for (let i = 0; i < 60; i++) {
			const bytes = crypto.randomBytes(1 + (i * 997) % 20000);
			const raw = await connect(i % 2 ? server.port : server.web);
			raw.write(bytes);
			const peer = await open(server.port);
			peer.stream.write(bytes);
			await sleep(2);
			raw.reset();
			peer.stream.reset();
		}
	});
	await test('garbage as JSON, in every dialect', async () => {
		const seeds = ['{"type":"login","client_name":"x","room_id":1,"history":3,"token":"","since":1}',
			'{"type":"login","name":"x"}', '{"type":"say","to_client_id":"all","content":"\\u732a","ref":"r"}',
			'{"type":"say","to_uid":"1","content":"x"}', '{"type":"history","before":5,"count":5}', '{"type":"pong"}'];
		const peer = await open(server.port);
		for (let i = 0; i < 400; i++) {
			const text = [...seeds[i % seeds.length]];
			for (let n = 0; n < i % 5; n++)
				text[crypto.randomInt(text.length)] = ['"', '{', ']', '\\', '9', '-', '猪', '', '\n'][crypto.randomInt(9)];
			peer.text(text.join(''));
		}
		peer.frame('ping', 'through');
		for (let got; (got = await peer.nextFrame()).opcode !== 10;)
			assert.ok(got.opcode === 1 || got.opcode === 9, `opcode ${got.opcode}`);
		peer.destroy();
	});
}

/* The limits on connections, each on a server of its own. */
async function limits() {
	await tap.test('--max-connections: the rest is refused with 503, and let in later', async () => {
		const small = await start({ args: ['--max-connections', '10', '--connections-per-address', '0'] });
		const inside = [];
		for (let i = 0; i < 10; i++)
			inside.push(await open(small.port));
		for (let i = 0; i < 20; i++) {
			const stream = await connect(small.port);
			const answer = await stream.answer();
			assert.ok(answer === null || answer.status === 503);
			assert.ok(await stream.gone());
			stream.destroy();
		}
		inside.pop().destroy();
		const later = await again(() => open(small.port));
		later.frame('ping', 'in');
		assert.strictEqual((await later.nextFrame()).opcode, 10);
		[later, ...inside].forEach((peer) => peer.destroy());
		const metrics = await again(() => small.metrics());
		assert.ok(metrics.connections_refused_total >= 20);
		await small.stop();
	});
	await tap.test('--connections-per-address: one address is refused, others are let in', async () => {
		const small = await start({ args: ['--connections-per-address', '5'] });
		const from = (localAddress) => open(small.port, { connection: { localAddress } });
		const inside = [];
		for (let i = 0; i < 5; i++)
			inside.push(await from('127.0.0.2'));
		await assert.rejects(from('127.0.0.2'));
		inside.push(await from('127.0.0.3'));
		inside.shift().destroy();
		inside.push(await again(() => from('127.0.0.2')));
		inside.forEach((peer) => peer.destroy());
		await small.stop();
	});
	await tap.test('--max-users-per-room and --max-rooms', async () => {
		const small = await start({ args: ['--max-users-per-room', '2', '--max-rooms', '2'] });
		const peers = [await join(small.port, 'a', { room: '1' }), await join(small.port, 'b', { room: '1' })];
		const third = await join(small.port, 'c', { room: '1' });
		assert.strictEqual(third.welcome.code, 'room-full');
		peers.push(await join(small.port, 'd', { room: '2' }));
		assert.strictEqual((await join(small.port, 'e', { room: '3' })).welcome.code, 'rooms');
		peers[2].destroy();
		const last = await again(async () => {
			const peer = await join(small.port, 'f', { room: '3' });
			assert.strictEqual(peer.welcome.type, 'login');
			return peer;
		});
		[...peers, third, last].forEach((peer) => peer.destroy());
		await small.stop();
	});
	await tap.test('no descriptors left: refused, and let in when there are some', async () => {
		const small = await start({ args: ['--connections-per-address', '0', '--threads', '1'],
			before: ['sh', '-c', 'ulimit -n 40; exec "$0" "$@"'] });
		const streams = await Promise.all(Array.from({ length: 60 }, () => connect(small.port)));
		const gone = await Promise.all(streams.map((stream) => stream.gone(2000)));
		const refused = gone.filter(Boolean).length;
		assert.ok(refused >= 20 && refused < 60, `${refused} were refused`);
		streams.forEach((stream) => stream.destroy());
		const peer = await again(() => open(small.port));
		peer.destroy();
		await small.stop();
	});
}

/* What works soon, when something that ended was noticed. */
async function again(attempt) {
	for (let i = 0; ; i++) {
		try {
			return await attempt();
		} catch (error) {
			if (i === 50)
				throw error;
			await sleep(100);
		}
	}
}

async function main() {
	server = await start({ args: ['--message-rate', '200', '--connections-per-address', '0', '--handshake-timeout', '2',
		'--close-timeout', '2'] });
	others = new Others();
	await others.come(server.port);
	await test('nothing bad, for comparison', () => sleep(500));
	await slowReaders();
	await handshakes();
	await halfOpen();
	await floods();
	await garbage();
	await others.end();
	const { status, log } = await server.stop();
	await tap.test('and the server ends well', () => assert.strictEqual(status, 0, log));
	await limits();
	tap.done();
	process.exit();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
