'use strict';
/* What anybody heard is kept: the server is killed in the middle of talk, again and again, and then the history is
 * compared with what was heard. Then there is no room on the disk. */

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const tap = require('../../lib/tap.js');
const { start, folder, freePorts, isSanitized } = require('../../lib/wschat.js');
const { join, sleep } = require('../../lib/peer.js');
const { random } = require('../../lib/random.js');

const KILLS = isSanitized ? 15 : 50;
const TALKERS = 4;
const ROOM = 'talk';

/* Someone who talks without pause, comes back after each kill, and says again what was not confirmed: as our page
 * does. heard: what it was told, by number. */
class Talker {
	constructor(index) {
		this.index = index;
		this.said = 0;
		this.heard = new Map();
		this.confirmed = new Map(); /* reference to number */
		this.unconfirmed = new Map();
		this.last = 0;
		this.twice = [];
		this.wrong = [];
	}

	async come(port) {
		const login = { history: 0, ...(this.token ? { token: this.token, since: this.last } : {}) };

		this.peer = await join(port, `talker ${this.index}`, { room: ROOM, login });
		this.token = this.peer.welcome.token;
		await this.catchUp(login.since);
		this.welcomed = this.peer.welcome.since;
		for (const [ref, content] of this.unconfirmed)
			this.peer.json({ type: 'say', to_client_id: 'all', content, ref });
	}

	/* What was missed may come as several messages; and where it is too much for that, the first of them says that there
	 * is more, to be asked for. What is said meanwhile is heard behind it. */
	async catchUp(since) {
		const { welcome, history } = this.peer;
		const live = [];
		const page = async () => {
			for (;;) {
				const message = await this.peer.nextJson();
				if (message.type === 'history')
					return message;
				if (message.type === 'say')
					live.push(message);
			}
		};
		let missed = history.messages, { more } = history;

		while (Math.max(this.last, missed.length ? missed.at(-1).id : 0) < welcome.since)
			missed = [...missed, ...(await page()).messages];
		while (since && more) {
			this.peer.json({ type: 'history', before: missed[0].id, count: 200 });
			const older = await page();
			const wanted = older.messages.filter(({ id }) => id > since);
			missed = [...wanted, ...missed];
			more = older.more && wanted.length === older.messages.length;
		}
		[...missed, ...live].forEach((message) => this.hear(message));
	}

	hear({ id, content }) {
		if (this.heard.has(id) && this.heard.get(id) !== content)
			this.wrong.push(id);
		if (this.heard.has(id))
			this.twice.push(id);
		this.heard.set(id, content);
		this.last = Math.max(this.last, id);
	}

	say() {
		const ref = `${this.index}-${this.said++}`, content = `message ${ref}`;

		this.unconfirmed.set(ref, content);
		this.peer.json({ type: 'say', to_client_id: 'all', content, ref });
	}

	/* Talks until the connection breaks: a few messages at a time, the next when they are confirmed. */
	async talk(burst) {
		for (let i = 0; i < burst; i++)
			this.say();
		for (;;) {
			let message;
			try {
				message = await this.peer.nextJson();
			} catch {
				return;
			}
			if (message.type === 'say')
				this.hear(message);
			if (message.type === 'said') {
				this.unconfirmed.delete(message.ref);
				this.confirmed.set(message.ref, message.id);
				this.say();
			}
			if (message.type === 'history')
				message.messages.forEach((each) => this.hear(each));
		}
	}
}

/* All that the history has, read with its own protocol, page by page. These messages are short: a page is one message. */
async function wholeHistory(port, room) {
	const reader = await join(port, 'reader', { room, login: { history: 1 } });
	let page = reader.history, all = page.messages;

	while (page.more) {
		reader.json({ type: 'history', before: all[0].id, count: 200 });
		page = await reader.until(({ type }) => type === 'history');
		all = [...page.messages, ...all];
	}
	reader.destroy();
	return all;
}

async function kills() {
	const data = folder(), ports = await freePorts(2);
	const args = ['--message-rate', '0', '--history-page', '200'];
	const talkers = Array.from({ length: TALKERS }, (_, i) => new Talker(i));
	const dice = random(20261122);

	for (let i = 0; i < KILLS; i++) {
		const server = await start({ data, ports, args });
		await Promise.all(talkers.map((talker) => talker.come(server.port)));
		const talks = talkers.map((talker) => talker.talk(1 + dice.below(8)));
		await sleep(5 + dice.below(isSanitized ? 400 : 120));
		await server.stop('SIGKILL');
		await Promise.all(talks);
	}

	const server = await start({ data, ports, args });
	await Promise.all(talkers.map((talker) => talker.come(server.port)));
	const all = await wholeHistory(server.port, ROOM);
	const kept = new Map(all.map(({ id, content }) => [id, content]));
	const said = talkers.reduce((sum, talker) => sum + talker.said, 0);
	const heard = talkers.reduce((sum, talker) => sum + talker.heard.size, 0);
	tap.diagnose(`${KILLS} kills, ${said} messages said, ${all.length} kept, ${heard} heard`);

	await tap.test(`killed ${KILLS} times: there was talk`, () => assert.ok(all.length > KILLS, `${all.length} messages`));
	await tap.test('every message that anybody heard is in the history, as it was heard', () => {
		for (const talker of talkers)
			for (const [id, content] of talker.heard)
				assert.strictEqual(kept.get(id), content);
	});
	await tap.test('every message that was confirmed is in the history under its number', () => {
		for (const talker of talkers)
			for (const [ref, id] of talker.confirmed)
				assert.strictEqual(kept.get(id), `message ${ref}`);
	});
	await tap.test('none is there twice, though they were said again', () => {
		assert.strictEqual(kept.size, all.length);
		assert.strictEqual(new Set(all.map(({ content }) => content)).size, all.length);
	});
	await tap.test('who came back got what it missed: once, in order, all of it', () => {
		for (const talker of talkers) {
			assert.deepStrictEqual(talker.twice, []);
			assert.deepStrictEqual(talker.wrong, []);
			const numbers = [...talker.heard.keys()];
			assert.deepStrictEqual([...numbers].sort((x, y) => x - y), numbers);
			const missing = [...kept.keys()].filter((id) => id <= talker.welcomed && !talker.heard.has(id));
			assert.deepStrictEqual(missing, []);
		}
	});
	talkers.forEach((talker) => talker.peer.destroy());
	const { status } = await server.stop();
	await tap.test('and the file is whole, as SQLite sees it', () => {
		assert.strictEqual(status, 0);
		const { status: found, stdout } = spawnSync('sqlite3', [path.join(data, 'history.db'), 'PRAGMA integrity_check']);
		if (found === 0)
			assert.strictEqual(String(stdout).trim(), 'ok');
	});
}

/* Two ways to a full disk: how it becomes full, and how there is room again. */
const prlimit = (pid, limit) => spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${limit}:unlimited`]);

const FILE_LIMIT = {
	name: 'a limit on files',
	possible: () => prlimit(process.pid, 'unlimited').status === 0,
	data: folder,
	fill: ({ child, data }) => prlimit(child.pid, fs.statSync(path.join(data, 'history.db-wal')).size + 20000),
	relieve: ({ child }) => prlimit(child.pid, 'unlimited'),
	end() {},
};

const SMALL_DISK = {
	name: 'a full disk',
	mounted: folder(),
	possible() {
		return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', this.mounted]).status === 0;
	},
	data() {
		return this.mounted;
	},
	fill({ data }) {
		try {
			fs.writeFileSync(path.join(data, 'ballast'), Buffer.alloc(4 << 20));
		} catch (error) {
			assert.strictEqual(error.code, 'ENOSPC');
		}
	},
	relieve: ({ data }) => fs.rmSync(path.join(data, 'ballast')),
	end() {
		spawnSync('umount', ['-l', this.mounted]);
	},
};

async function fullDisk(disk) {
	const { name } = disk;
	const server = await start({ data: disk.data(), args: ['--message-rate', '0'] });
	const ann = await join(server.port, 'Ann', { room: 'full' });
	const bob = await join(server.port, 'Bob', { room: 'full' });
	await ann.nextJson();
	const heard = [];
	const say = async (content, ref) => {
		ann.json({ type: 'say', to_client_id: 'all', content, ref });
		const got = await ann.nextJson();
		if (got.type === 'say') {
			assert.deepStrictEqual(await ann.nextJson(), { type: 'said', ref, id: got.id });
			assert.strictEqual((await bob.nextJson()).content, content);
			heard.push([got.id, content]);
		}
		return got;
	};
	assert.strictEqual((await say('before', 'before')).type, 'say');

	disk.fill(server);
	let refused = null, i = 0;
	while (!refused && i < 200) {
		const got = await say('x'.repeat(10000), `x${i++}`);
		refused = got.type === 'error' ? got : null;
	}
	await tap.test(`${name}: the sender is told`, () => {
		assert.ok(refused, 'it never was full');
		assert.deepStrictEqual([refused.code, refused.ref], ['history', `x${i - 1}`]);
	});
	await tap.test(`${name}: many at once are each told, and nobody hears them`, async () => {
		for (let n = 0; n < 20; n++)
			ann.json({ type: 'say', to_client_id: 'all', content: `y${n} ${'y'.repeat(10000)}`, ref: `y${n}` });
		for (let n = 0; n < 20; n++) {
			const got = await ann.nextJson();
			assert.deepStrictEqual([got.type, got.code, got.ref], ['error', 'history', `y${n}`]);
		}
		bob.frame('ping', 'anything?');
		assert.strictEqual((await bob.nextFrame()).opcode, 10);
		assert.ok((await server.metrics()).group_failures_total > 0);
	});
	await tap.test(`${name}: people still come and go, and read what was`, async () => {
		const late = await join(server.port, 'late', { room: 'full', login: { history: 50 } });
		assert.deepStrictEqual(late.history.messages.map(({ id }) => id), heard.map(([id]) => id));
		assert.strictEqual(late.welcome.since, heard[heard.length - 1][0]);
		late.destroy();
		for (const peer of [ann, bob]) {
			assert.strictEqual((await peer.nextJson()).type, 'login');
			assert.strictEqual((await peer.nextJson()).type, 'logout');
		}
	});
	disk.relieve(server);
	await tap.test(`${name}: there is room again: it goes on, and what was refused may be said again`, async () => {
		assert.strictEqual((await say('y0 again', 'y0')).type, 'say');
		assert.strictEqual((await say('after', 'after')).type, 'say');
	});
	await tap.test(`${name}: the log names the file and says what is wrong with it`, () =>
		assert.match(server.log, / error history-failed reason="[^"]*\/history\.db: cannot be written: [^"]*(full|I\/O error)[^"]*"\n/));
	await server.stop('SIGKILL');
	const again = await start({ data: server.data });
	const reader = await join(again.port, 'reader', { room: 'full', login: { history: 2000 } });
	const kept = [...reader.history.messages];
	while (kept.length < heard.length)
		kept.push(...(await reader.nextJson()).messages);
	await tap.test(`${name}: the history has what was heard, and nothing else`, () =>
		assert.deepStrictEqual(kept.map(({ id, content }) => [id, content]), heard));
	reader.destroy();
	await again.stop();
}

async function main() {
	await kills();
	for (const disk of [FILE_LIMIT, SMALL_DISK]) {
		if (!disk.possible()) {
			tap.skip(disk.name, 'not without more rights');
			continue;
		}
		try {
			await fullDisk(disk);
		} finally {
			disk.end();
		}
	}
	tap.done();
	process.exit();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
