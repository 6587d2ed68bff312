'use strict';
/* wschat as systemd runs it: sockets that are handed over, the notifications, the units. */

const assert = require('assert');
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');
const tap = require('../../lib/tap.js');
const { program, start, folder, freePorts } = require('../../lib/wschat.js');
const { join } = require('../../lib/peer.js');

const dist = path.join(__dirname, '..', '..', '..', 'dist');

/* Prints each datagram that comes to the socket of that name, on a line with \n for its newlines. */
const NOTIFIED = `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("bound", flush=True)
while True:
    print(s.recv(4096).decode().replace("\\n", "\\\\n"), flush=True)
`;

async function notifications() {
	const socket = path.join(folder(), 'notify');
	const listener = spawn('python3', ['-c', NOTIFIED, socket]);
	let said = '';
	const says = (text) => new Promise((resolve) => {
		const look = () => said.includes(text) && resolve();
		listener.stdout.on('data', look);
		look();
	});

	listener.stdout.on('data', (text) => {
		said += text;
	});
	await says('bound\n');
	const server = await start({ before: ['env', `NOTIFY_SOCKET=${socket}`] });
	await says('READY=1\n');
	assert.ok(!said.includes('STOPPING'));
	assert.strictEqual((await server.get('/healthz')).status, 200); /* it was true */
	await server.stop();
	await says('STOPPING=1\n');
	listener.kill();
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
	for (const [name, command, body] of [
		['sockets that are handed over are used, by every thread', 'systemd-socket-activate', activation],
		['the units are right', 'systemd-analyze', verify], ['the service can do next to nothing', 'systemd-analyze', exposure]])
		if (isThere(command))
			await tap.test(name, body);
		else
			tap.skip(name, `there is no ${command}`);
	tap.done();
})();
