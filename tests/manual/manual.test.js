'use strict';
/* The manual pages say what the program does: every option, every field of every event, and examples that work.
 *
 *     WSCAP=build/src/wscap/wscap node tests/manual/manual.test.js */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { program, wscap, events } = require('../lib/wscap.js');

const root = path.join(__dirname, '..', '..');
const example = path.join(root, 'tests', 'golden', 'workerman-chat-2014.pcap');
const page = (name) => fs.readFileSync(path.join(root, 'man', name), 'utf8').split('\n');
const sorted = (set) => [...set].sort();

/* ".It Fl s Ar bytes , Fl Fl snapshot-length Ns = Ns Ar bytes" names -s and --snapshot-length. */
function optionsOfPage() {
	const items = page('wscap.1').filter((line) => line.startsWith('.It Fl '));

	return new Set(items.flatMap((line) => [...line.matchAll(/\bFl (Fl )?([^ ]+)/g)]
		.map(([, long, name]) => (long ? '--' : '-') + name)));
}

const help = () => wscap(['--help']).stdout.toString();

function optionsOfHelp() {
	const heads = help().split('\n').map((line) => /^ {2}(-\S)?(?:,| {2})? *(--[\w-]+)?/.exec(line)).filter(Boolean);

	return new Set(heads.flatMap(([, letter, name]) => [letter, name]).filter(Boolean));
}

tap.test('every option of --help is in wscap(1), and the other way round', () => {
	const options = optionsOfHelp();

	assert.ok(options.has('-r') && options.has('-i') && options.has('--interface') && options.has('--format'));
	assert.deepStrictEqual(sorted(optionsOfPage()), sorted(options));
});

for (const [shell, file] of [['bash', 'wscap'], ['zsh', '_wscap'], ['fish', 'wscap.fish']])
	tap.test(`completions/${file} is what scripts/completions makes of --help`, () => {
		const made = spawnSync(path.join(root, 'scripts', 'completions'), [shell], { input: help() });

		assert.strictEqual(made.status, 0, `${made.stderr}`);
		assert.strictEqual(fs.readFileSync(path.join(root, 'completions', file), 'utf8'), made.stdout.toString());
	});

tap.test('bash completes formats, and values behind an equals sign', () => {
	const complete = (...words) => spawnSync('bash', ['-c', `source "${root}/completions/wscap"
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wscap wscap "\${@: -1}" "\${@: -2:1}"; echo "\${COMPREPLY[*]}"`,
	'bash', 'wscap', ...words]).stdout.toString().trim();

	assert.strictEqual(complete('--format', 'me'), 'messages');
	assert.strictEqual(complete('--color', '=', 'al'), 'always');
	assert.strictEqual(complete('--forma'), '--format');
});

tap.test('every option of wscap(1) is accepted', () => {
	for (const name of optionsOfPage()) {
		const { status, stderr } = wscap([name, '/nonexistent/file', '--no-such-option']);

		assert.strictEqual(status, 2, name);
		assert.doesNotMatch(stderr.toString(), new RegExp(`^wscap: ${name}: there is no`), name);
	}
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
	const common = fields['every event'];
	delete fields['every event'];
	for (const set of Object.values(fields))
		common.forEach((name) => set.add(name));
	return fields;
}

/* Captures that hold every event: the example, and the cases that are made quickly. */
function* captures() {
	const cases = path.join(root, 'tests', 'cases');
	const large = new Set(['deflate-bomb', 'many-connections', 'ten-megabytes', 'tiny-frames']);

	yield { bytes: fs.readFileSync(example), args: [] };
	for (const file of fs.readdirSync(cases).filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'))) {
		const it = require(path.join(cases, file));

		if (!large.has(path.basename(file, '.js')))
			yield { bytes: it.make(it.ways[0]).bytes(), args: it.args };
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
	const written = fieldsOfPage();
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
