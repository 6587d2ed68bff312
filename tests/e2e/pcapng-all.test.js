'use strict';
/* Each capture of the tests, written as pcapng: Wireshark's own programs open it, and find the same packets, interfaces
 * and link types in it as in what was read, with the story's comments. */

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const tap = require('../lib/tap.js');
const { wscap, lines } = require('../lib/wscap.js');

const BYTES_MAX = 4 << 20; /* of a capture: longer ones have nothing else in them */
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'wscap-pcapng-all-'));
process.on('exit', () => fs.rmSync(dir, { recursive: true }));
const asRoot = process.getuid() === 0 ? ['-Z', 'root'] : [];

function found() {
	const list = [];
	const tests = path.join(__dirname, '..');

	for (const folder of ['golden', 'h2/captures', 'tls/captures', 'tls/unread']) {
		for (const name of fs.existsSync(path.join(tests, folder)) ? fs.readdirSync(path.join(tests, folder)).sort() : []) {
			const keys = path.join(tests, folder, name.replace(/\.pcap(ng)?$/, '.keys'));

			if (/\.pcap(ng)?$/.test(name))
				list.push({ name: `${folder}/${name}`, from: path.join(tests, folder, name), keys: fs.existsSync(keys) && keys });
		}
	}
	for (const name of fs.readdirSync(path.join(tests, 'cases')).sort()) {
		if (!name.endsWith('.js') || name.endsWith('.test.js'))
			continue;
		const it = require(path.join(tests, 'cases', name));

		if (!it.ways.includes('whole') || it.slow.includes('whole'))
			continue;
		const bytes = it.make('whole').bytes();
		const from = path.join(dir, `case-${name}.in`);

		if (bytes.length > BYTES_MAX)
			continue;
		fs.writeFileSync(from, bytes);
		list.push({ name: `cases/${name}`, from });
	}
	return list;
}

/* By file: { packets, interfaces, encapsulation }. */
function capinfos(names) {
	const { status, stdout, stderr } = spawnSync('capinfos', ['-TmEcI', ...names], { maxBuffer: 1 << 28, env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });
	const [head, ...rows] = lines(stdout).map((line) => line.split(','));

	assert.strictEqual(status, 0, `${stderr}`);
	return new Map(rows.map((row) => [row[head.indexOf('File name')], {
		packets: row[head.indexOf('Number of packets')], encapsulation: row[head.indexOf('File encapsulation')],
	}]));
}

const interfaces = (name) => {
	const { status, stdout, stderr } = spawnSync('capinfos', ['-I', name], { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' } });

	assert.strictEqual(status, 0, `${stderr}`);
	return /Number of interfaces in file: (\d+)/.exec(stdout)[1];
};

const list = found();
const outputs = list.map(({ from, keys }, i) => {
	const to = path.join(dir, `${i}.pcapng`);
	const { status, stderr } = wscap(['-r', from, '-w', to, ...asRoot, ...(keys ? ['--keylog', keys] : [])]);

	assert.strictEqual(status, 0, `${from}: ${stderr}`);
	return to;
});
const infos = capinfos([...list.map(({ from }) => from), ...outputs]);

list.forEach(({ name, from }, i) => tap.test(name, () => {
	const written = outputs[i];
	const { status, stdout, stderr } = spawnSync('tshark', ['-n', '-r', written, '-T', 'fields',
		'-e', 'frame.number', '-e', 'frame.comment'], { maxBuffer: 1 << 28 });
	const rows = lines(stdout).map((line) => line.split('\t'));

	assert.ok(infos.get(from).packets > 0);
	assert.deepStrictEqual(infos.get(written), infos.get(from));
	assert.strictEqual(interfaces(written), interfaces(from));
	assert.strictEqual(status, 0, `${stderr}`);
	assert.strictEqual(String(rows.length), infos.get(from).packets);
	assert.ok(rows[0][1].length, 'the first packet has something to be said of');
}));
tap.done();
