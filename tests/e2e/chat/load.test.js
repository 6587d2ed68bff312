'use strict';
/* Under the load that measures it, everybody hears everything: each message as often as there are people in its room. */

const assert = require('assert');
const { spawn } = require('child_process');

const tap = require('../../lib/tap.js');
const wschat = require('../../lib/wschat.js');

const free = ['--message-rate', '0', '--connections-per-address', '0'];

/* Resolves to what load tells in its last line. */
function load(port, ...options) {
	return new Promise((resolve, reject) => {
		const child = spawn(process.env.LOAD, ['--port', port, ...options].map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
		let text = '';

		child.stdout.on('data', (piece) => {
			text += piece;
		});
		child.on('error', reject);
		child.on('close', (status) => {
			if (status === 0)
				resolve(JSON.parse(text.trim().split('\n').pop()));
			else
				reject(new Error(`load ended with ${status}`));
		});
	});
}

async function everybodyHears(serverOptions, clients, listeners, ...options) {
	const server = await wschat.start({ args: serverOptions });
	const result = await load(server.port, '--clients', clients, ...options);

	assert.strictEqual(result.gone, 0);
	assert.ok(result.said > 0);
	assert.strictEqual(result.heard, result.said * listeners);
	assert.match(server.log, serverOptions.includes('--no-io-uring') ? / io_uring=no\b/ : / io_uring=(yes|no)\b/);
	assert.strictEqual((await server.stop()).status, 0);
}

(async () => {
	await tap.test('one thread, one room, as fast as it goes', () =>
		everybodyHears([...free, '--threads', '1'], 100, 100, '--senders', 10, '--rate', 0, '--seconds', 0.5));
	await tap.test('the same, with a system call for each', () =>
		everybodyHears([...free, '--threads', '1', '--no-io-uring'], 100, 100, '--senders', 10, '--rate', 0, '--seconds', 0.5));
	await tap.test('three threads, one room, by the clock', () =>
		everybodyHears([...free, '--threads', '3'], 100, 100, '--senders', 20, '--rate', 200, '--seconds', 0.5));
	await tap.test('three threads, many rooms, compressed', () =>
		everybodyHears([...free, '--threads', '3'], 200, 10, '--senders', 40, '--rate', 0, '--seconds', 0.5, '--room-size', 10,
			'--compress'));
	tap.done();
})();
