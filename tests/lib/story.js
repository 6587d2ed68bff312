'use strict';
/* The story taken apart: comment blocks and what stands between them. */

/* Each line begins with one of these, and a block is from the first to the last of them. Text of a stranger is made
 * harmless inside, so that it can never end a block. */
const BEGIN = '/*';
const END = ' */';

/* { block, rest } for each block, rest being tcpdump's lines behind it, without the empty line in front of a block. */
function blocks(story) {
	const list = [];
	let current = { block: [], rest: [] };
	let inside = false;

	for (const line of story.split('\n')) {
		if (!inside && line === BEGIN) {
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
