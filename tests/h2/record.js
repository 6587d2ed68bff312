#!/usr/bin/env node
'use strict';
/* Makes the captures of captures/ again: real programs talk WebSocket over HTTP/2 on the loopback device while tcpdump
 * captures them. Beside each capture is what they said, as they logged it, and the key log where there is TLS:
 *
 *     NAME.pcap  NAME.json: [{ "path": …, "c2s": [message…], "s2c": [message…] }, …]  NAME.keys
 *
 * As root:
 *
 *     NODE_PATH=/usr/share/nodejs tests/h2/record.js [NAME…] */

const fs = require('fs');
const path = require('path');
const { conversations } = require('./conversations.js');

const folder = path.join(__dirname, 'captures');

async function main(names) {
	fs.mkdirSync(folder, { recursive: true });
	for (const [name, record] of Object.entries(conversations)) {
		if (names.length && !names.includes(name))
			continue;
		const { capture, keys, said } = await record();

		fs.writeFileSync(path.join(folder, `${name}.pcap`), capture);
		fs.writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(said, null, '\t')}\n`);
		if (keys?.length)
			fs.writeFileSync(path.join(folder, `${name}.keys`), keys);
		process.stdout.write(`${name}: ${capture.length} bytes\n`);
	}
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
	console.error(error);
	process.exit(1);
});
