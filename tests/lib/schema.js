'use strict';
/* The events that wscap-json(5) describes: which fields each may have, and of what kind. */

const number = (value) => Number.isSafeInteger(value) && value >= 0;
const text = (value) => typeof value === 'string';
const flag = (value) => typeof value === 'boolean';
const oneOf = (...values) => (value) => values.includes(value);

const dir = oneOf('c2s', 's2c');
const endpoint = (value) => /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\]):\d+$/.test(value);

const base64 = (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0;
const payload = {
	dir, len: number, wire_len: number, frames: number, compressed: flag, masked: flag,
	'text?': text, 'base64?': base64,
	'truncated?': oneOf('max-message', 'max-inflated', 'missing-bytes', 'missing-context', 'bad-deflate'),
};

const every = { event: text, time: (value) => /^\d+\.\d{9}$/.test(value), conn: (value) => number(value) && value > 0,
		packet: (value) => number(value) && value > 0, 'stream?': (value) => number(value) && value > 0,
		'within?': (value) => number(value) && value > 0, 'tls?': oneOf(true) };

const refusal = { 'reason?': text, 'location?': text, 'retry_after?': text, 'authenticate?': text };

/* A question mark: it may be left out. */
const kinds = {
	tcp_open: { client: endpoint, server: endpoint, 'mid_stream?': oneOf(true) },
	tcp_close: { how: oneOf('fin', 'rst', 'timeout', 'reused') },
	handshake: {
		client: endpoint, server: endpoint, 'path?': text, 'host?': text, 'origin?': text, 'user_agent?': text,
		'protocol?': text, 'extensions?': text, status: number, 'accept_ok?': flag,
		...refusal,
	},
	tunnel: { target: text, status: number, ...refusal },
	upgrade: { 'protocol?': text },
	mid_stream: { dir, why: oneOf('exact', 'chain') },
	message: { opcode: oneOf('text', 'binary', 'continuation', 'reserved'), ...payload },
	control: {
		opcode: oneOf('ping', 'pong', 'close', 'reserved'), ...payload, 'close_code?': number, 'close_reason?': text,
	},
	gap: { dir, len: (value) => number(value) && value > 0, 'captured?': oneOf(true) },
	violation: { dir, rule: text, section: (value) => /^RFC (6455|7692|8441|9112|9113), section \d+(\.\d+)*$/.test(value) },
	limit: { dir, limit: text },
	tls: {
		version: text, 'server_name?': text, 'alpn?': text, suite: text, resumed: flag,
		'early_data?': oneOf('offered', 'accepted', 'rejected'),
	},
	tls_alert: { dir, fatal: flag, code: number, 'name?': text },
	tls_locked: {
		why: oneOf('secret', 'handshake', 'version', 'suite', 'wrong-secret', 'renegotiation', 'lost'), 'missing?': text,
		'client_random?': (value) => /^[0-9a-f]{64}$/.test(value),
	},
	overlap: {
		dir, 'offset?': number, len: (value) => number(value) && value > 0, kept: oneOf('first', 'last'), 'receiver?': oneOf('first', 'last'),
		'authentic?': (value) => value === true,
		'first_text?': text, 'first_base64?': base64, 'last_text?': text, 'last_base64?': base64,
	},
	fragment: {
		id: number, offset: number, len: number,
		result: oneOf('waits', 'whole', 'repeated', 'overlaps', 'bad', 'dropped', 'limit'),
		'fragments?': (value) => number(value) && value > 0, 'first_packet?': (value) => number(value) && value > 0,
		'wire_len?': number,
	},
	h2_open: { 'mid_stream?': oneOf(true) },
	h2_settings: { websocket: flag },
	h2_end: { dir },
	h2_reset: { dir, code: text },
	h2_goaway: { dir, code: text, last_stream: number, 'debug?': text },
	h2_blocked: { dir },
	h2_unblocked: { dir, waited: (value) => /^\d+\.\d{9}$/.test(value) },
	h2_unreadable: { dir },
	h2_within: { dir },
};

/* Of each event, its fields by name, and the names that are never left out. */
const tables = new Map(Object.entries(kinds).map(([name, own]) => {
	const { conn, ...others } = every;
	const fields = Object.entries({ ...others, ...(name === 'fragment' ? {} : { conn }), ...own });
	const needed = fields.map(([field]) => field).filter((field) => !field.endsWith('?'));

	return [name, { fields: new Map(fields.map(([field, kind]) => [field.replace('?', ''), kind])), needed }];
}));

function complain(what, event) {
	throw new Error(`${what} in ${JSON.stringify(event).slice(0, 1000)}`);
}

/* Throws where an event is not as described. */
function check(event) {
	const table = tables.get(event.event) || complain('an unknown event', event);

	for (const name in event) {
		const kind = table.fields.get(name) || complain(`an unknown field ${name}`, event);
		if (!kind(event[name]))
			complain(`a wrong ${name}`, event);
	}
	for (const name of table.needed)
		if (event[name] === undefined)
			complain(`no ${name}`, event);
}

module.exports = { check };
