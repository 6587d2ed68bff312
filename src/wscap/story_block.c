#include "wscap/story_block.h"

#define DIM  "\033[2m"
#define BOLD "\033[1m"
#define OFF  "\033[0m"

#define SIGN(literal)                                                                                                  \
	{                                                                                                              \
		.text = (literal), .len = sizeof(literal) - 1                                                          \
	}

const struct block_signs block_signs[] = {
    [BLOCK_PLAIN] = {.begin = SIGN("/*\n"),
		     .end = SIGN(" */\n"),
		     .line = SIGN(" * "),
		     .empty = SIGN(" *\n"),
		     .title = SIGN(" * "),
		     .title_end = SIGN("\n"),
		     .closes = true},
    [BLOCK_COLOR] = {.begin = SIGN(DIM "/*" OFF "\n"),
		     .end = SIGN(DIM " */" OFF "\n"),
		     .line = SIGN(DIM " *" OFF " "),
		     .empty = SIGN(DIM " *" OFF "\n"),
		     .title = SIGN(DIM " *" OFF " " BOLD),
		     .title_end = SIGN(OFF "\n"),
		     .closes = true},
    [BLOCK_BARE] = {.empty = SIGN("\n"), .title_end = SIGN("\n")},
};

/* An asterisk and a slash met at `slash`: from there on all is written again. Rare, and never large: a block's limits
 * are the narrator's. */
static void write_open(struct out *out, size_t slash)
{
	struct out rest = {.fd = -1};

	out_bytes(&rest, out->text + slash, out->len - slash);
	out->len = slash;
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.text[i] == '/' && (i == 0 || rest.text[i - 1] == '*'))
			out_lit(out, "\\u{2f}");
		else
			out_char(out, rest.text[i]);
	}
	if (rest.error)
		out->error = rest.error;
	out_finish(&rest);
}

/* The signs themselves never meet a slash: a space or an escape stands behind each asterisk. */
static void keep_open(struct out *out, size_t begin)
{
	size_t at = begin;

	while (at < out->len) {
		const char *slash = memchr(out->text + at, '/', out->len - at);

		if (!slash)
			return;
		at = (size_t)(slash - out->text);
		if (at > begin && slash[-1] == '*') {
			write_open(out, at);
			return;
		}
		at++;
	}
}

void block_end(const struct block_signs *signs, struct out *out, size_t begin)
{
	if (signs->closes)
		keep_open(out, begin);
	block_put(out, &signs->end);
}
