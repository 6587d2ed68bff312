'use strict';
/* wschat as systemd runs it: sockets that are handed over, the notifications, the units. */

const assert = require('assert');
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');
const tap = require('../../lib/tap.js');
const { program, start, folder, freePorts } = require('../../lib/wschat.js');
const { join, sleep } = require('../../lib/peer.js');

const dist = path.join(__dirname, '..', '..', '..', 'dist');

/* Prints each datagram that comes to the socket of that name, on a line with \n for its newlines. */
const NOTIFIED = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(4096).decode().replace("\\n", "\\\\n"), flush=True)
`;

/* What it tells systemd: says(text) resolves when it has. */
async function listen() {
	const socket = path.join(folder(), 'notify');
	const listener = spawn('python3', ['-c', NOTIFIED, socket]);
	const notified = { socket, said: '', stop: () => listener.kill() };

	notified.says = (text) => new Promise((resolve) => {
		const look = () => notified.said.includes(text) && resolve();
		listener.stdout.on('data', look);
		look();
	});
	listener.stdout.on('data', (text) => {
		notified.said += text;
	});
	await notified.says('bound\n');
	return notified;
}

async function notifications() {
	const notified = await listen();
	const server = await start({ before: ['env', `NOTIFY_SOCKET=${notified.socket}`] });

	await notified.says('READY=1\n');
	assert.ok(!notified.said.includes('STOPPING'));
	assert.strictEqual((await server.get('/healthz')).status, 200); /* it was true */
	await server.stop();
	await notified.says('STOPPING=1\n');
	assert.ok(!notified.said.includes('WATCHDOG')); /* nobody asked */
	notified.stop();
}

/* Holds the history's file until its standard input ends. */
const HOLD = `import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
`;

/* While all threads turn it says so; while one hangs it does not. */
async function watchdog() {
	const notified = await listen();
	const server = await start({ before: ['env', `NOTIFY_SOCKET=${notified.socket}`, 'WATCHDOG_USEC=200000'] });
	const alive = () => notified.said.split('WATCHDOG=1').length - 1;
	const lives = async () => {
		for (const before = alive(); alive() < before + 3;)
			await sleep(20);
	};

	await lives();
	const peer = await join(server.port, 'somebody');
	const holder = spawn('python3', ['-c', HOLD, path.join(server.data, 'history.db')]);
	await new Promise((resolve) => holder.stdout.once('data', resolve));
	peer.json({ type: 'say', to_client_id: 'all', content: 'the hub waits for the file' });
	await sleep(400);
	const before = alive();
	await sleep(1000);
	assert.strictEqual(alive(), before);
	holder.stdin.end();
	await lives();
	peer.destroy();
	assert.strictEqual((await server.stop()).status, 0);
	notified.stop();
}

const get = (port, target) => new Promise((resolve, reject) => {
	http.get({ host: '127.0.0.1', port, path: target, agent: false }, (response) => {
		response.resume();
		resolve(response.statusCode);
	}).on('error', reject);
});

/* systemd-socket-activate listens on both ports, and starts the server when somebody comes. */
async function activation() {
	const [chat, web] = await freePorts(2);
	const child = spawn('systemd-socket-activate', ['-l', `127.0.0.1:${chat}`, '-l', `127.0.0.1:${web}`,
		'--fdname=chat:web', program, '--data', folder(), '--threads', '3']);
	let log = '';
	const ended = new Promise((resolve) => child.on('close', (status) => resolve(status)));
	const listening = new Promise((resolve) => child.stderr.on('data', (text) => {
		log += text;
		if ((log.match(/Listening on/g) || []).length >= 2)
			resolve();
	}));

	await Promise.race([listening, ended.then((status) => assert.fail(`it ended with ${status}: ${log}`))]);
	assert.doesNotMatch(log, /ready/); /* nobody has come */
	assert.strictEqual(await get(web, '/'), 200);
	assert.strictEqual(await get(chat, '/'), 426);
	const peers = await Promise.all([...Array(6).keys()].map((i) => join(chat, `peer ${i}`)));
	peers[0].json({ type: 'say', to_client_id: 'all', content: 'to every thread' });
	for (const peer of peers)
		await peer.until((message) => message.type === 'say');
	peers.forEach((peer) => peer.destroy());
	child.kill('SIGTERM');
	assert.strictEqual(await ended, 0, log);
	assert.match(log, new RegExp(` ready chat=ws://127.0.0.1:${chat} web=http://127.0.0.1:${web} .* threads=3 `));
}

/* The units as they are installed, with the program that is tested. */
function units() {
	const there = folder();
	const service = fs.readFileSync(path.join(dist, 'wschat.service.in'), 'utf8')
		.replace('@BINDIR@/wschat', path.resolve(program));

	fs.writeFileSync(path.join(there, 'wschat.service'), service);
	for (const name of ['wschat.socket', 'wschat-web.socket'])
		fs.copyFileSync(path.join(dist, name), path.join(there, name));
	return ['wschat.service', 'wschat.socket', 'wschat-web.socket'].map((name) => path.join(there, name));
}

function verify() {
	const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...units()]);

	assert.strictEqual(`${stdout}${stderr}`, '');
	assert.strictEqual(status, 0);
}

/* 0 is nothing that it could do, 100 is everything. */
function exposure() {
	const [service] = units();
	const { status, stdout, stderr } = spawnSync('systemd-analyze', ['security', '--no-pager', '--offline=yes', '--threshold=15', service]);

	assert.strictEqual(status, 0, `${stdout}${stderr}`);
}

const isThere = (command) => !spawnSync(command, ['--version']).error;

(async () => {
	await tap.test('it notifies when it is ready, and when it stops', notifications);
	await tap.test('the watchdog hears of it while every thread turns', watchdog);
	for (const [name, command, body] of [
		['sockets that are handed over are used, by every thread', 'systemd-socket-activate', activation],
		['the units are right', 'systemd-analyze', verify], ['the service can do next to nothing', 'systemd-analyze', exposure]])
		if (isThere(command))
			await tap.test(name, body);
		else
			tap.skip(name, `there is no ${command}`);
	tap.done();
})();
