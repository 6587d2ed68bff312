'use strict';
/* Captures that are too long to be held: they are written into wscap while they are made. */

const fs = require('fs');
const os = require('os');
const path = require('path');
const { execFileSync, spawn } = require('child_process');
const { program, lines } = require('./wscap.js');
const { pcapHead, pcapRecord } = require('./pcap.js');

const PIECE = 1 << 20;

/* Runs wscap on the packets that make(onPacket) gives, one by one. Resolves to its lines of JSON. Making them takes the
 * whole time of this program, so what goes between is a pipe that blocks, and a file. */
function eventsOfStream(make, { args = [], link } = {}) {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-stream-'));
	const [pipe, output] = ['capture', 'events'].map((name) => path.join(dir, name));

	execFileSync('mkfifo', [pipe]);
	const out = fs.openSync(output, 'w');
	const child = spawn(program, ['-r', pipe, '--format', 'json', ...args], { stdio: ['ignore', out, 'pipe'] });
	const ended = new Promise((resolve) => child.on('close', resolve));
	const to = fs.openSync(pipe, 'w');
	let waiting = [pcapHead({ link })];
	let length = 0;
	const flush = () => {
		const bytes = Buffer.concat(waiting);
		for (let at = 0; at < bytes.length;)
			at += fs.writeSync(to, bytes, at);
		waiting = [];
		length = 0;
	};

	make((packet) => {
		waiting.push(...pcapRecord(packet));
		length += 16 + packet.bytes.length;
		if (length > PIECE)
			flush();
	});
	flush();
	fs.closeSync(to);
	return ended.then((status) => {
		const bytes = fs.readFileSync(output);
		fs.rmSync(dir, { recursive: true });
		if (status !== 0)
			throw new Error(`wscap ended with ${status}: ${child.stderr.read() || ''}`);
		return lines(bytes).map((line) => JSON.parse(line));
	});
}

module.exports = { eventsOfStream };
