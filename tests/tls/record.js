#!/usr/bin/env node
'use strict';
/* Makes the captures again: real programs talk WebSocket through TLS on the loopback device while tcpdump captures them.
 * Beside each capture is the key log that one of them wrote, and what they said, as they logged it:
 *
 *     NAME.pcap  NAME.keys  NAME.json: { "c2s": [message…], "s2c": [message…] }
 *
 * in captures/, or in unread/ what wscap does not read, or not to its end. A message is its text, or { "base64": … }.
 * The certificate is made for the occasion. As root:
 *
 *     NODE_PATH=/usr/share/nodejs tests/tls/record.js [NAME…] */

const fs = require('fs');
const path = require('path');
const { conversations, unread } = require('./conversations.js');

async function main(names) {
	for (const [name, record] of Object.entries({ ...conversations, ...unread })) {
		if (names.length && !names.includes(name))
			continue;
		const folder = path.join(__dirname, name in unread ? 'unread' : 'captures');
		const { capture, keys, said } = await record();

		fs.mkdirSync(folder, { recursive: true });
		fs.writeFileSync(path.join(folder, `${name}.pcap`), capture);
		fs.writeFileSync(path.join(folder, `${name}.keys`), keys);
		fs.writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(said, null, '\t')}\n`);
		process.stdout.write(`${name}: ${capture.length} bytes\n`);
	}
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
	console.error(error);
	process.exit(1);
});
