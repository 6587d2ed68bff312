#include "wscap/sink_fragment.h"

#include "wscap/sink_json_put.h"

static const char *const results[] = {
    [FRAGMENT_NONE] = "none",         [FRAGMENT_WAITS] = "waits",       [FRAGMENT_WHOLE] = "whole",
    [FRAGMENT_REPEATED] = "repeated", [FRAGMENT_OVERLAPS] = "overlaps", [FRAGMENT_BAD] = "bad",
    [FRAGMENT_DROPPED] = "dropped",   [FRAGMENT_LIMIT] = "limit",
};

void sink_fragment_json(struct out *out, const struct fragment *fragment)
{
	json_key(out, "id");
	out_u64(out, fragment->id);
	json_key(out, "offset");
	out_u64(out, fragment->begin);
	json_key(out, "len");
	out_u64(out, fragment->len);
	json_key(out, "result");
	out_char(out, '"');
	out_str(out, results[fragment->result]);
	out_char(out, '"');
	if (fragment->result != FRAGMENT_WAITS && fragment->result != FRAGMENT_WHOLE)
		return;
	json_key(out, "fragments");
	out_u64(out, fragment->count);
	json_key(out, "first_packet");
	out_u64(out, fragment->first_packet);
	if (fragment->result != FRAGMENT_WHOLE)
		return;
	json_key(out, "wire_len");
	out_u64(out, fragment->wire_len);
}
