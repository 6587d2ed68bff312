'use strict';
/* scripts/demo, as `make demo` runs it: without a terminal it tells the document's conversation and ends; from one it
 * goes on, tells what others say, and Ctrl-C stops everything; without the right to capture, and where its ports are
 * taken, it says so in a sentence.
 *
 *     BUILD=build node tests/e2e/demo.test.js */

const assert = require('assert');
const fs = require('fs');
const net = require('net');
const os = require('os');
const path = require('path');
const { spawn, spawnSync } = require('child_process');
const { freePorts } = require('../lib/ports.js');
const tap = require('../lib/tap.js');

const root = path.join(__dirname, '..', '..');
const build = path.resolve(process.env.BUILD || path.join(root, 'build'));
const script = path.join(root, 'scripts', 'demo');
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'wschat-demo-'));

process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));

const isOpen = (port) => new Promise((resolve) => {
	const socket = net.connect(port, '127.0.0.1', () => {
		socket.destroy();
		resolve(true);
	});
	socket.on('error', () => resolve(false));
});

let folders = 0;
async function environment() {
	const [chat, web] = await freePorts(2);

	return { chat, web, env: { ...process.env, LC_ALL: 'C.UTF-8', CHAT_PORT: `${chat}`, WEB_PORT: `${web}`,
		DEMO: path.join(work, `demo ${++folders}`) } };
}

/* Runs until it ends. when(text, child) is called as its output grows. */
function run(command, args, env, when = () => {}) {
	return new Promise((resolve) => {
		const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
		let text = '';
		const take = (bytes) => {
			text += bytes;
			when(text, child);
		};

		child.stdout.setEncoding('utf8').on('data', take);
		child.stderr.setEncoding('utf8').on('data', take);
		child.on('close', (status) => resolve({ status, text }));
	});
}

async function checkEnded({ chat, web }) {
	assert.ok(!await isOpen(chat) && !await isOpen(web), 'a server was left behind');
}

function checkChat(text) {
	assert.match(text, /"type":"login","name":"mynick"/);
	assert.match(text, /"type":"say","from_uid":\d+,"to_uid":"all","content":"hi, {2}all !"/);
}

function checkStory(text) {
	checkChat(text);
	assert.match(text, /\/\*\n \* say · .*mynick/);
	assert.match(text, /\* \{"type":"say","to_uid":"all","content":"hi, {2}all !"\}/);
	assert.match(text, /copy 2/);
	assert.match(text, /IP 127\.0\.0\.1\.\d+ > 127\.0\.0\.1\.\d+: Flags \[S\]/);
	assert.match(text, /[1-9]\d* packets captured/);
	assert.match(text, /2 connections, 2 handshakes.*no violation/);
}

/* tcpdump, not wscap, says whether somebody may capture here. */
const { stderr } = spawnSync('tcpdump', ['-i', 'any', '-w', '/dev/null', 'port', '1'], { timeout: 1000 });
const cannot = !/listening on any/.test(`${stderr}`);

async function onTerminal() {
	const { chat, web, env } = await environment();
	let asked = false, stopped = false;
	/* A shell between script(1) and the demo would get the Ctrl-C too, and end by it: hence exec.
	 * A second conversation by somebody else, once the demo waits for people; Ctrl-C when that has been told. */
	const { status, text } = await run('script', ['-qec', `exec "${script}" "${build}"`, '/dev/null'], env, (now, child) => {
		if (!asked && /Now you: open http/.test(now)) {
			asked = true;
			spawn(path.join(build, 'tools', 'converse'), ['127.0.0.1', `${chat}`], { stdio: 'ignore' });
		}
		if (asked && !stopped && now.split('Now you:')[1].match(/Connection #4 is closed/)) {
			stopped = true;
			child.stdin.write('\x03');
		}
	});

	assert.strictEqual(status, 0, text);
	assert.match(text, new RegExp(`http://127.0.0.1:${web}`));
	assert.match(text, /4 connections, 4 handshakes/);
	await checkEnded({ chat, web });
}

(async () => {
	const told = async () => {
		const { chat, web, env } = await environment();
		const { status, text } = await run(script, [build], env);

		assert.strictEqual(status, 0, text);
		assert.match(text, new RegExp(`http://127.0.0.1:${web}`));
		checkStory(text);
		await checkEnded({ chat, web });
	};

	if (cannot) {
		tap.skip('without a terminal, the conversation is told and the demo ends', 'no right to capture');
		tap.skip('from a terminal, it tells what others say too, until Ctrl-C', 'no right to capture');
	} else {
		await tap.test('without a terminal, the conversation is told and the demo ends', told);
		if (spawnSync('script', ['--version']).error)
			tap.skip('from a terminal, it tells what others say too, until Ctrl-C', 'there is no script(1)');
		else
			await tap.test('from a terminal, it tells what others say too, until Ctrl-C', onTerminal);
	}

	const untrusted = ['--bounding-set=-net_raw', '--inh-caps=-net_raw', script, build];
	const root_ = process.getuid() === 0;
	if (!root_ && !cannot)
		tap.skip('without the right to capture, it says which command gives it', 'it is there');
	else
		await tap.test('without the right to capture, it says which command gives it', async () => {
			const { chat, web, env } = await environment();
			const { status, text } = await (root_ ? run('setpriv', untrusted, env) : run(script, [build], env));

			assert.strictEqual(status, 0, text);
			assert.match(text, /sudo setcap cap_net_raw/);
			checkChat(text);
			await checkEnded({ chat, web });
		});

	for (const which of ['chat', 'web'])
		await tap.test(`a taken port is named: ${which}`, async () => {
			const { env, ...ports } = await environment();
			const server = net.createServer().listen(ports[which], '127.0.0.1');
			const { status, text } = await run(script, [build], env);

			assert.strictEqual(status, 1);
			assert.match(text, new RegExp(`wschat: 127.0.0.1:${ports[which]}: Address already in use\n`));
			assert.match(text, /make demo CHAT_PORT=/);
			await new Promise((resolve) => server.close(resolve));
		});
	tap.done();
})();
