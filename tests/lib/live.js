'use strict';
/* Programs that capture while something happens: wscap and tcpdump on a device. */

const { spawn } = require('child_process');

const TIMEOUT = 60000;

/* What a stream said so far (text), and says(pattern), which resolves when that matches. */
const output = (stream) => {
	const state = { text: '', wanted: [] };

	stream.setEncoding('utf8');
	stream.on('data', (text) => {
		state.text += text;
		state.wanted = state.wanted.filter(({ pattern, resolve }) => !pattern.test(state.text) || resolve());
	});
	/* Resolves when the text so far matches. */
	state.says = (pattern) => new Promise((resolve) =>
		pattern.test(state.text) ? resolve() : state.wanted.push({ pattern, resolve }));
	return state;
};

/* A program that captures, ready when it says that it listens; or that ended before it did. held: nobody reads its
 * standard output yet. */
async function listen(command, args, { held = false, ...options } = {}) {
	const child = spawn(command, args, { env: { ...process.env, LC_ALL: 'C.UTF-8' }, ...options });
	const stderr = output(child.stderr);
	const stdout = child.stdout && !held ? output(child.stdout) : null;
	const exited = new Promise((resolve) => child.on('close', resolve));

	child.on('error', (error) => {
		stderr.text += error.message;
	});
	return { child, stdout, stderr, exited, ready: Promise.race([stderr.says(/listening on/), exited.then(() => 'ended')]) };
}

/* Why nobody can capture here, in tcpdump's words; or null. */
async function whyNot(device) {
	const { child, stderr, exited, ready } = await listen('tcpdump', ['-i', device, '-w', '/dev/null', 'port', '1']);

	if (await ready === 'ended')
		return stderr.text.trim().split('\n').pop() || 'tcpdump is not there';
	child.kill('SIGINT');
	await exited;
	return null;
}

function withTimeout(promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`nothing after ${TIMEOUT} ms`)), TIMEOUT);
	});

	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

module.exports = { listen, output, whyNot, withTimeout };
