'use strict';
const { define } = require('../lib/case.js');
const { head } = require('../lib/ws.js');

/* What looks like a frame behind a 101 to something else is none. */
module.exports = define(module, 'an upgrade to another protocol', (capture) => {
	const ws = capture.session();

	ws.connect();
	ws.tcp.send('c2s', head('GET / HTTP/1.1', [['Host', 'a'], ['Connection', 'Upgrade'], ['Upgrade', 'irc/6.9']]));
	ws.tcp.send('s2c', head('HTTP/1.1 101 Switching Protocols', [['Connection', 'Upgrade'], ['Upgrade', 'irc/6.9']]));
	ws.tcp.flush();
	ws.expected.conn.push({ event: 'upgrade', protocol: 'irc/6.9' });
	ws.tcp.send('s2c', Buffer.from('\x81\x05hello', 'latin1'));
	ws.tcp.close('s2c');
	ws.expected.conn.push({ event: 'tcp_close', how: 'fin' });
});
