'use strict';
/* docs/deploy.md's proxies, as they stand there but for names and TLS: the page, the WebSocket, whose connection it is,
 * and what is not for everybody. Where nginx or caddy is not installed, it is not tried. */

const assert = require('assert');
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');
const tap = require('../../lib/tap.js');
const { start, folder, freePorts } = require('../../lib/wschat.js');
const { join, sleep } = require('../../lib/peer.js');

const text = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'deploy.md'), 'utf8');
const example = (language) => text.split(`\`\`\`${language}\n`)[1].split('\n```')[0];

const get = (port, target) => new Promise((resolve, reject) => {
	http.get({ host: '127.0.0.1', port, path: target, agent: false, headers: { Host: 'chat.example.org' } }, (response) => {
		let body = '';
		response.on('data', (piece) => {
			body += piece;
		});
		response.on('end', () => resolve({ status: response.statusCode, body }));
	}).on('error', reject);
});

function replace(config, pairs) {
	return pairs.reduce((now, [from, to]) => {
		assert.ok(now.includes(from), `the example has no ${from}`);
		return now.replaceAll(from, to);
	}, config);
}

function nginx(there, port, web) {
	const server = replace(example('nginx'), [['listen 443 ssl', `listen 127.0.0.1:${port}`], ['127.0.0.1:55151', `127.0.0.1:${web}`]])
		.replace(/\tssl_.*\n/g, '');
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${there}/${name};`);

	fs.writeFileSync(path.join(there, 'nginx.conf'), `daemon off; pid ${there}/pid; error_log ${there}/error; events {}
http { access_log off; ${temporary.join(' ')}
${server}
}`);
	return ['nginx', ['-p', there, '-e', path.join(there, 'error'), '-c', path.join(there, 'nginx.conf')]];
}

function caddy(there, port, web) {
	const file = path.join(there, 'Caddyfile');

	fs.writeFileSync(file, `{
	admin off
}
${replace(example('caddy'), [['chat.example.org', `http://chat.example.org:${port}`], ['127.0.0.1:55151', `127.0.0.1:${web}`]])}
`);
	return ['caddy', ['run', '--config', file, '--adapter', 'caddyfile']];
}

async function until(works) {
	for (const deadline = Date.now() + 10000; Date.now() < deadline; await sleep(50))
		if (await works().catch(() => false))
			return;
	assert.fail('the proxy does not answer');
}

async function check(proxy) {
	const there = folder();
	const [port] = await freePorts(1);
	const server = await start({ args: ['--trusted-proxy', '127.0.0.1', '--log', 'requests', '--connections-per-address', '3'] });
	const [command, args] = proxy(there, port, server.web);
	const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, HOME: there, XDG_DATA_HOME: there } });

	try {
		await until(async () => (await get(port, '/healthz')).status === 200);
		assert.match((await get(port, '/')).body, /<html/);
		/* The page is not sent to a port that the proxy does not have. */
		assert.deepStrictEqual(JSON.parse((await get(port, '/config.json')).body), { websocket: [{ path: '/ws' }] });
		assert.strictEqual((await get(port, '/metrics')).status, 403);

		const options = (localAddress) => ({ target: '/ws', connection: { localAddress },
			fields: [['Host', 'chat.example.org'], ['Origin', 'https://chat.example.org']] });
		const peer = await join(port, 'somebody', options('127.0.0.5'));
		peer.json({ type: 'say', to_client_id: 'all', content: 'through a proxy' });
		await peer.until((message) => message.type === 'say');
		assert.match(server.log, / opened address=127\.0\.0\.5\n/);
		/* Each address has its own limit, though all come from the proxy's. */
		const others = await Promise.all(['127.0.0.5', '127.0.0.5', '127.0.0.6', '127.0.0.6', '127.0.0.6'].map((address, i) =>
			join(port, `other ${i}`, options(address))));
		await assert.rejects(join(port, 'one too many', options('127.0.0.6')), /503|null/);
		await assert.rejects(join(port, 'a stranger', { ...options('127.0.0.7'),
			fields: [['Host', 'chat.example.org'], ['Origin', 'https://evil.example']] }), /403/);
		[peer, ...others].forEach((each) => each.destroy());
	} finally {
		const ended = new Promise((resolve) => child.on('close', resolve));
		child.kill('SIGTERM');
		await ended;
		await server.stop();
	}
}

(async () => {
	for (const proxy of [nginx, caddy])
		if (spawnSync(proxy.name, ['-h']).error)
			tap.skip(`behind ${proxy.name}`, 'it is not installed');
		else
			await tap.test(`behind ${proxy.name}`, () => check(proxy));
	tap.done();
})();
