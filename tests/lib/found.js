'use strict';
/* What wscap finds in a capture, in the form that session.js expects: by connection, and by direction in it. */

const { check } = require('./schema.js');

/* [{ conn, c2s, s2c }, …] in the order of the connections' numbers; events without what differs from way to way: where
 * segments end decides which packet completes what, and why a boundary is trusted. */
function found(events) {
	const conns = [];

	for (const each of events) {
		check(each);
		const { time, conn, packet, why, ...event } = each;
		conns[conn - 1] = conns[conn - 1] || { conn: [], c2s: [], s2c: [] };
		conns[conn - 1][event.dir || 'conn'].push(event);
	}
	return conns;
}

module.exports = { found };
