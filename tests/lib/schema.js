'use strict';
/* The events that wscap-json(5) describes: which fields each may have, and of what kind. */

const number = (value) => Number.isSafeInteger(value) && value >= 0;
const text = (value) => typeof value === 'string';
const flag = (value) => typeof value === 'boolean';
const oneOf = (...values) => (value) => values.includes(value);

const dir = oneOf('c2s', 's2c');
const endpoint = (value) => /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\]):\d+$/.test(value);

const payload = {
	dir, len: number, wire_len: number, frames: number, compressed: flag, masked: flag,
	'text?': text, 'base64?': (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0,
	'truncated?': oneOf('max-message', 'max-inflated', 'missing-bytes', 'missing-context', 'bad-deflate'),
};

const every = { event: text, time: (value) => /^\d+\.\d{9}$/.test(value), conn: (value) => number(value) && value > 0,
		packet: (value) => number(value) && value > 0 };

/* A question mark: it may be left out. */
const kinds = {
	tcp_open: { client: endpoint, server: endpoint, 'mid_stream?': oneOf(true) },
	tcp_close: { how: oneOf('fin', 'rst', 'timeout', 'reused') },
	handshake: {
		client: endpoint, server: endpoint, 'path?': text, 'host?': text, 'origin?': text, 'user_agent?': text,
		'protocol?': text, 'extensions?': text, status: number, 'accept_ok?': flag,
	},
	mid_stream: { dir, why: oneOf('exact', 'chain') },
	message: { opcode: oneOf('text', 'binary', 'continuation', 'reserved'), ...payload },
	control: { opcode: oneOf('ping', 'pong', 'close', 'reserved'), ...payload, 'close_code?': number, 'close_reason?': text },
	gap: { dir, len: (value) => number(value) && value > 0 },
	violation: { dir, rule: text, section: (value) => /^RFC (6455|7692), section \d+(\.\d+)*$/.test(value) },
	limit: { dir, limit: text },
};

/* Throws where an event is not as described. */
function check(event) {
	const fields = { ...every, ...kinds[event.event] };
	const complain = (what) => {
		throw new Error(`${what} in ${JSON.stringify(event).slice(0, 1000)}`);
	};

	if (!kinds[event.event])
		complain('an unknown event');
	for (const [name, value] of Object.entries(event)) {
		const kind = fields[name] || fields[`${name}?`];
		if (!kind)
			complain(`an unknown field ${name}`);
		if (!kind(value))
			complain(`a wrong ${name}`);
	}
	for (const name of Object.keys(fields))
		if (!name.endsWith('?') && event[name] === undefined)
			complain(`no ${name}`);
}

module.exports = { check };
