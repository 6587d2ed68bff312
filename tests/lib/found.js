'use strict';
/* What wscap finds in a capture, in the form that session.js expects: by connection, and by direction in it. */

const { check } = require('./schema.js');

/* Gaps without anything between them are one: acknowledgements tell of them piece by piece. */
function add(list, event) {
	const last = list[list.length - 1];

	if (last && last.event === 'gap' && event.event === 'gap' && last.captured === event.captured)
		last.len += event.len;
	else
		list.push(event);
}

/* [{ conn, c2s, s2c }, …] in the order of the connections' numbers; events without what differs from way to way: where
 * segments end decides which packet completes what, and why a boundary is trusted. */
function found(events) {
	const conns = [];

	for (const each of events) {
		check(each);
		if (each.event === 'fragment') /* no connection's */
			continue;
		const { time, conn, packet, why, ...event } = each;
		conns[conn - 1] = conns[conn - 1] || { conn: [], c2s: [], s2c: [] };
		add(conns[conn - 1][event.dir || 'conn'], event);
	}
	return conns;
}

module.exports = { found };
