'use strict';
/* docs/deploy.md's proxies, as they stand there but for addresses and certificates: the page, the WebSocket (wss:, where the
 * proxy has a certificate of ours), whose connection it is, and what is not for everybody. What is not installed is not
 * tried. */

const assert = require('assert');
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');
const tap = require('../../lib/tap.js');
const { start, folder, freePorts } = require('../../lib/wschat.js');
const { join, sleep } = require('../../lib/peer.js');

const text = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'deploy.md'), 'utf8');
const examples = (language) => text.split(`\`\`\`${language}\n`).slice(1).map((rest) => rest.split('\n```')[0]);
const HOST = 'chat.example.org';

const get = ({ port, ca }, target) => new Promise((resolve, reject) => {
	const options = { host: '127.0.0.1', port, path: target, agent: false, headers: { Host: HOST }, ca, servername: HOST };

	(ca ? https : http).get(options, (response) => {
		let body = '';
		response.on('data', (piece) => {
			body += piece;
		});
		response.on('end', () => resolve({ status: response.statusCode, body }));
	}).on('error', reject);
});

/* A certificate for chat.example.org that only we believe: its files, and itself. */
function certify(there) {
	const [cert, key, both] = ['cert.pem', 'key.pem', 'both.pem'].map((name) => path.join(there, name));
	const { status, stderr } = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${HOST}`,
		'-addext', `subjectAltName=DNS:${HOST}`, '-keyout', key, '-out', cert]);

	assert.strictEqual(status, 0, `${stderr}`);
	fs.writeFileSync(both, fs.readFileSync(cert) + fs.readFileSync(key));
	return { cert, key, both, ca: fs.readFileSync(cert) };
}

function replace(config, pairs) {
	return pairs.reduce((now, [from, to]) => {
		assert.ok(now.includes(from), `the example has no ${from}`);
		return now.replaceAll(from, to);
	}, config);
}

/* Each writes its configuration, and returns the command that runs it. */
function runNginx({ there, port, web, tls }, locations) {
	const server = replace(locations, [['listen 443 ssl', `listen 127.0.0.1:${port} ssl`], ['127.0.0.1:55151', `127.0.0.1:${web}`],
		['/etc/ssl/chat.example.org.pem', tls.cert], ['/etc/ssl/chat.example.org.key', tls.key]]);
	const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${there}/${name};`);

	fs.writeFileSync(path.join(there, 'nginx.conf'), `daemon off; pid ${there}/pid; error_log ${there}/error; events {}
http { access_log off; ${temporary.join(' ')}
${server}
}`);
	return ['nginx', ['-p', there, '-e', path.join(there, 'error'), '-c', path.join(there, 'nginx.conf')]];
}

const nginx = (setting) => runNginx(setting, examples('nginx')[0]);

/* The locations of the second example, in the server of the first. */
function nginxUnderAPath(setting) {
	const [server, locations] = examples('nginx');

	return runNginx(setting, `${server.split('\n\tlocation ')[0]}\n${locations}\n}`);
}

function haproxy({ there, port, web, tls }) {
	const file = path.join(there, 'haproxy.cfg');

	fs.writeFileSync(file, `${replace(examples('haproxy')[0], [[':443', `127.0.0.1:${port}`],
		['/etc/ssl/private/chat.example.org.pem', tls.both], ['127.0.0.1:55151', `127.0.0.1:${web}`]])}\n`);
	return ['haproxy', ['-db', '-f', file]];
}

function caddy({ there, port, web }) {
	const file = path.join(there, 'Caddyfile');

	fs.writeFileSync(file, `{
	admin off
}
${replace(examples('caddy')[0], [['chat.example.org', `http://chat.example.org:${port}`], ['127.0.0.1:55151', `127.0.0.1:${web}`]])}
`);
	return ['caddy', ['run', '--config', file, '--adapter', 'caddyfile']];
}

async function until(works) {
	for (const deadline = Date.now() + 10000; Date.now() < deadline; await sleep(50))
		if (await works().catch(() => false))
			return;
	assert.fail('the proxy does not answer');
}

/* path: what the chat is under. */
async function check(make, { tls, under = '/' }) {
	const there = folder();
	const [port] = await freePorts(1);
	const server = await start({ args: ['--trusted-proxy', '127.0.0.1', '--log', 'requests', '--connections-per-address', '3'] });
	const certificate = tls ? certify(there) : {};
	const at = { port, ca: certificate.ca };
	const [command, args] = make({ there, port, web: server.web, tls: certificate });
	const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, HOME: there, XDG_DATA_HOME: there } });

	try {
		await until(async () => (await get(at, `${under}healthz`)).status === 200);
		assert.match((await get(at, under)).body, /<html/);
		/* The page is not sent to a port that the proxy does not have. */
		assert.deepStrictEqual(JSON.parse((await get(at, `${under}config.json`)).body), { websocket: [{ path: 'ws' }] });
		assert.strictEqual((await get(at, `${under}metrics`)).status, 403);

		const options = (localAddress, origin = `https://${HOST}`) => ({ target: `${under}ws`,
			connection: { localAddress, tls: tls && { ca: certificate.ca, servername: HOST } },
			fields: [['Host', HOST], ['Origin', origin]] });
		const peer = await join(port, 'somebody', options('127.0.0.5'));
		peer.json({ type: 'say', to_client_id: 'all', content: 'through a proxy' });
		await peer.until((message) => message.type === 'say');
		assert.match(server.log, / opened address=127\.0\.0\.5\n/);
		/* Each address has its own limit, though all come from the proxy's. */
		const others = await Promise.all(['127.0.0.5', '127.0.0.5', '127.0.0.6', '127.0.0.6', '127.0.0.6'].map((address, i) =>
			join(port, `other ${i}`, options(address))));
		await assert.rejects(join(port, 'one too many', options('127.0.0.6')), /503|null/);
		await assert.rejects(join(port, 'a stranger', options('127.0.0.7', 'https://evil.example')), /403/);
		[peer, ...others].forEach((each) => each.destroy());
	} finally {
		const ended = new Promise((resolve) => child.on('close', resolve));
		child.kill('SIGTERM');
		await ended;
		await server.stop();
	}
}

const cases = [
	['nginx', nginx, { tls: true }],
	['nginx', nginxUnderAPath, { tls: true, under: '/chat/' }],
	['haproxy', haproxy, { tls: true }],
	['caddy', caddy, {}],
];

(async () => {
	const has = (program) => !spawnSync(program, ['-h']).error;

	for (const [program, make, options] of cases) {
		const name = `behind ${program}${options.under ? ', under a path' : ''}${options.tls ? ', wss:' : ''}`;

		if (!has(program) || (options.tls && !has('openssl')))
			tap.skip(name, 'it is not installed');
		else
			await tap.test(name, () => check(make, options));
	}
	tap.done();
})();
