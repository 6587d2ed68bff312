'use strict';
/* Real programs that talk while tcpdump listens: what the recorders of tests/tls and tests/h2 share. */

const fs = require('fs');
const os = require('os');
const path = require('path');
const { execFileSync, spawn } = require('child_process');

const HOST = 'localhost';
const PATIENCE_MS = 60000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-record.'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

async function until(test, what) {
	for (const deadline = Date.now() + PATIENCE_MS; !test();) {
		if (Date.now() > deadline)
			throw new Error(`waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

const certificates = {};

/* A self-signed certificate for HOST, of an RSA or an EC key: the names of its files. */
function certificate(kind) {
	if (!certificates[kind]) {
		const files = { key: path.join(folder, `${kind}.key`), cert: path.join(folder, `${kind}.pem`) };
		const algorithm = kind === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', 'rsa:2048'];

		execFileSync('openssl', ['req', '-x509', ...algorithm, '-nodes', '-keyout', files.key, '-out', files.cert, '-days',
			'3650', '-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`], { stdio: 'ignore' });
		certificates[kind] = files;
	}
	return certificates[kind];
}

/* What tcpdump captures of a port while talk() runs, up to the last FIN or RST: { capture, ...what talk() returns }. */
async function captured(port, talk) {
	const file = path.join(folder, 'capture.pcap');
	const tcpdump = spawn('tcpdump', ['-i', 'lo', '-U', '--immediate-mode', '-w', file, 'tcp', 'port', `${port}`],
			      { stdio: ['ignore', 'ignore', 'pipe'] });
	const ended = new Promise((resolve) => tcpdump.on('exit', resolve));
	let heard = '';

	tcpdump.stderr.on('data', (bytes) => { heard += bytes; });
	await until(() => heard.includes('listening on'), 'tcpdump');
	const result = await talk();
	const quiet = () => execFileSync('ss', ['-tnH', `( sport = :${port} or dport = :${port} )`]).toString()
		.split('\n').filter((line) => line && !line.startsWith('TIME-WAIT')).length === 0;

	await until(quiet, 'the connections to end');
	await new Promise((resolve) => setTimeout(resolve, 200));
	tcpdump.kill('SIGINT');
	await ended;
	return { capture: fs.readFileSync(file), ...result };
}

const running = new Set();
process.on('exit', () => running.forEach((program) => program.kill()));

/* A program with what it says: heard, from its standard output, and words, from its standard error. */
function run(command, args) {
	const program = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });

	program.heard = Buffer.alloc(0);
	program.stdout.on('data', (bytes) => { program.heard = Buffer.concat([program.heard, bytes]); });
	program.words = '';
	program.stderr.on('data', (bytes) => { program.words += bytes; });
	program.stdin.on('error', () => {});
	running.add(program);
	program.gone = new Promise((resolve) => program.on('exit', resolve));
	program.gone.then(() => running.delete(program));
	return program;
}

/* Until somebody listens there. */
const listening = (port) => until(() => execFileSync('ss', ['-tlnH', `sport = :${port}`]).length, `somebody on port ${port}`);

/* A server of its own, once it listens on port: nginx, HAProxy. */
async function started(command, args, port) {
	const program = run(command, args);

	await listening(port).catch((error) => { throw new Error(`${command}: ${error.message}: ${program.words}`); });
	return program;
}

module.exports = { HOST, captured, certificate, folder, listening, run, started, until };
