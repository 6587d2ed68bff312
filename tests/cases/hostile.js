'use strict';
const { define } = require('../lib/case.js');

const HOSTILE = [
	'\x1b[31mred\x1b[0m', '\x1b]0;title\x07', '\x1bc', '\x9b31m', '\r\noverwritten', '\b\b\b', 'a\tb', '\x7f', '\x00',
	'\u202egnp.exe', '\u2066isolate\u2069', '\u200b\u200f', '\u2028\u2029', '\ufeff', '\u{e0041}', '*/ /* */',
	'\\', '"quoted"', '</script>', '%s%n', 'ends in */',
];

/* What a terminal would act on, in text, header values, paths and close reasons. JSON gives it back unchanged. */
module.exports = define(module, 'hostile text wherever text can be', (capture) => {
	HOSTILE.forEach((text, i) => {
		const ws = capture.session({ clientPort: 50000 + i });
		const field = text.replace(/[\r\n\0]/g, '');
		ws.open({
			path: `/${field.replace(/[\0-\x20\x7f]/g, '')}`, /* with those it would be no request */
			request: { 'User-Agent': `ua ${field} ua`, Origin: `origin ${field} origin`, 'X-Other': field },
			response: { Server: `server ${field} server` },
		});
		ws.client.text(text);
		ws.server.text(`{"type":${JSON.stringify(text)},"name":${JSON.stringify(text)}}`);
		ws.server.text(`{"type":"${text}"}`);
		ws.server.binary(Buffer.from(text, 'latin1'));
		ws.client.ping(text);
		ws.close(1000, text);
	});
}, {
	ways: ['whole', 'shuffled'],
	/* Header values are bytes; they are here as the UTF-8 that was written. */
	harmless: true,
});
