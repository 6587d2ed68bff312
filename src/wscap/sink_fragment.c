#include "wscap/sink_fragment.h"

#define key(out, name) out_lit((out), ",\"" name "\":")

static const char *const results[] = {
    [FRAGMENT_NONE] = "none",         [FRAGMENT_WAITS] = "waits",       [FRAGMENT_WHOLE] = "whole",
    [FRAGMENT_REPEATED] = "repeated", [FRAGMENT_OVERLAPS] = "overlaps", [FRAGMENT_BAD] = "bad",
    [FRAGMENT_DROPPED] = "dropped",   [FRAGMENT_LIMIT] = "limit",
};

void sink_fragment_json(struct out *out, const struct fragment *fragment)
{
	key(out, "id");
	out_u64(out, fragment->id);
	key(out, "offset");
	out_u64(out, fragment->begin);
	key(out, "len");
	out_u64(out, fragment->len);
	key(out, "result");
	out_char(out, '"');
	out_str(out, results[fragment->result]);
	out_char(out, '"');
	if (fragment->result != FRAGMENT_WAITS && fragment->result != FRAGMENT_WHOLE)
		return;
	key(out, "fragments");
	out_u64(out, fragment->count);
	key(out, "first_packet");
	out_u64(out, fragment->first_packet);
	if (fragment->result != FRAGMENT_WHOLE)
		return;
	key(out, "wire_len");
	out_u64(out, fragment->wire_len);
}
