'use strict';
/* A second opinion: what tshark finds in the same captures with the same key logs. Handshakes (version, server name,
 * protocol, suite, resumed or not), and each frame's opcode and each text, by connection and packet.
 *
 *     WSCAP=build/src/wscap/wscap node tests/tls/tshark.test.js [NAME…] */

const assert = require('assert');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { captureOf, fileOf, keylog, names, of, read } = require('./captures.js');

const FIELDS = ['frame.number', 'tcp.stream', 'tcp.srcport', 'tls.handshake.type', 'tls.handshake.version',
	'tls.handshake.extensions.supported_version', 'tls.handshake.extensions_server_name', 'tls.handshake.extensions_alpn_str', 'tls.handshake.ciphersuite',
	'tls.handshake.extension.type', 'websocket.opcode', 'websocket.payload.text'];
const [CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS, CERTIFICATE, FINISHED] = [1, 2, 8, 11, 20];
const PRE_SHARED_KEY = 41;
const VERSIONS = { 0x0303: 'TLS 1.2', 0x0304: 'TLS 1.3' };
const OPCODES = { 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };
const BETWEEN = '\x02'; /* several values of a field */

/* The packets of a capture that have a handshake or frames, each { field: [values] }. */
function tshark(name, port) {
	const args = ['-n', '-r', fileOf(name, 'pcap'), '-o', `tls.keylog_file:${fileOf(name, 'keys')}`, '-d', `tcp.port==${port},tls`,
		'-Y', 'tls.handshake or websocket', '-T', 'fields', '-E', `aggregator=${BETWEEN}`, ...FIELDS.flatMap((field) => ['-e', field])];
	const { status, stdout, stderr, error } = spawnSync('tshark', args, { maxBuffer: 1 << 28 });

	if (error)
		throw error;
	assert.strictEqual(status, 0, `${stderr}`);
	return `${stdout}`.split('\n').filter(Boolean).map((line) => Object.fromEntries(line.split('\t')
		.map((value, i) => [FIELDS[i], value ? value.split(BETWEEN) : []])));
}

/* What a server's hello and what follows it say, by connection. */
function handshakes(packets, port) {
	const found = {};

	for (const packet of packets) {
		const get = (name) => packet[`tls.handshake.${name}`];
		const types = get('type').map(Number);
		const conn = Number(packet['tcp.stream'][0]) + 1;
		const it = found[conn] ||= { types: [] };

		if (types.includes(CLIENT_HELLO) && packet['tcp.srcport'][0] !== port)
			[it.server_name] = get('extensions_server_name');
		if (packet['tcp.srcport'][0] !== port)
			continue;
		it.types.push(...types);
		if (types.includes(SERVER_HELLO)) {
			it.version = VERSIONS[Number(get('extensions.supported_version').at(-1) || get('version').at(-1))];
			it.suite = Number(get('ciphersuite').at(-1));
			it.psk = get('extension.type').map(Number).includes(PRE_SHARED_KEY);
		}
		if (get('extensions_alpn_str').length)
			it.alpn = get('extensions_alpn_str').at(-1);
	}
	for (const it of Object.values(found))
		it.resumed = it.version === 'TLS 1.3' ? it.psk : it.types.includes(FINISHED) && !it.types.includes(CERTIFICATE);
	return found;
}

/* conn, packet, opcode, and of a text what it says. */
function frames(packets) {
	return packets.flatMap((packet) => {
		const texts = [...packet['websocket.payload.text']];

		return packet['websocket.opcode'].map((opcode) => ({
			conn: Number(packet['tcp.stream'][0]) + 1, packet: Number(packet['frame.number'][0]), opcode: OPCODES[opcode],
			...(OPCODES[opcode] === 'text' && { text: texts.shift() }),
		}));
	});
}

/* The numbers of suites (IANA's registry), where wscap has names. */
const SUITES = {
	0x009c: 'TLS_RSA_WITH_AES_128_GCM_SHA256', 0x1301: 'TLS_AES_128_GCM_SHA256', 0x1302: 'TLS_AES_256_GCM_SHA384',
	0x1303: 'TLS_CHACHA20_POLY1305_SHA256', 0x1304: 'TLS_AES_128_CCM_SHA256', 0x1305: 'TLS_AES_128_CCM_8_SHA256',
	0xc013: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA', 0xc014: 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
	0xc027: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256', 0xc028: 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384',
	0xc02c: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 0xc02f: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
	0xc030: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 0xc060: 'TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256',
	0xc076: 'TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256', 0xc0ac: 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM',
	0xc0af: 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8', 0xcca8: 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
};

/* Where tshark is wrong, how, and what it says instead: a test that fails once it is right. */
const WRONG = {
	'node-12-aria': { why: 'the library that it decrypts with has no ARIA, so it reads no record', frames: [] },
};

const wanted = process.argv.slice(2);
const plain = (list) => JSON.parse(JSON.stringify(list));

for (const name of names.filter((one) => !wanted.length || wanted.includes(one))) {
	const all = read(captureOf(name), keylog(name));
	const port = /:(\d+)$/.exec(of(all, 'tcp_open')[0].server)[1];
	const packets = tshark(name, port);

	tap.test(`${name}: handshakes as tshark reads them`, () => {
		const theirs = handshakes(packets, port);

		assert.ok(of(all, 'tls').length);
		for (const { conn, version, suite, server_name: host, alpn, resumed } of of(all, 'tls')) {
			const { version: itsVersion, suite: number, server_name: itsHost, alpn: itsAlpn, resumed: itsResumed } = theirs[conn];

			assert.deepStrictEqual({ version, suite, host, alpn, resumed },
					       { version: itsVersion, suite: SUITES[number], host: itsHost, alpn: itsAlpn, resumed: itsResumed });
		}
	});
	tap.test(`${name}: frames as tshark reads them`, () => {
		const ours = of(all, 'message', 'control').map(({ conn, packet, opcode, text }) => ({ conn, packet, opcode,
			...(opcode === 'text' && { text }) }));

		assert.ok(ours.length);
		if (WRONG[name])
			tap.diagnose(`tshark is wrong: ${WRONG[name].why}`);
		assert.deepStrictEqual(plain(frames(packets)), WRONG[name] ? WRONG[name].frames : plain(ours));
	});
}
tap.done();
