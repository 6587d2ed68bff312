'use strict';
/* Chance that is the same on every run: mulberry32. */

function random(seed) {
	let state = seed >>> 0;

	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return (t ^ (t >>> 14)) >>> 0;
	};
	return {
		/* an integer from 0 to below limit */
		below: (limit) => next() % limit,
		chance: (probability) => next() / 0x100000000 < probability,
		bytes: (count) => Buffer.from(Array.from({ length: count }, () => next() & 0xff)),
		shuffle(list) {
			for (let i = list.length - 1; i > 0; i--) {
				const j = next() % (i + 1);
				[list[i], list[j]] = [list[j], list[i]];
			}
			return list;
		},
	};
}

module.exports = { random };
