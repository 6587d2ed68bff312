'use strict';
/* Real browsers, Debian's Chromium and Firefox ESR, and a person who sits at one: types, clicks, and looks. */

const assert = require('assert');
const fs = require('fs');
const path = require('path');

let puppeteer;
try {
	puppeteer = require('puppeteer-core');
} catch {
	puppeteer = { launch: async () => { throw new Error('puppeteer-core is not installed; scripts/deps browser does it'); } };
}

const WAIT = 60000; /* what has to happen happens within this, on a machine that does much else */
const DESKTOP = { width: 1180, height: 760 };
const PHONE = { width: 390, height: 780, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const programs = {
	chromium: {
		browser: 'chrome',
		executablePath: '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--lang=en-US'],
	},
	firefox: {
		browser: 'firefox',
		executablePath: '/usr/bin/firefox-esr',
		/* Dark, where Chromium is light. */
		extraPrefsFirefox: { 'layout.css.prefers-color-scheme.content-override': 0, 'intl.accept_languages': 'en-US' },
	},
};

const start = (name) => puppeteer.launch({ ...programs[name], headless: true, timeout: 60000, protocolTimeout: 60000 });

/* Runs in the page before its own scripts: what goes over its WebSockets, and what must never happen, is written down. */
function record() {
	window.records = { sockets: [], violations: [], errors: [] };
	document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
		window.records.violations.push(`${violatedDirective} ${blockedURI}`));
	window.addEventListener('error', ({ message }) => window.records.errors.push(message));
	window.addEventListener('unhandledrejection', ({ reason }) => window.records.errors.push(String(reason)));
	window.WebSocket = class extends WebSocket {
		constructor(...args) {
			super(...args);
			this.record = { sent: [], heard: [], opened: false };
			window.records.sockets.push(this.record);
			this.addEventListener('open', () => { this.record.opened = true; });
			this.addEventListener('close', ({ code }) => { this.record.code = code; });
			this.addEventListener('message', ({ data }) => this.record.heard.push(data));
		}

		send(data) {
			this.record.sent.push(data);
			super.send(data);
		}
	};
}

/* What the page shows of the messages, in order. */
function readLog() {
	return [...document.querySelectorAll('#messages > .message')].map((element) => ({
		id: Number(element.dataset.id),
		own: element.classList.contains('own'),
		private: element.classList.contains('private'),
		name: element.querySelector('.who .name').textContent,
		text: element.querySelector('.text').textContent,
	}));
}

class Person {
	/* options: viewport, query, prepare(page) before the page is loaded, context to share one's cookies with another */
	static async sit(browser, address, options = {}) {
		const person = new Person();

		person.context = options.context || await browser.createBrowserContext();
		person.page = await person.context.newPage();
		person.page.setDefaultTimeout(WAIT);
		person.fingers = Boolean(options.viewport?.hasTouch);
		await person.page.setViewport(options.viewport || DESKTOP);
		await person.page.evaluateOnNewDocument(record);
		await options.prepare?.(person.page);
		await person.page.goto(address + (options.query || ''));
		return person;
	}

	async enter(name) {
		this.name = name;
		await this.page.waitForSelector('#name', { visible: true });
		await this.page.$eval('#name', (field) => { field.value = ''; });
		await this.page.type('#name', name);
		await this.page.keyboard.press('Enter');
		await this.connected();
		return this;
	}

	connected() {
		return this.page.waitForSelector('#state[data-state="open"]');
	}

	disconnected() {
		return this.page.waitForSelector('#state:not([data-state="open"])');
	}

	/* Types and sends. With a keyboard, Ctrl+Enter begins a line and Enter sends; with fingers, Enter and the button. */
	async say(text) {
		const { keyboard } = this.page;

		await this.page.focus('#text');
		for (const [i, line] of text.split('\n').entries()) {
			if (i && !this.fingers)
				await keyboard.down('Control');
			if (i)
				await keyboard.press('Enter');
			if (i && !this.fingers)
				await keyboard.up('Control');
			await keyboard.type(line);
		}
		if (this.fingers)
			await this.page.tap('#send');
		else
			await keyboard.press('Enter');
	}

	/* Chooses somebody, or everyone, as the receiver. */
	async address(name) {
		await this.until((wanted) => [...document.querySelectorAll('#to option')].some(({ text }) => text === wanted), name);
		await this.page.select('#to', await this.page.$$eval('#to option', (options, wanted) =>
			options.find(({ text }) => text === wanted).value, name));
	}

	async tell(name, text) {
		await this.address(name);
		await this.say(text);
		await this.address('Everyone');
	}

	async log() {
		return this.gone || this.page.evaluate(readLog);
	}

	texts() {
		return this.log().then((log) => log.map(({ text }) => text));
	}

	records() {
		return this.page.evaluate(() => window.records);
	}

	/* Every WebSocket since this person came, over reloads too. */
	async sockets() {
		return [...this.before || [], ...this.gone ? [] : (await this.records()).sockets];
	}

	async reload() {
		const sockets = await this.sockets();

		await this.page.reload();
		this.before = sockets;
	}

	/* Leaves, and closes the page; what it showed and heard can still be asked for. */
	async goAway() {
		const log = await this.log();

		await this.page.$eval('#leave', (button) => button.click());
		await this.until(() => window.records.sockets.every(({ opened, code }) => !opened || code));
		Object.assign(this, { before: await this.sockets(), gone: log });
		await this.page.close();
	}

	until(predicate, ...args) {
		return this.page.waitForFunction(predicate, { timeout: WAIT, polling: 50 }, ...args);
	}

	/* Shown, and confirmed by the server. */
	async sees(...texts) {
		try {
			await this.until((wanted) => {
				const shown = [...document.querySelectorAll('#messages .text')].map(({ textContent }) => textContent);
				return wanted.every((text) => shown.includes(text));
			}, texts);
		} catch {
			assert.fail(`${this.name} does not see ${JSON.stringify(texts)} but ${JSON.stringify((await this.texts()).slice(-20))}`);
		}
	}

	picture(name) {
		const folder = process.env.PICTURES;

		if (!folder)
			return null;
		fs.mkdirSync(folder, { recursive: true });
		return this.page.screenshot({ path: path.join(folder, `${name}.png`) });
	}

	close() {
		return this.page.close();
	}
}

module.exports = { start, Person, DESKTOP, PHONE };
