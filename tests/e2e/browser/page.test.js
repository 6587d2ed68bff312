'use strict';
/* The page in real browsers: hostile people, long histories, languages, small screens, dark, and no mouse. */

const assert = require('assert');
const http = require('http');
const tap = require('../../lib/tap.js');
const { Server } = require('./server.js');
const { Client } = require('./client.js');
const { start, Person, PHONE } = require('./browsers.js');

const CONTRAST = 4.5; /* WCAG 2.2, 1.4.3 */

const hostile = [
	'<img src=x onerror="window.hacked=1">', '<script>window.hacked=1</script>', '</li></ol><svg/onload=window.hacked=1>',
	'"><iframe srcdoc="<script>parent.hacked=1</script>">', '&lt;b&gt; &amp;amp; &#60;i&#62; &#039;', 'javascript:window.hacked=1',
	'<a href="javascript:window.hacked=1">click</a>', '{{constructor.constructor("window.hacked=1")()}}', '\\u003cb\\u003e \\" \\n \t end',
	'<br />\n<br />', 'a\u202Etxt.exe\u2066 b', 'x'.repeat(3000), `${'('.repeat(4000)} http://a.b/${')'.repeat(4000)}`,
	'Z\u0300\u0301\u0302\u0303\u0304'.repeat(40), 'http://example.org/"onmouseover="window.hacked=1',
];
const hostileNames = ['<b>Mallory</b>', '"\'><script>window.hacked=1</script>', '&lt;i&gt;', '\u202Eyrollam', '__proto__', 'constructor'];

/* Each of them comes in, as both dialects, and says everything. */
async function attack(port, room) {
	const clients = [];

	for (const name of hostileNames) {
		const client = await Client.open(port);
		client.send({ type: 'login', client_name: name, room_id: room, history: 0 });
		for (const content of hostile)
			client.send({ type: 'say', to_client_id: 'all', to_client_name: 'all', content });
		clients.push(client);
	}
	return clients;
}

async function hostilePeople(browser, server, name) {
	const room = `<i>${name}</i>"'`;
	const query = `?${new URLSearchParams({ room_id: room })}`;
	const person = await Person.sit(browser, server.page, { query });

	await person.enter('<u>Victim</u>');
	const clients = await attack(server.port, room);
	const names = [...hostileNames, '<u>Victim</u>'];
	await person.until((count) => document.querySelectorAll('#messages .message').length >= count, hostileNames.length * hostile.length);
	const log = await person.log();
	for (const each of hostileNames)
		assert.deepStrictEqual(log.filter((message) => message.name === each).map(({ text }) => text), hostile, each);
	await person.until((count) => document.querySelectorAll('#people .person').length === count, names.length);
	const shown = await person.page.$$eval('#people .name', (all) => all.map(({ textContent }) => textContent));
	assert.deepStrictEqual(shown.sort(), names.sort());
	assert.strictEqual(await person.page.$eval('#room', (element) => element.textContent), room);
	const made = await person.page.evaluate(() => ({
		hacked: window.hacked,
		tags: [...new Set([...document.querySelectorAll('#messages *, #people *')].map(({ localName }) => localName))].sort(),
		links: [...new Set([...document.querySelectorAll('#messages a')].map(({ protocol, rel }) => `${protocol} ${rel}`))],
		wide: document.documentElement.scrollWidth > innerWidth,
	}));
	assert.strictEqual(made.hacked, undefined);
	assert.deepStrictEqual(made.tags, ['a', 'bdi', 'button', 'div', 'li', 'p', 'span', 'time']);
	assert.deepStrictEqual(made.links, ['http: noopener noreferrer']);
	assert.strictEqual(made.wide, false);
	const { violations, errors } = await person.records();
	assert.deepStrictEqual([violations, errors], [[], []]);
	await person.picture(`hostile-${name}`);
	clients.forEach((client) => client.close());
	await person.close();
}

/* text.js itself, in the browser. */
async function texts(browser, server) {
	const person = await Person.sit(browser, server.page);
	const found = await person.page.evaluate(async () => {
		const { decode, nodes, isEmoji } = await import('/text.js');
		const shape = (text) => nodes(text).map((node) => node.href ? [node.href, node.textContent] : node);
		/* Time that grew with their square, or worse, would not end within the test's patience. */
		isEmoji('☀'.repeat(31) + 'x');
		nodes('http://a/' + ')('.repeat(200000));
		nodes('http://'.repeat(200000));
		return {
			decoded: ['&lt;b&gt;', '&amp;lt;', '&#039;&quot;', 'a<br />\nb', '&nbsp;&#39;', '&amp;amp;amp;'].map(decode),
			links: ['see http://a.example/x, and', '(https://a.example/(y)z)', 'HTTP://A.EXAMPLE', 'http://', 'ftp://a.example javascript:alert(1)',
				'看https://a.example/。好', 'https://a.example/?q=1&r=<b>'].map(shape),
			emoji: ['🎉', '👍🏽 👩‍👩‍👧', '🇮🇹', '12', 'a🎉', '', '#'].map(isEmoji),
		};
	});

	assert.deepStrictEqual(found.decoded, ['<b>', '&lt;', '\'"', 'a\nb', '&nbsp;&#39;', '&amp;amp;']);
	assert.deepStrictEqual(found.links, [
		['see ', ['http://a.example/x', 'http://a.example/x'], ', and'],
		['(', ['https://a.example/(y)z', 'https://a.example/(y)z'], ')'],
		[['http://a.example/', 'HTTP://A.EXAMPLE']],
		['http://'],
		['ftp://a.example javascript:alert(1)'],
		['看', ['https://a.example/', 'https://a.example/'], '。好'],
		[['https://a.example/?q=1&r=', 'https://a.example/?q=1&r='], '<b>'],
	]);
	assert.deepStrictEqual(found.emoji, [true, true, true, false, false, false, false]);
	await person.close();
}

/* 130 messages from before: the last 50 come, the rest on scrolling up, in place; none is there twice. */
async function history(browser, server, name) {
	const room = `history ${name}`;
	const all = Array.from({ length: 130 }, (_, i) => `line ${i}`);
	const client = await Client.open(server.port);
	client.send({ type: 'login', client_name: 'Chronicler', room_id: room, history: 0 });
	for (const content of all)
		client.send({ type: 'say', to_client_id: 'all', to_client_name: 'all', content });
	await client.hears((message) => message.type === 'say' && message.content === all.at(-1));
	const person = await Person.sit(browser, server.page, { query: `?${new URLSearchParams({ room_id: room })}` });
	await person.enter('Reader');
	await person.sees(all.at(-1));
	assert.deepStrictEqual(await person.texts(), all.slice(-50));
	await person.until(() => {
		const log = document.getElementById('log');
		return log.scrollHeight - log.scrollTop - log.clientHeight < 2; /* at the end */
	});
	for (const count of [100, 130]) {
		const place = await person.page.evaluate(() => {
			const log = document.getElementById('log');
			const first = document.querySelector('#messages .message');
			log.scrollTop = 200;
			return [first.dataset.id, first.getBoundingClientRect().top];
		});
		await person.until((wanted) => document.querySelectorAll('#messages .message').length === wanted, count);
		const top = await person.page.$eval(`[data-id="${place[0]}"]`, (element) => element.getBoundingClientRect().top);
		assert.ok(Math.abs(top - place[1]) < 40, `what was read moved from ${place[1]} to ${top}`);
		assert.deepStrictEqual(await person.texts(), all.slice(-count));
	}
	await person.page.waitForSelector('#beginning', { visible: true });
	/* What comes in while somebody reads above is counted, and does not move the page. */
	client.send({ type: 'say', to_client_id: 'all', to_client_name: 'all', content: 'news' });
	await person.sees('news');
	await person.until(() => /1 new message/.test(document.getElementById('jump').textContent));
	await person.page.click('#jump');
	await person.page.waitForSelector('#jump', { hidden: true });
	client.close();
	await person.close();
}

async function rooms(browser, server) {
	const [anna, bruno] = [await Person.sit(browser, server.page, { query: '?room_id=4' }), await Person.sit(browser, server.page)];
	await anna.enter('Anna');
	await bruno.enter('Bruno');
	assert.strictEqual(await anna.page.$eval('#room', (element) => element.textContent), 'Room 4');
	await anna.say('in the fourth');
	await anna.sees('in the fourth');
	await bruno.page.type('#room-other', '4');
	await Promise.all([bruno.page.waitForNavigation(), bruno.page.keyboard.press('Enter')]);
	await bruno.connected();
	await bruno.sees('in the fourth');
	assert.match(bruno.page.url(), /\?room_id=4$/);
	await anna.until(() => [...document.querySelectorAll('#people .name')].some(({ textContent }) => textContent === 'Bruno'));
	await bruno.say('so am I');
	await anna.sees('so am I');
	await bruno.page.click('#leave');
	await bruno.page.waitForSelector('#name', { visible: true });
	await anna.until(() => document.querySelectorAll('#people .person').length === 1);
	await Promise.all([anna.close(), bruno.close()]);
}

/* What was refused says why, at the message; nothing else is disturbed. */
async function refusals(browser, server) {
	const person = await Person.sit(browser, server.page, { query: '?room_id=refusals' });
	const other = await Client.open(server.port);

	await person.page.type('#name', 'n'.repeat(65));
	await person.page.keyboard.press('Enter');
	await person.until(() => /1 to 64/.test(document.getElementById('name-error').textContent));
	await person.enter('Anna');
	other.send({ type: 'login', client_name: 'Brief', room_id: 'refusals', history: 0 });
	await person.address('Brief');
	other.close();
	await person.until(() => document.querySelectorAll('#people .person').length === 1);
	await person.say('too late');
	await person.page.waitForSelector('.failed');
	assert.match(await person.page.$eval('.failure', (line) => line.textContent), /Brief is not here any more/);
	await person.page.click('.failure button:last-of-type');
	await person.page.waitForSelector('.failed', { hidden: true });
	await person.address('Everyone');
	await person.page.$eval('#text', (field) => {
		field.value = '字'.repeat(5462);
		field.dispatchEvent(new Event('input'));
	});
	await person.page.focus('#text');
	await person.page.keyboard.press('Enter');
	assert.match(await person.page.$eval('#problem', (line) => line.textContent), /Too long by 2 bytes/);
	await person.page.keyboard.press('Backspace');
	await person.page.keyboard.press('Enter');
	await person.sees('字'.repeat(5461));
	await person.close();
}

async function languages(browser, server) {
	const expected = { 'it-CH,it;q=0.9': 'Entra nella chat', 'zh-TW': '进入聊天室', 'fr-FR,it': 'Entra nella chat', 'fr-FR': 'Enter the chat' };

	for (const [accepted, words] of Object.entries(expected)) {
		const person = await Person.sit(browser, server.page, {
			prepare: async (page) => {
				const session = await page.createCDPSession();
				const userAgent = await browser.userAgent();
				await session.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: accepted });
			},
		});
		assert.strictEqual(await person.page.$eval('#start button', (button) => button.textContent), words, accepted);
		await person.close();
	}
}

const roomOf = (browser) => ({ chromium: 8, firefox: 9 })[browser];

/* Chosen on the page, at any time, and remembered. */
async function chooser(browser, server, name) {
	const person = await Person.sit(browser, server.page, { query: `?room_id=${roomOf(name)}` });
	const number = roomOf(name);
	const read = () => person.page.evaluate(() => [document.documentElement.lang, document.getElementById('room').textContent,
		document.getElementById('text').placeholder, document.getElementById('send').getAttribute('aria-label')]);

	await person.enter('Anna');
	await person.say('hello');
	await person.sees('hello');
	assert.deepStrictEqual(await read(), ['en', `Room ${number}`, 'Write a message', 'Send']);
	await person.page.select('#side .languages', 'it');
	assert.deepStrictEqual(await read(), ['it', `Stanza ${number}`, 'Scrivi un messaggio', 'Invia']);
	assert.strictEqual(await person.page.$eval('.day', (day) => day.textContent), 'Oggi');
	assert.strictEqual((await person.log())[0].name, 'Tu');
	await person.page.select('#side .languages', 'zh-CN');
	assert.deepStrictEqual(await read(), ['zh-CN', `房间 ${number}`, '输入消息', '发送']);
	await person.page.reload();
	await person.connected();
	await person.sees('hello');
	assert.deepStrictEqual(await read(), ['zh-CN', `房间 ${number}`, '输入消息', '发送']);
	assert.strictEqual(await person.page.$eval('.day', (day) => day.textContent), '今天');
	await person.picture(`chinese-${name}`);
	/* Every language has every word. */
	const missing = await person.page.evaluate(async () => {
		const [en, ...others] = await Promise.all(['en', 'it', 'zh_CN'].map(async (tag) => (await import(`/${tag}.js`)).default));
		return others.map((words) => Object.keys({ ...en, ...words }).filter((key) => !(key in words) || !(key in en)));
	});
	assert.deepStrictEqual(missing, [[], []]);
	await person.close();
}

/* No mouse: enter, write, send, choose a person, go back, go away. */
async function keyboard(browser, server) {
	const other = await Client.open(server.port);
	other.send({ type: 'login', client_name: 'Zoe', room_id: 'keys', history: 0 });
	const person = await Person.sit(browser, server.page, { query: '?room_id=keys' });
	const { keyboard: keys } = person.page;
	const focused = () => person.page.evaluate(() => document.activeElement.id || document.activeElement.className);
	const tabTo = async (wanted) => {
		const seen = [];
		for (let i = 0; i < 30; i++) {
			await keys.press('Tab');
			seen.push(await focused());
			if (seen.at(-1) === wanted)
				return seen;
		}
		return assert.fail(`Tab never comes to ${wanted}: ${seen}`);
	};

	assert.strictEqual(await focused(), 'name');
	await keys.type('Anna');
	await keys.press('Enter');
	await person.connected();
	assert.strictEqual(await focused(), 'text');
	await keys.type('with keys');
	await keys.press('Enter');
	await person.sees('with keys');
	assert.deepStrictEqual(await tabTo('person'), ['send', 'leave', 'person']);
	await keys.press('Enter');
	assert.strictEqual(await focused(), 'text');
	await keys.type('privately');
	await keys.press('Enter');
	await person.sees('privately');
	assert.ok((await person.log()).at(-1).private);
	await keys.press('Escape');
	assert.strictEqual(await person.page.$eval('#to', (select) => select.value), 'all');
	const order = await tabTo('log');
	assert.deepStrictEqual(order.filter((id) => ['person', 'room', 'room-other', 'log'].includes(id)), ['person', 'room', 'room-other', 'log']);
	/* What has the focus shows it, what can have it has a name. */
	const nameless = await person.page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, a[href]')]
		.filter((element) => !element.hidden)
		.filter((element) => !(element.getAttribute('aria-label') || element.labels?.[0]?.textContent.trim() || element.textContent.trim()))
		.map((element) => element.outerHTML));
	assert.deepStrictEqual(nameless, []);
	/* Others' messages are read out, once. */
	other.send({ type: 'say', to_client_id: 'all', to_client_name: 'all', content: 'can you hear me?' });
	await person.until(() => /Zoe: can you hear me\?$/.test(document.getElementById('announcer').textContent));
	other.close();
	await person.close();
}

/* Runs in the page: the contrast of every colour that a name may have, against what it stands on. */
function contrasts() {
	const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
	const luminance = (...colours) => {
		for (const colour of colours) {
			canvas.fillStyle = colour;
			canvas.fillRect(0, 0, 1, 1);
		}
		const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => byte / 255)
			.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
	const ground = getComputedStyle(document.body).backgroundColor;
	const probe = document.body.appendChild(document.createElement('span'));
	const found = Array.from({ length: 12 }, (_, hue) => {
		probe.className = `avatar hue-${hue}`;
		const { color, backgroundColor } = getComputedStyle(probe);
		return Math.min(contrast(luminance(color), luminance(ground)), contrast(luminance(color), luminance(ground, backgroundColor)));
	});
	probe.remove();
	return found;
}

async function looks(browser, server, name) {
	const schemes = name === 'chromium' ? ['light', 'dark'] : ['dark'];

	for (const scheme of schemes) {
		const person = await Person.sit(browser, server.page, {
			viewport: name === 'chromium' ? PHONE : { width: 390, height: 780 },
			query: `?room_id=${roomOf(name)}`,
			prepare: (page) => name === 'chromium' && page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]),
		});
		await person.enter('Anna');
		await person.sees('hello');
		const look = await person.page.evaluate(() => ({
			dark: matchMedia('(prefers-color-scheme: dark)').matches,
			ground: getComputedStyle(document.body).backgroundColor,
			wide: document.documentElement.scrollWidth > innerWidth,
			send: document.getElementById('send').getBoundingClientRect().toJSON(),
		}));
		assert.strictEqual(look.dark, scheme === 'dark');
		assert.strictEqual(look.ground, scheme === 'dark' ? 'rgb(20, 23, 29)' : 'rgb(243, 244, 247)');
		assert.strictEqual(look.wide, false);
		assert.ok(look.send.right <= 390 && look.send.bottom <= 780 && look.send.width >= 40, JSON.stringify(look.send));
		for (const contrast of await person.page.evaluate(contrasts))
			assert.ok(contrast >= CONTRAST, `a name's contrast is ${contrast}, ${scheme}`);
		/* People come in from the side and go again. */
		await person.page.click('#side-open');
		await person.page.waitForSelector('#side-close', { visible: true });
		assert.strictEqual(await person.page.$eval('.main', (main) => main.inert), true);
		await person.picture(`phone-${name}-${scheme}`);
		await person.page.keyboard.press('Escape');
		await person.page.waitForSelector('#side', { hidden: true });
		await person.close();
	}
}

/* Who looks elsewhere sees in the title how much there is to read. */
async function unread(browser, server) {
	const person = await Person.sit(browser, server.page, { query: '?room_id=title' });
	const other = await Client.open(server.port);

	await person.enter('Anna');
	assert.strictEqual(await person.page.title(), 'title · wschat');
	const elsewhere = await person.context.newPage();
	await elsewhere.bringToFront();
	other.send({ type: 'login', client_name: 'Zoe', room_id: 'title', history: 0 },
		...['one', 'two'].map((content) => ({ type: 'say', to_client_id: 'all', to_client_name: 'all', content })));
	await person.sees('one', 'two');
	assert.strictEqual(await person.page.title(), '(2) title · wschat');
	await person.page.bringToFront();
	await person.until(() => document.title === 'title · wschat');
	other.close();
	await elsewhere.close();
	await person.close();
}

/* Another site, which has the chat under a path of its own, and nothing else of it. */
function siteAbove(web) {
	const within = (url) => url.startsWith('/elsewhere/chat/') ? url.slice('/elsewhere/chat'.length) : null;
	const onward = ({ url, method, headers }) => http.request({ host: '127.0.0.1', port: web, path: within(url), method, headers });
	const site = http.createServer((request, response) => {
		if (!within(request.url))
			return response.writeHead(404).end();
		return onward(request).on('response', (answer) => {
			response.writeHead(answer.statusCode, answer.headers);
			answer.pipe(response);
		}).end();
	});

	site.on('upgrade', (request, socket) => {
		if (!within(request.url))
			return socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
		return onward(request).on('upgrade', (answer, other) => {
			const fields = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
			socket.write(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`);
			for (const [from, to] of [[socket, other], [other, socket]])
				from.on('error', () => to.destroy()).pipe(to);
		}).end();
	});
	return new Promise((resolve) => site.listen(0, '127.0.0.1', () => resolve(site)));
}

async function underAPath(browser) {
	const server = await new Server(['--trusted-proxy', '127.0.0.1']).start();
	const site = await siteAbove(server.webPort);
	const person = await Person.sit(browser, `http://127.0.0.1:${site.address().port}/elsewhere/chat/`, { query: '?room_id=above' });

	await person.enter('Anna');
	await person.say('from under a path');
	await person.sees('from under a path');
	const { violations, errors } = await person.records();
	assert.deepStrictEqual([violations, errors], [[], []]);
	await person.close();
	site.closeAllConnections();
	site.close();
	await server.stop();
}

const cases = [texts, hostilePeople, history, rooms, refusals, chooser, looks, keyboard, unread, underAPath];

(async () => {
	const server = await new Server(['--message-rate', '0']).start();
	const run = async (name) => {
		let browser;
		try {
			browser = await start(name);
		} catch (error) {
			return tap.skip(`the page in ${name}`, `it cannot be started: ${error.message}`);
		}
		for (const each of name === 'chromium' ? [...cases, languages] : cases)
			await tap.test(`${each.name}, ${name}`, () => each(browser, server, name));
		return browser.close();
	};

	await Promise.all(['chromium', 'firefox'].map(run));
	await tap.test('the server stops cleanly', () => server.stop());
	tap.done();
	process.exit(0);
})();
