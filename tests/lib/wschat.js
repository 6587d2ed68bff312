'use strict';
/* Runs the wschat that is tested: its path is in WSCHAT, or it is the one of build/. */

const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const net = require('net');
const os = require('os');
const path = require('path');
const { freePorts } = require('./ports.js');

const program = process.env.WSCHAT || path.join(__dirname, '../../build/src/wschat/wschat');

const environment = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', LANGUAGE: '' };
const folders = [];
const children = new Set();

/* Nothing is left behind, however a test ends. */
process.on('exit', () => {
	for (const child of children)
		child.kill('SIGKILL');
	for (const folder of folders)
		fs.rmSync(folder, { recursive: true, force: true });
});

function folder() {
	const name = fs.mkdtempSync(path.join(os.tmpdir(), 'wschat-test-'));

	folders.push(name);
	return name;
}

/* A server that runs. port: the WebSocket's; web: the page's. */
class Server {
	constructor({ port, web, data, child }) {
		Object.assign(this, { port, web, data, child, log: '' });
		children.add(child);
		child.stderr.on('data', (text) => {
			this.log += text;
		});
		child.stdout.resume();
		this.ended = new Promise((resolve) => child.on('close', (status, signal) => {
			children.delete(child);
			resolve({ status, signal, log: this.log });
		}));
	}

	/* Resolves when the server says that it is ready; fails when it ends before. */
	ready() {
		return new Promise((resolve, reject) => {
			const look = () => /[ "]ready\b/.test(this.log) && resolve(this);

			this.child.stderr.on('data', look);
			this.child.on('error', reject);
			this.child.on('close', (status) => reject(new Error(`wschat ended with ${status}: ${this.log}`)));
		});
	}

	/* The same for one that does not log that it is ready. */
	async listening() {
		const isOpen = () => new Promise((resolve) => {
			const socket = net.connect(this.port, '127.0.0.1', () => resolve(!socket.destroy().connecting));
			socket.on('error', () => resolve(false));
		});

		while (!await isOpen())
			await new Promise((resolve) => setTimeout(resolve, 20));
		return this;
	}

	/* Ends it with a signal. Resolves to { status, signal, log }. */
	stop(signal = 'SIGTERM') {
		this.child.kill(signal);
		return this.ended;
	}

	get(target, { method = 'GET', headers = {} } = {}) {
		return new Promise((resolve, reject) => {
			const request = http.request({ port: this.web, host: '127.0.0.1', path: target, method, headers, agent: false },
				(response) => {
					const pieces = [];
					response.on('data', (piece) => pieces.push(piece));
					response.on('end', () => resolve({ status: response.statusCode, headers: response.headers,
						body: Buffer.concat(pieces).toString() }));
				});
			request.on('error', reject);
			request.end();
		});
	}

	/* The metrics by name, without their prefix. */
	async metrics() {
		const { body } = await this.get('/metrics');
		const lines = body.split('\n').filter((line) => line && !line.startsWith('#'));

		return Object.fromEntries(lines.map((line) => {
			const at = line.lastIndexOf(' ');
			return [line.slice('wschat_'.length, at), Number(line.slice(at + 1))];
		}));
	}

	/* Bytes of memory that are its own. */
	memory() {
		const status = fs.readFileSync(`/proc/${this.child.pid}/status`, 'utf8');

		return Number(/^RssAnon:\s+(\d+)/m.exec(status)[1]) * 1024;
	}
}

/* Starts a server on ports of its own. data: a folder of an earlier one; before: a command that runs it; silent: it will not
 * log that it is ready. */
async function start({ args = [], data = folder(), ports, before = [], silent = false } = {}) {
	const [port, web] = ports || await freePorts(2);
	const command = [...before, program, '--data', data, '--listen', `127.0.0.1:${port}`, '--web', `127.0.0.1:${web}`,
		...args];
	const child = spawn(command[0], command.slice(1), { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });

	const server = new Server({ port, web, data, child });

	return silent ? server.listening() : server.ready();
}

/* Runs it to its end. */
function run(args, env = {}) {
	const { status, stdout, stderr } = spawnSync(program, args, { env: { ...environment, ...env }, timeout: 20000 });

	return { status, stdout: String(stdout), stderr: String(stderr) };
}

/* A build with a sanitizer: slower, and its memory tells nothing. */
function isSanitized() {
	const bytes = fs.readFileSync(program);

	return bytes.includes('__asan_init') || bytes.includes('__tsan_init');
}

module.exports = { program, isSanitized: isSanitized(), start, run, folder, freePorts };
