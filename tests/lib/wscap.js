'use strict';
/* Runs the wscap that is tested: its path is in WSCAP, or it is the one of build/. */

const { spawnSync } = require('child_process');
const path = require('path');

const program = process.env.WSCAP || path.join(__dirname, '../../build/src/wscap/wscap');
const MAX = 1 << 30;

/* Feeds input (bytes) on standard input, where it is given. Returns { status, signal, stdout, stderr }, as bytes. */
function wscap(args, { input, env = {} } = {}) {
	const result = spawnSync(program, args, {
		input, maxBuffer: MAX, env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', LANGUAGE: '', ...env },
	});

	/* Whoever refuses an option does not read its input to the end. */
	if (result.error && result.error.code !== 'EPIPE')
		throw result.error;
	return result;
}

/* The JSON events of a capture. Throws where wscap fails, and where a line is no JSON. */
function events(capture, args = []) {
	const { status, signal, stdout, stderr } = wscap(['-r', '-', '--format', 'json', ...args], { input: capture });

	if (status !== 0)
		throw new Error(`wscap ended with ${signal || status}: ${stderr}`);
	return lines(stdout).map((line) => JSON.parse(line));
}

/* The lines of an output; it may be longer than the longest string of Node. */
function* lineBytes(bytes) {
	for (let at = 0; at < bytes.length;) {
		const end = bytes.indexOf(10, at);
		yield bytes.toString('utf8', at, end === -1 ? bytes.length : end);
		at = end === -1 ? bytes.length : end + 1;
	}
}

const lines = (bytes) => [...lineBytes(bytes)];

module.exports = { program, wscap, events, lines };
