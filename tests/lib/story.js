'use strict';
/* The story taken apart: comment blocks and what stands between them. */

/* A block is from the line that is just the first of these to the line that is just the second, with the empty line
 * before it. Text of a stranger is made harmless inside, so that it can never end a block. */
const BEGIN = '/*';
const END = ' */';

/* { block, rest } for each block: its lines, and tcpdump's lines behind it. The first one has no block: what stands in
 * front of all of them. */
function blocks(story) {
	const list = [];
	let current = { block: [], rest: [] };
	let inside = false;

	for (const line of story.split('\n')) {
		if (!inside && line === BEGIN) {
			if (current.rest[current.rest.length - 1] === '')
				current.rest.pop();
			list.push(current);
			current = { block: [], rest: [] };
			inside = true;
		}
		(inside ? current.block : current.rest).push(line);
		if (inside && line === END)
			inside = false;
	}
	return [...list, current];
}

function withoutBlocks(story) {
	return blocks(story).flatMap(({ rest }) => rest).join('\n');
}

module.exports = { blocks, withoutBlocks };
