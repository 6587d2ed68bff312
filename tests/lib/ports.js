'use strict';
/* Ports for the servers that a test starts. They lie below those that the kernel gives to clients, so that nobody gets
 * one by chance between the look and the bind, or while the server is restarted.
 *
 *     const [chat, web] = await freePorts(2); */

const crypto = require('crypto');
const net = require('net');

const LOWEST = 12000, HIGHEST = 31999;

function hold() {
	return new Promise((resolve, reject) => {
		const server = net.createServer();
		const next = () => server.listen(crypto.randomInt(LOWEST, HIGHEST + 1), '127.0.0.1');

		server.on('listening', () => resolve(server));
		server.on('error', (error) => (error.code === 'EADDRINUSE' ? next() : reject(error)));
		next();
	});
}

/* As many as asked for, all held at once, so that they differ. */
async function freePorts(count) {
	const servers = await Promise.all(Array.from({ length: count }, hold));
	const ports = servers.map((server) => server.address().port);

	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}

module.exports = { freePorts };
