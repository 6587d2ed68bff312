'use strict';
/* The wschat that is tested: its path is in WSCHAT. On free ports, with a data folder of its own. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const { freePorts } = require('../../lib/ports.js');

const program = process.env.WSCHAT || 'wschat';

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
		if (!this.port)
			[this.port, this.webPort] = await freePorts(2);
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
