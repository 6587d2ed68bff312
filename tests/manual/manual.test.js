'use strict';
/* The manual pages say what the program does: every option, every field of every event, and examples that work.
 *
 *     WSCAP=build/src/wscap/wscap WSCHAT=build/src/wschat/wschat node tests/manual/manual.test.js */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { define } = require('../lib/case.js');
const { frame } = require('../lib/ws.js');
const { packetsOf, withPackets } = require('../tls/pcapfile.js');
const { program, wscap, events } = require('../lib/wscap.js');

const root = path.join(__dirname, '..', '..');
const captured = path.join(root, 'tests', 'tls', 'captures');
const example = path.join(root, 'tests', 'golden', 'workerman-chat-2014.pcap');
const wschat = process.env.WSCHAT || path.join(root, 'build', 'src', 'wschat', 'wschat');
const page = (name) => fs.readFileSync(path.join(root, 'man', name), 'utf8').split('\n');
const sorted = (set) => [...set].sort();

/* ".It Fl s Ar bytes , Fl Fl snapshot-length Ns = Ns Ar bytes" names -s and --snapshot-length. */
function optionsOfPage(name) {
	const items = page(name).filter((line) => line.startsWith('.It Fl '));

	return new Set(items.flatMap((line) => [...line.matchAll(/\bFl (Fl )?([^ ]+)/g)]
		.map(([, long, option]) => (long ? '--' : '-') + option)));
}

const help = (which) => `${spawnSync(which, ['--help'], { env: { ...process.env, LC_ALL: 'C.UTF-8', LANGUAGE: '' } }).stdout}`;

function optionsOfHelp(which) {
	const heads = help(which).split('\n').map((line) => /^ {2}(-[^-])?(?:,)? *(--[\w-]+)?/.exec(line)).filter(Boolean);

	return new Set(heads.flatMap(([, letter, name]) => [letter, name]).filter(Boolean));
}

for (const [name, which, some] of [['wscap.1', program, ['-r', '-i', '--interface', '--format']],
	['wschat.8', wschat, ['--listen', '--data', '-h', '--help']]]) {
	tap.test(`every option of --help is in ${name}, and the other way round`, () => {
		const options = optionsOfHelp(which);

		assert.ok(some.every((option) => options.has(option)));
		assert.deepStrictEqual(sorted(optionsOfPage(name)), sorted(options));
	});

	for (const [shell, file] of [['bash', path.parse(name).name], ['zsh', `_${path.parse(name).name}`],
		['fish', `${path.parse(name).name}.fish`]])
		tap.test(`completions/${file} is what scripts/completions makes of --help`, () => {
			const made = spawnSync(path.join(root, 'scripts', 'completions'), [shell], { input: help(which) });

			assert.strictEqual(made.status, 0, `${made.stderr}`);
			assert.strictEqual(fs.readFileSync(path.join(root, 'completions', file), 'utf8'), made.stdout.toString());
		});
}

tap.test('bash completes options, values and commands', () => {
	const complete = (which, ...words) => spawnSync('bash', ['-c', `source "${root}/completions/${which}"
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _${which} ${which} "\${@: -1}" "\${@: -2:1}"; echo "\${COMPREPLY[*]}"`,
	'bash', which, ...words]).stdout.toString().trim();

	assert.strictEqual(complete('wscap', '--format', 'me'), 'messages');
	assert.strictEqual(complete('wscap', '--color', '=', 'al'), 'always');
	assert.strictEqual(complete('wscap', '--forma'), '--format');
	assert.strictEqual(complete('wschat', '--durability', 'po'), 'power');
	assert.strictEqual(complete('wschat', '--log', '=', ''), 'errors notices requests');
	assert.strictEqual(complete('wschat', 'sta'), 'status');
});

tap.test('every option of wscap(1) is accepted', () => {
	for (const name of optionsOfPage('wscap.1')) {
		const { status, stderr } = wscap([name, '/nonexistent/file', '--no-such-option']);

		assert.strictEqual(status, 2, name);
		assert.doesNotMatch(stderr.toString(), new RegExp(`^wscap: ${name}: there is no`), name);
	}
});

/* The example of wschat(8) stands between .Bd and .Ed. */
tap.test('the configuration of wschat(8) is accepted', () => {
	const text = page('wschat.8').join('\n').split('.Bd -literal -offset indent\n')[1].split('\n.Ed')[0];
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wschat-manual.'));

	fs.writeFileSync(path.join(folder, 'wschat.conf'), text);
	const { status, stderr } = spawnSync(wschat, ['--config', path.join(folder, 'wschat.conf'), '--data', folder, 'status']);
	fs.rmSync(folder, { recursive: true });
	assert.strictEqual(status, 1); /* there is no server that could be asked: but that was found out afterwards */
	assert.match(`${stderr}`, /control: /);
	assert.ok(text.includes('/etc/wschat.conf'));
});

/* The fields of each event as wscap-json(5) has them: ".Ss EVENT", then ".It Li FIELD , FIELD". */
function fieldsOfPage() {
	const fields = {};
	let section;

	for (const line of page('wscap-json.5')) {
		const [, event] = /^\.Ss (.*)/.exec(line) || [];
		const [, names] = /^\.It Li (.*)/.exec(line) || [];

		if (event)
			fields[section = event] = new Set();
		else if (names)
			names.split(' , ').forEach((name) => fields[section].add(name));
	}
	return fields;
}

/* Bytes that come again with other contents, after the receiver has said that it has them. */
function acknowledgedOverlap(made) {
	const ws = made.session();

	ws.open();
	const offset = ws.tcp.ends.s2c.next;
	ws.server.text('the first words');
	ws.tcp.ack('c2s');
	ws.tcp.segment('s2c', { offset, payload: frame({ opcode: 'text', payload: Buffer.from('the other words') }) });
	ws.close();
}

/* A capture whose longest packet, which brings a protected record, comes again with another last byte. */
function forgedRecord(capture) {
	const packets = packetsOf(capture);
	const longest = packets.reduce((most, packet, i) => (packet.length > packets[most].length ? i : most), 0);
	const forged = Buffer.from(packets[longest]);

	forged[forged.length - 1] ^= 1;
	forged[16 + 14 + 5] ^= 1; /* in a packet of its own number */
	packets.splice(longest + 1, 0, forged);
	return withPackets(capture, packets);
}

/* Captures that hold every event: the example, the cases that are made quickly, and some through TLS. */
function* captures() {
	const cases = path.join(root, 'tests', 'cases');
	const large = new Set(['deflate-bomb', 'many-connections', 'ten-megabytes', 'tiny-frames']);

	yield { bytes: fs.readFileSync(example), args: [] };
	for (const name of ['node-13-aes256-gcm', 'openssl-13-early-data'])
		yield { bytes: fs.readFileSync(path.join(captured, `${name}.pcap`)), args: ['--keylog', path.join(captured, `${name}.keys`)] };
	yield { bytes: fs.readFileSync(path.join(captured, 'node-13-ccm.pcap')), args: [] };
	yield { bytes: forgedRecord(fs.readFileSync(path.join(captured, 'node-13-ccm.pcap'))), args: ['--keylog', path.join(captured, 'node-13-ccm.keys')] };
	for (const file of fs.readdirSync(cases).filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'))) {
		const it = require(path.join(cases, file));

		if (!large.has(path.basename(file, '.js')))
			yield { bytes: it.make(it.ways[0]).bytes(), args: it.args };
	}
	yield { bytes: define(null, '', acknowledgedOverlap).make('whole').bytes(), args: [] };
	yield* capturesOfHttp2();
}

/* Whole, and without their beginnings. */
function* capturesOfHttp2() {
	const folder = path.join(root, 'tests', 'h2', 'captures');

	for (const file of fs.readdirSync(folder).filter((name) => /^(node-.*|tunnel-h2)\.pcap$/.test(name))) {
		const bytes = fs.readFileSync(path.join(folder, file));
		let packets = 0;

		for (let at = 24; at < bytes.length && packets < 30; at += 16 + bytes.readUInt32LE(at + 8), packets++)
			if (packets % 6 === 0)
				yield { bytes: Buffer.concat([bytes.subarray(0, 24), bytes.subarray(at)]), args: [] };
	}
}

function fieldsOfEvents() {
	const fields = {};

	for (const { bytes, args } of captures())
		for (const event of events(bytes, args))
			Object.keys(event).forEach((name) => (fields[event.event] ||= new Set()).add(name));
	return fields;
}

tap.test('every event and field is in wscap-json(5), and the other way round', () => {
	const seen = fieldsOfEvents();
	const { 'every event': common, ...written } = fieldsOfPage();
	const anywhere = new Set(Object.values(seen).flatMap((fields) => [...fields]));

	/* Of those that every event may have, each stands somewhere, and in none is it said again. */
	assert.deepStrictEqual([...common].filter((name) => !anywhere.has(name)), []);
	common.forEach((name) => Object.values(seen).forEach((fields) => fields.delete(name)));
	const plain = (fields) => Object.fromEntries(sorted(Object.keys(fields)).map((name) => [name, sorted(fields[name])]));

	assert.deepStrictEqual(plain(seen), plain(written));
});

/* ".Dl COMMAND" in EXAMPLES; those that need a device or another machine are not run. */
function examples(name) {
	return page(name).filter((line) => line.startsWith('.Dl wscap') && !/-i any|\.\.\./.test(line))
		.map((line) => line.slice(4).replace(/\\\(dq/g, '"').replace(/\\e/g, '\\'));
}

function runExamples() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-manual.'));

	try {
		fs.symlinkSync(path.resolve(program), path.join(folder, 'wscap'));
		for (const name of ['workerman-chat-2014.pcap', 'trace.pcap', 'trace.pcapng'])
			fs.copyFileSync(example, path.join(folder, name));
		for (const command of [...examples('wscap.1'), ...examples('wscap-json.5')].filter((each) => / -r /.test(each)))
			tap.test(`the example works: ${command}`, () => {
				const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, LC_ALL: 'C.UTF-8' };
				const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], { cwd: folder, env });

				assert.strictEqual(status, 0, `${stderr}`);
			});
	} finally {
		fs.rmSync(folder, { recursive: true });
	}
}

runExamples();
tap.done();
