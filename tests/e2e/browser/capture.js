'use strict';
/* wscap beside the conversation: its path is in WSCAP. */

const { spawn } = require('child_process');

const program = process.env.WSCAP || 'wscap';
const QUIET = 300; /* nothing new for so long: all has been told */

class Capture {
	/* Listens when it resolves; null with .reason where nobody may capture here. */
	static async start(port) {
		const capture = new Capture();
		const child = spawn(program, ['-l', '-n', '-i', 'lo', '-B', '16384', '--format', 'json', 'port', `${port}`],
			{ env: { ...process.env, LC_ALL: 'C.UTF-8' } });
		Object.assign(capture, { child, text: '', stderr: '' });
		capture.ended = new Promise((resolve) => child.once('close', resolve));
		child.stdout.setEncoding('utf8').on('data', (text) => { capture.text += text; });
		const listening = new Promise((resolve) => {
			child.stderr.setEncoding('utf8').on('data', (text) => {
				capture.stderr += text;
				if (/listening on/.test(capture.stderr))
					resolve(true);
			});
			child.once('error', (error) => { capture.stderr += error.message; });
		});
		if (!await Promise.race([listening, capture.ended.then(() => false)]))
			return { reason: capture.stderr.trim().split('\n').pop() };
		return capture;
	}

	/* Everything that was told, as objects. */
	async stop() {
		for (let length = -1; length !== this.text.length;) {
			length = this.text.length;
			await new Promise((resolve) => { setTimeout(resolve, QUIET); });
		}
		this.child.kill('SIGINT');
		this.status = await this.ended;
		return this.text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
	}
}

module.exports = { Capture };
