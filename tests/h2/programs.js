'use strict';
/* tcpdump beside the programs that talk. */

const fs = require('fs');
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

module.exports = { captured, folder, until };
