'use strict';
/* wscap, which is given packets and secrets in any order, and what it has told so far. */

const assert = require('assert');
const fs = require('fs');
const { spawn } = require('child_process');
const { check } = require('./schema.js');
const { program } = require('./wscap.js');

class Reader {
	/* keys: where its key log is to be; it is empty at first. */
	constructor(keys, ...args) {
		this.keys = keys;
		this.events = [];
		this.words = '';
		fs.writeFileSync(this.keys, '');
		this.child = spawn(program, ['-l', '--format', 'json', '--keylog', this.keys, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
		this.child.stderr.on('data', (bytes) => { this.words += bytes; });
		this.gone = new Promise((resolve) => this.child.on('close', resolve));
		let rest = '';
		this.child.stdout.on('data', (bytes) => {
			const lines = (rest + bytes).split('\n');

			rest = lines.pop();
			lines.map((line) => JSON.parse(line)).forEach((event) => { check(event); this.events.push(event); });
		});
	}

	write(bytes) { this.child.stdin.write(bytes); }

	/* In pieces, as programs write. */
	logKeys(...list) {
		for (const keys of list)
			for (let i = 0; i < keys.length; i += 100)
				fs.appendFileSync(this.keys, keys.subarray(i, i + 100));
	}

	async until(test, what) {
		for (const deadline = Date.now() + 60000; !test(this.events);) {
			assert.ok(Date.now() < deadline, `waited in vain for ${what}: ${this.words}`);
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
	}

	async end(bytes) {
		this.child.stdin.end(bytes);
		assert.strictEqual(await this.gone, 0, this.words);
		return this.events;
	}
}

/* A key log is looked at once in 20 ms. */
const looksAgain = () => new Promise((resolve) => setTimeout(resolve, 100));
/* So many connections are over. */
const closed = (count) => (all) => all.filter(({ event }) => event === 'tcp_close').length >= count;

module.exports = { Reader, closed, looksAgain };
