'use strict';
/* A WebSocket conversation that keeps the books: what is sent is written down as the events that a reader of the
 * capture has to find. Nothing here has ever seen wscap's output.
 *
 *     const ws = new Session(capture);
 *     ws.open({ deflate: 'permessage-deflate' });
 *     ws.client.text('hello', { fragments: 3 });
 *     ws.close();
 *
 * expected.c2s and expected.s2c have each direction's events in order; expected.conn those of the connection. */

const { Conversation } = require('./conversation.js');
const { frame, closePayload, accept, head, Deflater, OPCODE } = require('./ws.js');
const { random } = require('./random.js');

const isUtf8 = (bytes) => Buffer.from(bytes.toString('utf8'), 'utf8').equals(bytes);

/* A payload as JSON has it: text, or base64 where it is no UTF-8. */
function shown(bytes) {
	return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
}

/* Cuts bytes into count pieces of nearly the same length, or into pieces of the lengths given; the rest is the last. */
function pieces(bytes, fragments) {
	const lengths = Array.isArray(fragments)
		? fragments : new Array(fragments - 1).fill(Math.floor(bytes.length / fragments));
	const list = [];
	let at = 0;

	for (const length of lengths) {
		list.push(bytes.subarray(at, at + length));
		at += length;
	}
	return [...list, bytes.subarray(at)];
}

class Peer {
	constructor(session, dir) {
		this.session = session;
		this.dir = dir;
		this.deflater = null;
		this.corked = null;
		this.masks = random(dir === 'c2s' ? 1 : 2);
	}

	mask() {
		return this.dir === 'c2s' ? this.masks.bytes(4) : null;
	}

	/* A reader has to find this event, as the next one of this direction. */
	expect(event) {
		this.session.expected[this.dir].push({ dir: this.dir, ...event });
	}

	write(bytes) {
		if (this.corked)
			this.corked.push(bytes);
		else
			this.session.tcp.send(this.dir, bytes);
	}

	/* All that body writes from this side goes into one segment. */
	together(body) {
		this.corked = [];
		body(this);
		const bytes = Buffer.concat(this.corked);
		this.corked = null;
		this.write(bytes);
	}

	/* A frame as it is told, of which nothing is expected but what the test says. */
	raw(spec) {
		const bytes = frame({ mask: this.mask(), ...spec });

		this.write(bytes);
		return bytes;
	}

	text(text, options) {
		this.message('text', Buffer.from(text), options);
	}

	binary(bytes, options) {
		this.message('binary', bytes, options);
	}

	/* fragments: a count, or lengths of the frames before the last. compress: false where it could be but is not.
	 * between(i): called after fragment i. expect: changes to the event. */
	message(opcode, bytes, { fragments = 1, compress = true, between = () => {}, expect = {}, mask } = {}) {
		const compressed = Boolean(compress && this.deflater);
		const payload = compressed ? this.deflater.compress(bytes) : bytes;
		const list = pieces(payload, fragments);
		const key = mask === undefined ? this.mask() : mask;

		list.forEach((piece, i) => {
			this.write(frame({
				opcode: i === 0 ? opcode : 'continuation', payload: piece, fin: i === list.length - 1,
				rsv: compressed && i === 0 ? 4 : 0, mask: key && (i === 0 ? key : this.mask()),
			}));
			if (i < list.length - 1)
				between(i);
		});
		this.expect({
			event: 'message', opcode, len: bytes.length, wire_len: payload.length, frames: list.length, compressed,
			masked: key !== null, ...shown(bytes), ...expect,
		});
	}

	/* A message in one uncompressed frame of which the bytes from `from` to `to` (header included) are not captured. */
	textWithLoss(text, from, to, expect = {}) {
		const payload = Buffer.from(text);
		const bytes = frame({ opcode: 'text', payload, mask: this.mask() });
		const headerLength = bytes.length - payload.length;

		this.write(bytes.subarray(0, from));
		this.session.tcp.lose(this.dir, bytes.subarray(from, to));
		this.write(bytes.subarray(to));
		this.expect({ event: 'gap', len: to - from });
		this.expect({
			event: 'message', opcode: 'text', len: payload.length, wire_len: payload.length, frames: 1,
			compressed: false, masked: this.dir === 'c2s', truncated: 'missing-bytes',
			...shown(payload.subarray(0, from - headerLength)), ...expect,
		});
	}

	/* A compressed message that refers to bytes that no reader of the capture has. */
	unreadable(text, expect = {}) {
		const payload = this.deflater.compress(Buffer.from(text));

		this.raw({ opcode: 'text', payload, rsv: 4 });
		this.expect({
			event: 'message', opcode: 'text', len: 0, wire_len: payload.length, frames: 1, compressed: true,
			masked: this.dir === 'c2s', truncated: 'missing-context', text: '',
			...expect,
		});
	}

	control(opcode, payload, expect = {}) {
		const mask = this.mask();

		this.write(frame({ opcode, payload, mask }));
		this.expect({
			event: 'control', opcode, len: payload.length, wire_len: payload.length, frames: 1, compressed: false,
			masked: mask !== null, ...expect,
		});
	}

	ping(text = '') {
		this.control('ping', Buffer.from(text), shown(Buffer.from(text)));
	}

	pong(text = '') {
		this.control('pong', Buffer.from(text), shown(Buffer.from(text)));
	}

	close(code = 1000, reason = '') {
		const payload = code === null ? Buffer.alloc(0) : closePayload(code, reason);

		this.control('close', payload, code === null ? {} : { close_code: code, close_reason: reason });
	}

	/* The rule's section is as the table in the RFC's order has it: 'RFC 6455, section 5.1'. */
	violation(rule, section) {
		this.expect({ event: 'violation', rule, section });
	}
}

class Session {
	constructor(capture, options = {}) {
		this.tcp = new Conversation(capture, options);
		this.capture = capture;
		this.expected = { conn: [], c2s: [], s2c: [] };
		this.client = new Peer(this, 'c2s');
		this.server = new Peer(this, 's2c');
		capture.sessions.push(this);
	}

	/* TCP's handshake and WebSocket's. Fields of the heads can be changed by name (undefined leaves one out). */
	open(options = {}) {
		this.connect();
		this.handshake(options);
	}

	connect() {
		this.tcp.connect();
		this.expectOpen();
	}

	expectOpen(more = {}) {
		const { c2s, s2c } = this.tcp.ends;

		this.expected.conn.push({ event: 'tcp_open', client: endpoint(c2s), server: endpoint(s2c), ...more });
	}

	/* before, behind(): what the server writes before and behind its answer, into the same segment. mss: of these segments alone. */
	handshake({ mss = this.tcp.mss, path = '/', method = 'GET', version = 'HTTP/1.1',
		    status = '101 Switching Protocols', request = {}, response = {}, deflate, answer = deflate,
		    expect = {}, before = Buffer.alloc(0), behind = () => {} } = {}) {
		const fields = {
			Host: '127.0.0.1:7272', 'User-Agent': 'wscap-tests/1.0', Upgrade: 'websocket', Connection: 'Upgrade',
			Origin: 'http://127.0.0.1:55151', 'Sec-WebSocket-Key': 'zPDr6m4czzUdOFnsxIUEAw==',
			'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Extensions': deflate, ...request,
		};
		const answers = {
			Upgrade: 'websocket', Connection: 'Upgrade',
			'Sec-WebSocket-Accept': accept(fields['Sec-WebSocket-Key'] ?? ''), 'Sec-WebSocket-Extensions': answer,
			...response,
		};

		const usual = this.tcp.mss;
		this.tcp.mss = mss;
		this.tcp.send('c2s', head(`${method} ${path} ${version}`, Object.entries(fields)));
		this.tcp.flush();
		this.agree(answer);
		this.server.together((server) => {
			server.write(before);
			server.write(head(`HTTP/1.1 ${status}`, Object.entries(answers)));
			behind();
		});
		this.tcp.flush();
		this.tcp.mss = usual;
		const { ends } = this.tcp;
		this.expected.conn.push({
			event: 'handshake', client: endpoint(ends.c2s), server: endpoint(ends.s2c), path, host: fields.Host,
			origin: fields.Origin, user_agent: fields['User-Agent'], protocol: answers['Sec-WebSocket-Protocol'],
			extensions: answer, status: Number(status.split(' ')[0]), accept_ok: true,
			reason: status.startsWith('101') ? undefined : status.slice(4), ...expect,
		});
	}

	/* Both sides compress from now on as the server's answer has it (in its plainest form). */
	agree(answer) {
		if (!answer || !answer.startsWith('permessage-deflate'))
			return;
		const bits = (name) => Number((answer.match(new RegExp(`${name}_max_window_bits="?(\\d+)`)) || [0, 15])[1]);
		const takeover = (name) => !answer.includes(`${name}_no_context_takeover`);

		this.client.deflater = new Deflater({ windowBits: bits('client'), takeover: takeover('client') });
		this.server.deflater = new Deflater({ windowBits: bits('server'), takeover: takeover('server') });
	}

	/* What body sends is not captured, and not expected. */
	missing(body) {
		const { conn, c2s, s2c } = this.expected;

		this.expected = { conn: [], c2s: [], s2c: [] };
		this.capture.blind(body);
		this.expected = { conn, c2s, s2c };
	}

	/* From here on the conversation is captured: it is joined mid-stream. */
	joined() {
		this.expectOpen({ mid_stream: true });
		for (const peer of [this.client, this.server])
			peer.expect({ event: 'mid_stream' });
	}

	/* Only this direction was captured. */
	only(dir) {
		this.tcp.flush();
		this.capture.reorder((packets) => {
			const kept = packets.filter((packet) => packet.tcp !== this.tcp || packet.dir === dir);
			packets.splice(0, packets.length, ...kept);
		});
		this.expected[dir === 'c2s' ? 's2c' : 'c2s'] = [];
	}

	/* Close frames from both, then FINs. */
	close(code = 1000, reason = 'done') {
		this.client.close(code, reason);
		this.server.close(code, reason);
		this.tcp.close('s2c');
		this.expected.conn.push({ event: 'tcp_close', how: 'fin' });
	}
}

function endpoint({ ip, port }) {
	return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

module.exports = { Session, shown, OPCODE };
