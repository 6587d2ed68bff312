'use strict';
/* A case: a conversation, its capture, and what a reader has to find in it.
 *
 *     module.exports = define(module, 'what it is', (capture) => { const ws = capture.session(); … });
 *
 * By itself, `node NAME.js out.pcap [whole|bytes|shuffled]` writes the capture for other readers, and what is expected
 * on standard output. */

const fs = require('fs');
const { Capture, WAYS } = require('./conversation.js');
const { Session } = require('./session.js');

class CaseCapture extends Capture {
	constructor(options) {
		super(options);
	}

	session(options) {
		return new Session(this, options);
	}

	/* A bit of everything, for cases that are about what lies below. */
	smallTalk() {
		const ws = this.session({ client: '192.0.2.1', server: '198.51.100.2' });

		ws.open({ deflate: 'permessage-deflate' });
		ws.client.text('hello');
		ws.server.text('hello, hello', { fragments: 2, between: () => ws.server.ping('1') });
		ws.client.pong('1');
		ws.client.text('x'.repeat(1000), { compress: false });
		ws.close();
	}

	flush() {
		for (const { tcp } of this.sessions)
			tcp.flush();
	}
}

/* options: ways (those of WAYS that make sense), slow (ways that take long), args (of wscap), atOnce (other events are
 * expected with --acknowledged), and what Capture takes.
 * check(result, assert): looks at more than the events. */
function define(from, title, build, options = {}) {
	const { ways = WAYS, slow = [], args = [], atOnce = false, check, ...capture } = options;
	const it = {
		title, ways, slow, args, atOnce, check,
		make(way, more = {}) {
			const made = new CaseCapture({ ...capture, way, ...more });
			build(made);
			made.flush();
			return made;
		},
	};

	if (require.main === from)
		write(it, process.argv[2], process.argv[3] || it.ways[0]);
	return it;
}

function write(it, path, way) {
	if (!path) {
		console.error(`Usage: node ${process.argv[1]} FILE [${WAYS.join('|')}]`);
		process.exit(2);
	}
	const made = it.make(way);
	fs.writeFileSync(path, made.bytes());
	for (const { expected } of made.sessions)
		console.log(JSON.stringify(expected, null, '\t'));
}

module.exports = { define };
