'use strict';
/* A client that is no browser, and says what no page would. Node-ws from Debian. */

const WebSocket = require('ws');

class Client {
	static open(port) {
		const client = new Client();

		client.heard = [];
		client.socket = new WebSocket(`ws://127.0.0.1:${port}/`);
		client.socket.on('message', (data) => client.heard.push(JSON.parse(data)));
		return new Promise((resolve, reject) => {
			client.socket.once('open', () => resolve(client)).once('error', reject);
		});
	}

	send(...messages) {
		for (const message of messages)
			this.socket.send(JSON.stringify(message));
	}

	/* Resolves when test(message) is true of something that it hears from now on, or has heard. */
	hears(test) {
		return new Promise((resolve) => {
			const look = () => this.heard.some(test) && resolve();
			this.socket.on('message', look);
			look();
		});
	}

	close() {
		this.socket.close();
	}
}

module.exports = { Client };
