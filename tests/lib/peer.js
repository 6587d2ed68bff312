'use strict';
/* The other end of a connection to wschat, over a raw socket: it can say anything, also what is wrong, and shows every
 * frame that it hears. */

const crypto = require('crypto');
const net = require('net');
const tls = require('tls');
const zlib = require('zlib');
const { OPCODE, accept, closePayload, frame, head } = require('./ws.js');

/* How long a test waits for what has to come; a build with sanitizers on a busy machine is slow. */
const PATIENCE = 60000;

/* Bytes as they come. */
class Stream {
	constructor(socket) {
		this.socket = socket;
		this.bytes = Buffer.alloc(0);
		this.error = null;
		this.ended = false;
		this.waiting = [];
		socket.on('data', (bytes) => {
			this.bytes = this.bytes.length ? Buffer.concat([this.bytes, bytes]) : bytes;
			this.wake();
		});
		const over = (error) => {
			this.ended = true;
			this.error = this.error || error || null;
			this.wake();
		};
		socket.on('error', over);
		socket.on('end', () => over());
		socket.on('close', () => over());
	}

	wake() {
		for (const look of this.waiting.splice(0))
			look();
	}

	/* What take() gives as soon as it is not undefined; null when the connection ends before. */
	async until(take, what = 'bytes', patience = PATIENCE) {
		const deadline = Date.now() + patience;

		for (;;) {
			const found = take();
			if (found !== undefined)
				return found;
			if (this.ended)
				return null;
			const left = deadline - Date.now();
			if (left <= 0)
				throw new Error(`waited ${patience} ms for ${what}, have ${this.bytes.length} bytes`);
			await new Promise((resolve) => {
				const timer = setTimeout(resolve, left);
				this.waiting.push(() => {
					clearTimeout(timer);
					resolve();
				});
			});
		}
	}

	take(count) {
		const taken = this.bytes.subarray(0, count);

		this.bytes = this.bytes.subarray(count);
		return taken;
	}

	write(bytes) {
		if (!this.socket.destroyed)
			this.socket.write(bytes);
	}

	/* One HTTP answer: { status, reason, headers, body }. bodyless: an answer to HEAD. */
	async answer({ bodyless = false } = {}) {
		const text = await this.until(() => {
			const end = this.bytes.indexOf('\r\n\r\n');
			return end < 0 ? undefined : this.take(end + 4).toString('latin1');
		}, 'the head of an answer');

		if (text === null)
			return null;
		const [first, ...lines] = text.slice(0, -4).split('\r\n');
		const [, status, reason] = /^HTTP\/1\.1 (\d{3}) (.*)$/.exec(first);
		const headers = {};
		for (const line of lines) {
			const colon = line.indexOf(':');
			headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
		}
		const length = bodyless || status === '101' || status === '304' ? 0 : Number(headers['content-length'] || 0);
		const body = await this.until(() => (this.bytes.length < length ? undefined : this.take(length)), 'a body');
		return { status: Number(status), reason, headers, body: String(body || '') };
	}

	/* Resolves when the other end has closed; false when it does not within patience. */
	async gone(patience = PATIENCE) {
		try {
			await this.until(() => undefined, 'the end', patience);
			return true;
		} catch {
			return false;
		}
	}

	destroy() {
		this.socket.destroy();
	}

	/* The connection is broken without a word. */
	reset() {
		this.socket.resetAndDestroy();
	}
}

/* options: as net.connect() takes them. tls: as tls.connect() does, for a connection with TLS. */
function connect(port, { tls: secure, ...options } = {}) {
	return new Promise((resolve, reject) => {
		const to = { port, host: '127.0.0.1', ...options };
		const socket = secure ? tls.connect({ ...to, ...secure }) : net.connect(to);

		socket.once('error', reject);
		socket.once(secure ? 'secureConnect' : 'connect', () => {
			socket.removeListener('error', reject);
			socket.setNoDelay(true);
			resolve(new Stream(socket));
		});
	});
}

/* The head of an opening handshake. fields: [name, value] pairs that are put in place of those of the same name, or
 * added; an undefined value takes one away. */
function handshake({ target = '/', key = crypto.randomBytes(16).toString('base64'), fields = [], method = 'GET',
	version = 'HTTP/1.1' } = {}) {
	const usual = [['Host', '127.0.0.1'], ['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Key', key],
		['Sec-WebSocket-Version', '13']];
	const names = fields.map(([name]) => name.toLowerCase());
	const kept = usual.filter(([name]) => !names.includes(name.toLowerCase()));

	return head(`${method} ${target} ${version}`, [...kept, ...fields]);
}

/* The frame at the front of bytes: { fin, rsv, opcode, payload, length }, or undefined while it is not whole. */
function parse(bytes) {
	if (bytes.length < 2)
		return undefined;
	const short = bytes[1] & 0x7f;
	const headLength = short === 127 ? 10 : short === 126 ? 4 : 2;
	if (bytes.length < headLength)
		return undefined;
	const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
	if (bytes.length < headLength + length)
		return undefined;
	if (bytes[1] & 0x80)
		throw new Error('a server masks nothing: RFC 6455, section 5.1');
	return { fin: Boolean(bytes[0] & 0x80), rsv: (bytes[0] >> 4) & 7, opcode: bytes[0] & 0xf,
		payload: bytes.subarray(headLength, headLength + length), length: headLength + length };
}

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/* A client whose WebSocket is open. */
class Peer {
	constructor(stream, response) {
		this.stream = stream;
		this.response = response;
		this.extensions = response.headers['sec-websocket-extensions'] || '';
		this.isAnswering = true; /* pings */
	}

	/* A whole frame, masked as a client's has to be. */
	frame(opcode, payload = '', options = {}) {
		this.stream.write(frame({ opcode, payload: Buffer.from(payload), mask: MASK, ...options }));
	}

	text(payload, options) {
		this.frame('text', payload, options);
	}

	json(message) {
		this.text(JSON.stringify(message));
	}

	close(code, reason) {
		this.frame('close', code === undefined ? '' : closePayload(code, reason));
	}

	/* The next frame of any kind, or null at the end. */
	async nextFrame(patience = PATIENCE) {
		const found = await this.stream.until(() => parse(this.stream.bytes), 'a frame', patience);

		if (found)
			this.stream.take(found.length);
		return found;
	}

	/* The next message or close frame: { type: 'text'|'binary'|'close', … }; pings are answered and passed over.
	 * null: the end. */
	async next(patience = PATIENCE) {
		for (;;) {
			const got = await this.nextFrame(patience);
			if (!got)
				return null;
			if (got.opcode === OPCODE.ping && this.isAnswering)
				this.frame('pong', got.payload);
			if (got.opcode === OPCODE.close)
				return { type: 'close', code: got.payload.length ? got.payload.readUInt16BE(0) : 1005,
					reason: got.payload.subarray(2).toString() };
			if (got.opcode > OPCODE.binary)
				continue;
			if (!got.fin)
				throw new Error('wschat does not cut messages into fragments');
			const bytes = got.rsv & 4 ? this.inflate(got.payload) : Buffer.from(got.payload);
			return { type: got.opcode === OPCODE.text ? 'text' : 'binary', bytes, text: bytes.toString(),
				compressed: Boolean(got.rsv & 4) };
		}
	}

	inflate(payload) {
		return zlib.inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]),
			{ finishFlush: zlib.constants.Z_SYNC_FLUSH });
	}

	/* The next message as JSON. A close frame, or the end, is an error. */
	async nextJson(patience) {
		const got = await this.next(patience);

		if (!got || got.type !== 'text')
			throw new Error(`wanted a message, got ${JSON.stringify(got)}`);
		return JSON.parse(got.text);
	}

	/* Messages up to the first that fits, which is returned. */
	async until(fits, patience) {
		for (;;) {
			const message = await this.nextJson(patience);
			if (fits(message))
				return message;
		}
	}

	destroy() {
		this.stream.destroy();
	}
}

/* Opens a WebSocket. options: as handshake() and net.connect() take them. Fails when the server does not agree. */
async function open(port, { connection, deflate, ...options } = {}) {
	const key = crypto.randomBytes(16).toString('base64');
	const stream = await connect(port, connection);
	const fields = [...(options.fields || []), ...(deflate ? [['Sec-WebSocket-Extensions', deflate]] : [])];

	stream.write(handshake({ ...options, key, fields }));
	const response = await stream.answer();
	if (!response || response.status !== 101 || response.headers['sec-websocket-accept'] !== accept(key)) {
		stream.destroy();
		throw new Error(`no WebSocket: ${JSON.stringify(response)}`);
	}
	return new Peer(stream, response);
}

/* Somebody in the chat, speaking our page's dialect unless login says otherwise. Returns the peer; peer.welcome is the
 * first message. */
async function join(port, name, { room = '1', login = {}, ...options } = {}) {
	const peer = await open(port, options);

	peer.json({ type: 'login', client_name: name, room_id: room, history: 0, ...login });
	peer.welcome = await peer.nextJson();
	if (peer.welcome.type === 'login' && peer.welcome.token)
		peer.history = await peer.nextJson();
	peer.id = peer.welcome.client_id;
	return peer;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

module.exports = { Stream, Peer, connect, handshake, open, join, sleep, MASK, PATIENCE };
