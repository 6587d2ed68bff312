'use strict';
/* A small TAP writer: each test is a function that throws when it fails; the plan is written at the end.
 *
 *     const tap = require('./tap.js');
 *     tap.test('adds', () => assert.equal(1 + 1, 2));
 *     tap.skip('flies', 'no wings');
 *     tap.done(); */

let count = 0;
let failed = 0;

const escape = (text) => String(text).replace(/[#\\]/g, '\\$&').replace(/\s+/g, ' ');

function diagnose(text) {
	for (const line of String(text).split('\n'))
		console.log(`# ${line}`);
}

function result(passed, name, directive = '') {
	count++;
	if (!passed)
		failed++;
	console.log(`${passed ? 'ok' : 'not ok'} ${count} - ${escape(name)}${directive}`);
}

/* body may be async; await the call then. Returns whether it passed. */
function test(name, body) {
	const fail = (error) => {
		result(false, name);
		diagnose(error && error.stack ? error.stack : error);
		return false;
	};
	const pass = () => {
		result(true, name);
		return true;
	};

	try {
		const promise = body();
		return promise && promise.then ? promise.then(pass, fail) : pass();
	} catch (error) {
		return fail(error);
	}
}

function skip(name, reason) {
	result(true, name, ` # SKIP ${escape(reason)}`);
}

/* The plan. A run that ends without it is an error to who reads TAP. */
function done() {
	console.log(`1..${count}`);
}

module.exports = { test, skip, done, diagnose, failures: () => failed };
