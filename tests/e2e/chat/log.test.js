'use strict';
/* What the server logs, at each level and in both formats; and what it never logs. */

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const tap = require('../../lib/tap.js');
const { start } = require('../../lib/wschat.js');
const { connect, handshake, join, open, sleep } = require('../../lib/peer.js');

const SECRET = 'nobody-may-log-this';

/* Lines as { time, level, event, … }, from either format. */
function lines(log) {
	return log.split('\n').filter(Boolean).map((line) => {
		if (line.startsWith('{'))
			return JSON.parse(line);
		const [, time, level, event, rest] = /^(\S+) (\w+) ([\w-]+)(.*)$/.exec(line);
		const pairs = [...rest.matchAll(/ (\w+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)];
		assert.strictEqual(pairs.map(([all]) => all).join(''), rest, `this is no list of pairs: ${rest}`);
		return { time, level, event, ...Object.fromEntries(pairs.map(([, name, quoted, bare]) => [name, quoted ?? bare])) };
	});
}

const find = (log, event) => lines(log).filter((line) => line.event === event);

async function handshakeOf(server, options) {
	const stream = await connect(server.port);

	stream.write(handshake(options));
	const { status } = await stream.answer();
	stream.destroy();
	return status;
}

/* A connection of each kind, then the whole log. */
async function everything(args) {
	const server = await start({ args: ['--message-rate', '1', '--max-message', '2048', ...args], silent: args.includes('errors') });
	const peer = await join(server.port, `${SECRET}-name`, { room: `${SECRET}-room` });

	for (let i = 0; i < 8; i++)
		peer.json({ type: 'say', to_client_id: 'all', content: `${SECRET}-content` });
	await peer.until((message) => message.type === 'error');
	peer.close(1000);
	await peer.stream.gone();
	peer.destroy();

	assert.strictEqual(await handshakeOf(server, { fields: [['Origin', `http://${SECRET}.example`]] }), 403);
	assert.strictEqual(await handshakeOf(server, { fields: [['Sec-WebSocket-Version', '12']] }), 426);
	assert.strictEqual(await handshakeOf(server, { fields: [['Sec-WebSocket-Key', 'x" event=forged\u0001']] }), 400);

	const breaker = await open(server.port);
	breaker.stream.write(Buffer.from([0x81, 0x01, 0x41])); /* not masked */
	await breaker.stream.gone();
	breaker.destroy();
	const big = await open(server.port);
	big.text('x'.repeat(5000));
	assert.strictEqual((await big.next()).code, 1009);
	big.close(1009);
	await big.stream.gone();
	big.destroy();
	const { status, log } = await server.stop();
	assert.strictEqual(status, 0, log);
	return log;
}

function checkNotices(log) {
	assert.deepStrictEqual(['ready', 'stopping', 'stopped'].map((event) => find(log, event).length), [1, 1, 1]);
	assert.deepStrictEqual(find(log, 'handshake-refused').map(({ level, address, status }) => [level, address, status]),
		[['notice', '127.0.0.1', '403'], ['notice', '127.0.0.1', '426'], ['notice', '127.0.0.1', '400']]);
	assert.match(find(log, 'ready')[0].chat, /^ws:\/\/127\.0\.0\.1:\d+$/);
	assert.match(find(log, 'ready')[0].web, /^http:\/\/127\.0\.0\.1:\d+$/);
	assert.match(find(log, 'handshake-refused')[0].reason, /origin/);
	assert.strictEqual(find(log, 'violation').length, 1);
	assert.match(find(log, 'violation')[0].rule, /mask/);
	const limits = find(log, 'limited').map(({ limit }) => limit);
	assert.ok(limits.includes('message-rate') && limits.includes('max-message'), `${limits}`);
	for (const { time } of lines(log))
		assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	assert.strictEqual(find(log, 'forged').length, 0);
}

function checkRequests(log) {
	assert.strictEqual(find(log, 'accepted').length, 6);
	assert.strictEqual(find(log, 'opened').length, 3);
	const closed = find(log, 'closed');
	assert.deepStrictEqual(closed.map(({ code }) => code).sort(), ['-', '-', '-', '1000', '1002', '1009']);
	const talker = closed.find(({ code }) => code === '1000');
	assert.strictEqual(talker.messages, '9');
	assert.match(talker.seconds, /^\d+\.\d{3}$/);
	assert.strictEqual(talker.address, '127.0.0.1');
}

async function flood() {
	const server = await start();

	for (let i = 0; i < 300; i++)
		await handshakeOf(server, { fields: [['Sec-WebSocket-Version', '12']] });
	await sleep(1100);
	await handshakeOf(server, { fields: [['Sec-WebSocket-Version', '12']] });
	const { log } = await server.stop();
	const written = find(log, 'handshake-refused').length;
	const leftOut = find(log, 'suppressed').reduce((sum, { lines: count }) => sum + Number(count), 0);
	const perSecond = {};

	for (const { time } of find(log, 'handshake-refused'))
		perSecond[time.slice(0, 19)] = (perSecond[time.slice(0, 19)] || 0) + 1;
	assert.strictEqual(written + leftOut, 301);
	assert.ok(leftOut > 0, 'nothing was left out');
	assert.ok(Object.values(perSecond).every((count) => count <= 20), JSON.stringify(perSecond));
	assert.strictEqual(find(log, 'stopping').length, 1);
}

/* Nobody reads the log: nobody waits for that, and what was lost is counted. */
async function blocked() {
	const server = await start({ args: ['--log', 'requests', '--message-rate', '0'] });
	const peer = await join(server.port, 'somebody');
	const lost = async () => (await server.metrics()).log_lines_lost_total;

	server.child.stderr.pause();
	for (let i = 0; await lost() === 0; i++) {
		assert.ok(i < 200, 'the log has room without end');
		await Promise.all(Array.from({ length: 50 }, () => server.get('/healthz')));
		await sleep(100); /* so many lines a second and no more */
	}
	peer.json({ type: 'say', to_client_id: 'all', content: 'still here', ref: 'r' });
	await peer.until((message) => message.type === 'say' && message.content === 'still here');
	const before = await lost();
	server.child.stderr.resume();
	/* Once there is room again, the next line says what is missing. */
	for (let i = 0; !find(server.log.slice(0, server.log.lastIndexOf('\n')), 'lost').length; i++) {
		assert.ok(i < 200, 'nobody is told');
		await server.get('/healthz');
		await sleep(50);
	}
	peer.destroy();
	const { status, log } = await server.stop();
	assert.strictEqual(status, 0);
	assert.ok(find(log, 'lost').reduce((sum, { lines: count }) => sum + Number(count), 0) >= before);
	assert.strictEqual(find(log, 'stopped').length, 1);
}

async function hangup() {
	const server = await start();
	const peer = await join(server.port, 'somebody');

	server.child.kill('SIGHUP');
	peer.json({ type: 'say', to_client_id: 'all', content: 'still here', ref: 'r' });
	await peer.until((message) => message.type === 'say' && message.content === 'still here');
	peer.destroy();
	const { status, log } = await server.stop();
	assert.strictEqual(status, 0);
	assert.strictEqual(find(log, 'hangup').length, 1);
}

async function historyFails() {
	const server = await start();
	const peer = await join(server.port, 'somebody');
	const file = path.join(server.data, 'history.db');

	/* Its tables are gone, as if the file had been damaged. */
	const broken = spawnSync('python3', ['-c', 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); ' +
		'c.execute("ALTER TABLE messages RENAME TO other"); c.commit()', file]);
	assert.strictEqual(broken.status, 0, `${broken.stderr}`);
	peer.json({ type: 'say', to_client_id: 'all', content: SECRET, ref: 'r' });
	const refused = await peer.until((message) => message.type === 'error');
	assert.strictEqual(refused.code, 'history');
	peer.destroy();
	const { log } = await server.stop();
	const [failure] = find(log, 'history-failed');
	assert.strictEqual(failure.level, 'error');
	assert.ok(failure.reason.includes(file), failure.reason);
	assert.ok(!log.includes(SECRET));
	assert.ok(fs.existsSync(file));
}

(async () => {
	for (const format of ['text', 'json'])
		await tap.test(`each level has what is above it, as ${format}`, async () => {
			const logs = {};

			for (const level of ['errors', 'notices', 'requests']) {
				logs[level] = await everything(['--log', level, '--log-format', format]);
				assert.ok(!logs[level].includes(SECRET), 'a name, a room or a content is in the log');
			}
			if (format === 'json')
				assert.ok(logs.requests.split('\n').filter(Boolean).every((line) => line.startsWith('{')));
			assert.strictEqual(logs.errors, '');
			checkNotices(logs.notices);
			assert.deepStrictEqual(find(logs.notices, 'accepted'), []);
			checkNotices(logs.requests);
			checkRequests(logs.requests);
		});
	await tap.test('a flood is counted, not written', flood);
	await tap.test('a log that nobody reads keeps nobody waiting', blocked);
	await tap.test('SIGHUP is logged, and ends nothing', hangup);
	await tap.test('a history that fails is an error', historyFails);
	tap.done();
})();
