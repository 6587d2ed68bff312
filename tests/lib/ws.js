'use strict';
/* WebSocket's bytes: frames, heads of the handshake, permessage-deflate. Whatever is wrong can be written too. */

const crypto = require('crypto');
const zlib = require('zlib');

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

function xor(payload, key) {
	const bytes = Buffer.allocUnsafe(payload.length);

	for (let i = 0; i < payload.length; i++)
		bytes[i] = payload[i] ^ key[i & 3];
	return bytes;
}

/* The length as the header has it. form: how many bytes it takes behind the seven bits (0, 2, 8), where a test wants
 * another than the shortest. length may be a BigInt. */
function lengthBytes(length, form = length < 126 ? 0 : length < 65536 ? 2 : 8) {
	const bytes = Buffer.alloc(1 + form);

	bytes[0] = form === 0 ? Number(length) : form === 2 ? 126 : 127;
	if (form === 2)
		bytes.writeUInt16BE(length, 1);
	if (form === 8)
		bytes.writeBigUInt64BE(BigInt(length), 1);
	return bytes;
}

/* One frame. mask is four bytes or null; rsv is 4, 2, 1 for RSV1 to RSV3; length is what the header claims. */
function frame({ opcode, payload = Buffer.alloc(0), fin = true, rsv = 0, mask = null, length = payload.length, form }) {
	const code = typeof opcode === 'string' ? OPCODE[opcode] : opcode;
	const head = lengthBytes(length, form);

	if (mask)
		head[0] |= 0x80;
	return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | code]), head, mask || Buffer.alloc(0),
			      mask ? xor(payload, mask) : payload]);
}

function closePayload(code, reason = '') {
	const bytes = Buffer.alloc(2);

	bytes.writeUInt16BE(code);
	return Buffer.concat([bytes, Buffer.from(reason)]);
}

/* RFC 6455, section 4.2.2 */
function accept(key) {
	return crypto.createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/* A head: its first line, and fields as [name, value] pairs; those without a value are left out. */
function head(first, fields) {
	const lines = fields.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}`);

	return Buffer.from(`${[first, ...lines].join('\r\n')}\r\n\r\n`);
}

/* One sender's side of permessage-deflate. The context that is taken over from message to message goes to zlib as a
 * dictionary: the bytes on the wire are the same as with a stream that lives on. */
class Deflater {
	constructor({ windowBits = 15, takeover = true } = {}) {
		/* zlib has no raw window of 8 bits. With 9 it reaches back 250 bytes at most, which fits in 256. */
		this.windowBits = Math.max(windowBits, 9);
		this.window = 1 << windowBits;
		this.takeover = takeover;
		this.context = Buffer.alloc(0);
	}

	compress(bytes) {
		const options = { windowBits: this.windowBits, finishFlush: zlib.constants.Z_SYNC_FLUSH };

		if (this.takeover && this.context.length)
			options.dictionary = this.context;
		const whole = zlib.deflateRawSync(bytes, options);
		this.context = Buffer.concat([this.context, bytes]).subarray(-this.window);
		if (whole.subarray(-4).toString('hex') !== '0000ffff')
			throw new Error('deflate did not end as RFC 7692, section 7.2.1 has it');
		return whole.subarray(0, -4);
	}
}

/* zeros bytes of zeroes as one compressed message, made without holding them all: a deflate bomb. */
function bomb(zeros) {
	const piece = 1 << 24;
	const packed = zlib.deflateRawSync(Buffer.alloc(piece), { finishFlush: zlib.constants.Z_SYNC_FLUSH });

	return Buffer.concat(new Array(Math.ceil(zeros / piece)).fill(packed)).subarray(0, -4);
}

module.exports = { OPCODE, frame, closePayload, accept, head, xor, Deflater, bomb };
