'use strict';
/* The wschat that is tested: its path is in WSCHAT. On free ports, with a data folder of its own. */

const assert = require('assert');
const crypto = require('crypto');
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');

const program = process.env.WSCHAT || 'wschat';

/* Below those that the kernel gives to clients: nobody gets it by chance while the server is dead. */
function freePort() {
	const port = 12000 + crypto.randomInt(20000);

	return new Promise((resolve) => {
		const probe = net.createServer().once('error', () => resolve(freePort()));
		probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
	});
}

class Server {
	constructor(args = []) {
		this.args = args;
		this.data = fs.mkdtempSync(path.join(os.tmpdir(), 'wschat-'));
	}

	get page() {
		return `http://127.0.0.1:${this.webPort}/`;
	}

	/* Ready when it resolves. The second time it is there again, on the same ports with the same history. */
	async start() {
		this.port ??= await freePort();
		this.webPort ??= await freePort();
		const args = ['--data', this.data, '--listen', `127.0.0.1:${this.port}`, '--web', `127.0.0.1:${this.webPort}`];
		const child = spawn(program, [...args, ...this.args], { stdio: ['ignore', 'ignore', 'pipe'] });
		this.child = child;
		this.ended = new Promise((resolve) => child.once('close', resolve));
		this.said = '';
		await new Promise((resolve, reject) => {
			child.stderr.setEncoding('utf8').on('data', (text) => {
				this.said += text;
				if (this.said.includes(' ready'))
					resolve();
			});
			child.once('error', reject);
			this.ended.then((status) => reject(new Error(`wschat ended with ${status}: ${this.said}`)));
		});
		return this;
	}

	/* As a power switch would. */
	async kill() {
		this.child.kill('SIGKILL');
		await this.ended;
	}

	/* Of a dead one: what it kept. */
	forget() {
		fs.rmSync(this.data, { recursive: true });
		fs.mkdirSync(this.data);
	}

	/* It has to end well. */
	async stop() {
		this.child.kill('SIGTERM');
		const status = await this.ended;
		fs.rmSync(this.data, { recursive: true });
		assert.strictEqual(status, 0, this.said);
	}
}

module.exports = { Server };
