'use strict';
/* The browser that talks. */

const path = require('path');
const { spawn } = require('child_process');
const { folder } = require('../lib/programs.js');

/* Chromium on an address; it writes the secrets of its TLS to keys. */
function chromium(address, keys, more = []) {
	const program = spawn('chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
		'--ignore-certificate-errors', `--user-data-dir=${path.join(folder, 'profile')}`, ...more, address],
			      { stdio: 'ignore', env: { ...process.env, SSLKEYLOGFILE: keys } });
	const ended = new Promise((resolve) => program.on('exit', resolve));

	return { end: () => { program.kill(); return ended; } };
}

module.exports = { chromium };
