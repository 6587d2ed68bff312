'use strict';
const { define } = require('../lib/case.js');
const { bomb, frame } = require('../lib/ws.js');

const INFLATES_TO = 1 << 30;
const LIMIT = 1 << 20;

/* About 1 MB that inflates to 1 GiB. What is kept is what the limit allows; memory.test.js looks at how much that is. */
module.exports = define(module, 'a deflate bomb', (capture) => {
	const ws = capture.session({ timestamps: false });
	const payload = bomb(INFLATES_TO);

	ws.open({ deflate: 'permessage-deflate; client_no_context_takeover' });
	ws.client.write(frame({ opcode: 'binary', rsv: 4, payload, mask: Buffer.from([7, 7, 7, 7]) }));
	ws.client.expect({ event: 'limit', limit: 'max-inflated' });
	ws.client.expect({
		event: 'message', opcode: 'binary', wire_len: payload.length, len: LIMIT, frames: 1, compressed: true,
		masked: true, truncated: 'max-inflated', text: '\0'.repeat(LIMIT),
	});
	ws.client.text('and on it goes');
	ws.server.text('and on it goes');
	ws.close();
}, { slow: ['bytes'], args: ['--max-inflated', '1M'] });
