'use strict';
/* The facts that the story of the document's capture has to tell, packet by packet: numbers and words that no telling of
 * that packet can do without. The wording is the narrator's; expected/ holds it. */

const assert = require('assert');
const path = require('path');
const tap = require('../lib/tap.js');
const { wscap } = require('../lib/wscap.js');
const { blocks } = require('../lib/story.js');

const LOGIN = '{"type":"login","name":"mynick"}';
const USERS = '{"type":"user_list","user_list":[{"uid":783654164,"name":"\\u732a\\u732a"},{"uid":783700053,"name":"mynick"}]}';
const LOGGED_IN = '{"type":"login","uid":783700053,"name":"mynick","time":"2014-08-12 17:50:30"}';
const SAY = '{"type":"say","to_uid":"all","content":"hi,  all !"}';
const SAID = '{"type":"say","from_uid":783700053,"to_uid":"all","content":"hi,  all !","time":"2014-08-12 :51:02"}';

/* A string stands in the block as it is, whatever the language; { en } is looked for in the English story alone. */
const facts = [
	['60584', '7272', { en: /1 of 3/ }, { en: /client|browser/ }],
	['60584', '7272', { en: /2 of 3/ }],
	['60653', '7272', { en: /1 of 3/ }],
	['60653', '7272', { en: /2 of 3/ }],
	['60653', { en: /3 of 3/ }, { en: /stands/ }],
	['WebSocket', '127.0.0.1:7272', 'http://127.0.0.1:55151', 'Firefox 31', 'Ubuntu', '13', 'GET / HTTP/1.1',
	 'Sec-WebSocket-Key: zPDr6m4czzUdOFnsxIUEAw==', 'Upgrade: websocket', { en: /request/ }],
	['WebSocket', { en: /request/ }],
	['WebSocket', '101', 'Sec-WebSocket-Accept: nSsCeIBUsFnDJCRb/BNlFzBUDpM=', { en: /key/ }, /11[.,]5 ms/],
	['WebSocket', { en: /open/ }],
	['login', '60653', '7272', '9a 26 5f 9d', '32', LOGIN, 'mynick', { en: /text/ }],
	['user_list', '108', USERS, { en: /\b(2|two) users\b/ }, { en: /login/ }, /0[.,]87 ms/],
	['user_list', 'mynick'],
	['login', '77', 'mynick', LOGGED_IN],
	['login', 'mynick'],
	['435', '815', 'login', LOGGED_IN, { en: /mid-stream/ }, { en: /copy 2/ }, { en: /not captured/ }, /60 µs/],
	['login'],
	['say', 'mynick', '52', SAY, { en: /text/ }],
	['say', 'mynick', SAID, '17', /1[.,]6 ms/],
	['say', 'mynick'],
	['say', SAID, { en: /copy 2/ }, /42 µs/],
	['say'],
];

/* Counted at the end, on standard error. */
const sums = ['21 packets', '2 connections', 'mid-stream', '1 handshake', '7 messages', '2 from clients', '5 from', '2 copies',
	      /1,?250 bytes/, 'no violation'];

const capture = path.join(__dirname, 'workerman-chat-2014.pcap');

for (const lang of ['en', 'it', 'zh_CN']) {
	const { stdout, stderr } = wscap(['-Ans', '4096', '--lang', lang, '-r', capture]);
	const packets = blocks(stdout.toString('utf8')).slice(1);

	tap.test(`${lang}: a block for each of the 21 packets`, () => assert.strictEqual(packets.length, facts.length));
	facts.forEach((list, i) => tap.test(`${lang}: the facts of packet ${i + 1}`, () => {
		/* As a reader has it: lines that were wrapped are one sentence. */
		const block = packets[i].block.join('\n');
		const text = `${block}\n${block.replace(/\n \* /g, ' ')}`;
		for (const fact of list) {
			const pattern = fact.en && lang === 'en' ? fact.en : fact;
			if (pattern.en)
				continue;
			const told = typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
			assert.ok(told, `${pattern} in:\n${block}`);
		}
	}));
	if (lang === 'en')
		tap.test('the sums at the end', () => {
			for (const sum of sums)
				assert.match(stderr.toString(), sum instanceof RegExp ? sum : new RegExp(sum));
		});
}
tap.done();
