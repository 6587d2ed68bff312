/* Text from a stranger comes out harmless, and as JSON that can be read. */
#include "base/safe.h"

#include "ws/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing in text may drive a terminal. */
static void check_harmless(const struct out *out, bool newlines)
{
	if (!ws_utf8_valid(ws_span_of(out->text, out->len)))
		abort();
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->text[i];

		if ((c < 0x20 && !(newlines && (c == '\n' || c == '\t'))) || c == 0x7f)
			abort();
		/* C1 controls, U+0080 to U+009F */
		if (c == 0xc2 && i + 1 < out->len && (unsigned char)out->text[i + 1] < 0xa0)
			abort();
	}
}

/* Each quote within a JSON string has an odd number of backslashes before it. */
static void check_quotes(const struct out *out)
{
	bool escaped = false;

	for (size_t i = 0; i < out->len; i++) {
		if (!escaped && out->text[i] == '"')
			abort();
		escaped = !escaped && out->text[i] == '\\';
	}
	if (escaped)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ws_span text = ws_span_of(data, size);
	struct out out;

	if (out_init(&out, -1) < 0)
		return 0;
	safe_text(&out, text, SAFE_ONE_LINE, "");
	check_harmless(&out, false);
	out.len = 0;
	safe_text(&out, text, SAFE_MANY_LINES, " * ");
	check_harmless(&out, true);
	out.len = 0;
	safe_json(&out, text);
	check_harmless(&out, false);
	check_quotes(&out);
	out_finish(&out);
	return 0;
}
