'use strict';
/* Runs tests/damage/damage on a capture: cut off at each of its packets, joined at each, and with each missing. Its path
 * is in DAMAGE, or it is the one of build/. */

const assert = require('assert');
const { spawnSync } = require('child_process');
const path = require('path');
const tap = require('./tap.js');

const program = process.env.DAMAGE || path.join(__dirname, '../../build/tests/damage/damage');

/* capture: a file's name, or its bytes. args: damage's words, and wscap's options. Throws with its complaints. */
function damage(capture, args = []) {
	const input = typeof capture === 'string' ? undefined : capture;
	const { status, signal, error, stdout, stderr } = spawnSync(program, [...args, '-r', input ? '-' : capture], { input });

	assert.ifError(error);
	assert.strictEqual(status, 0, `${signal || ''} ${stderr}${stdout}`);
	tap.diagnose(`${stdout}`.trim().replace(/^# /, ''));
}

module.exports = { damage };
