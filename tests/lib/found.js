'use strict';
/* What wscap finds in a capture, in the form that session.js expects: by connection, and by direction in it. */

const { events } = require('./wscap.js');

/* Why the boundary is trusted depends on where the segments end: it differs between the ways of one case. */
const TRUSTED = ['exact', 'chain'];

/* [{ conn, c2s, s2c }, …] in the order of the connections' numbers; events without what differs from run to run. */
function found(capture, args) {
	const conns = [];

	for (const { time, conn, packet, ...event } of events(capture, args)) {
		if (!/^\d+\.\d{9}$/.test(time) || !(packet > 0) || !(conn > 0))
			throw new Error(`an event without time, packet or connection: ${JSON.stringify({ time, conn, packet, ...event })}`);
		conns[conn - 1] = conns[conn - 1] || { conn: [], c2s: [], s2c: [] };
		if (event.event === 'mid_stream' && !TRUSTED.includes(event.why))
			throw new Error(`a boundary that is trusted for no reason: ${event.why}`);
		delete event.why;
		conns[conn - 1][event.dir || 'conn'].push(event);
	}
	return conns;
}

module.exports = { found };
