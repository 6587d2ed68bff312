'use strict';
/* wscap beside the conversation: its path is in WSCAP. */

const { spawn } = require('child_process');

const program = process.env.WSCAP || 'wscap';
const WAIT = 60000;

class Capture {
	/* Listens when it resolves; null with .reason where nobody may capture here. */
	static async start(...ports) {
		const capture = new Capture();
		const filter = ports.map((port) => `port ${port}`).join(' or ');
		const child = spawn(program, ['-l', '-n', '-i', 'lo', '-B', '16384', '--format', 'json', filter],
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

	events() {
		return this.text.slice(0, this.text.lastIndexOf('\n') + 1).split('\n').filter(Boolean).map((line) => JSON.parse(line));
	}

	/* Everything that was told, as objects, when these last messages have been, or should have been long ago. */
	async stop(texts) {
		for (const end = Date.now() + WAIT; Date.now() < end;) {
			const told = new Set(this.events().map(({ text }) => text));
			if (texts.every((text) => told.has(text)))
				break;
			await new Promise((resolve) => { setTimeout(resolve, 100); });
		}
		this.child.kill('SIGINT');
		this.status = await this.ended;
		return this.events();
	}
}

module.exports = { Capture };
