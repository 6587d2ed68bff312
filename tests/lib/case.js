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
		this.sessions = [];
	}

	session(options) {
		return new Session(this, options);
	}

	flush() {
		for (const { tcp } of this.sessions)
			tcp.flush();
	}
}

/* options: ways (those of WAYS that make sense), slow (ways that take long), args (of wscap), and what Capture takes.
 * check(result, assert): looks at more than the events. */
function define(from, title, build, options = {}) {
	const { ways = WAYS, slow = [], args = [], check, ...capture } = options;
	const it = {
		title, ways, slow, args, check,
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
