'use strict';
/* The programs that talk, and tcpdump beside them. */

const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { execFileSync, spawn } = require('child_process');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-h2.'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

async function until(test, what) {
	for (const deadline = Date.now() + 60000; !test();) {
		if (Date.now() > deadline)
			throw new Error(`waited in vain for ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

/* What tcpdump captures of a port while talk() runs, up to the last FIN or RST. */
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

/* A server of its own, once it listens on port. */
async function started(command, args, port) {
	const program = spawn(command, args, { stdio: 'ignore' });
	const listens = () => new Promise((resolve) => {
		const socket = net.connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
		socket.on('error', () => resolve(false));
	});

	while (!await listens())
		await new Promise((resolve) => setTimeout(resolve, 50));
	return program;
}

/* A self-signed certificate for localhost. */
function certificate() {
	const files = { key: path.join(folder, 'key.pem'), cert: path.join(folder, 'cert.pem') };

	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', files.key,
		'-out', files.cert, '-days', '3650', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
	return files;
}

/* Chromium on an address; it writes the secrets of its TLS to keys. */
function chromium(address, keys) {
	const program = spawn('chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
		'--ignore-certificate-errors', `--user-data-dir=${path.join(folder, 'profile')}`, address],
			      { stdio: 'ignore', env: { ...process.env, SSLKEYLOGFILE: keys } });
	const ended = new Promise((resolve) => program.on('exit', resolve));

	return { end: () => { program.kill(); return ended; } };
}

module.exports = { captured, certificate, chromium, folder, started, until };
