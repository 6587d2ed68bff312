#include "wscap/unpack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"

enum {
	SKIPPED_MAGIC = 0x184d2a5, /* and any last digit: RFC 8878, section 3.1.2; lz4 has the same */
	SKIPPED_HEAD = 8,          /* bytes: the magic number, and how many follow */
	SKIPPED_MAX = 65536,       /* bytes of such frames that a format is looked for behind: a file of nothing else */
};

struct unpack {
	const struct unpack_ops *ops;
	void *state;
	feed_read *read;
	void *context;
	uint8_t *in; /* FEED_WINDOW bytes */
	size_t at, end;
	bool in_frame; /* one began and did not end yet */
	bool bad;      /* nothing more comes out of it */
	char error[160];
};

static const struct unpack_ops *const formats[] = {&unpack_gzip, &unpack_zstd, &unpack_lz4, NULL};

/* A number in the byte order of both formats that have such frames. */
static bool take_u32(struct ws_cursor *at, uint32_t *ret)
{
	if (!ws_take_u32(at, ret))
		return false;
	*ret = __builtin_bswap32(*ret);
	return true;
}

/* How many bytes of first are frames that are there to be skipped; the last one may go on behind it, up to
 * SKIPPED_MAX. */
static size_t skipped(struct ws_span first)
{
	struct ws_cursor at = ws_cursor_of(first);
	size_t end = 0;
	uint32_t magic, len;

	while (end <= SKIPPED_MAX && take_u32(&at, &magic) && magic >> 4 == SKIPPED_MAGIC && take_u32(&at, &len)) {
		end += SKIPPED_HEAD + (size_t)len;
		at = ws_cursor_of(ws_span_from(first, end));
	}
	return end;
}

const struct unpack_ops *unpack_find(struct ws_span first, size_t *ret_wants)
{
	size_t begin = skipped(first);

	*ret_wants = 0;
	if (begin > SKIPPED_MAX)
		return NULL;
	*ret_wants = begin + UNPACK_HEAD;
	first = ws_span_from(first, begin);
	for (const struct unpack_ops *const *at = formats; *at; at++) {
		const struct unpack_ops *ops = *at;

		if (ws_span_equal(ws_span_first(first, ops->magic_len), ws_span_of(ops->magic, ops->magic_len)))
			return begin && !ops->skips ? NULL : ops;
	}
	return NULL;
}

const char *unpack_unread(struct ws_span first)
{
	static const struct {
		const char *magic; /* of UNPACK_MAGIC bytes at most */
		const char *name;
	} unread[] = {
	    {"\x02\x21\x4c\x18", "lz4 -l"}, /* the legacy frame: liblz4 reads the one that came after it */
	    {"\xfd\x37\x7a\x58", "xz"},     {"BZh", "bzip2"},      {"LZIP", "lzip"},     {"\x89LZO", "lzop"},
	    {"\x1f\x9d", "compress"},       {"PK\x03\x04", "zip"}, {"7z\xbc\xaf", "7z"},
	};

	for (size_t i = 0; i < sizeof(unread) / sizeof(*unread); i++) {
		struct ws_span magic = ws_span_str(unread[i].magic);

		if (ws_span_equal(ws_span_first(first, magic.len), magic))
			return unread[i].name;
	}
	return NULL;
}

struct unpack *unpack_create(const struct unpack_ops *ops, feed_read *read, void *context, uint8_t *bytes, size_t len)
{
	struct unpack *unpack = malloc(sizeof(*unpack));

	if (!unpack)
		return NULL;
	*unpack = (struct unpack){.ops = ops, .read = read, .context = context, .end = len, .in_frame = true};
	unpack->state = ops->create();
	if (!unpack->state) {
		free(unpack);
		return NULL;
	}
	unpack->in = bytes;
	return unpack;
}

void unpack_destroy(struct unpack *unpack)
{
	if (!unpack)
		return;
	unpack->ops->destroy(unpack->state);
	free(unpack->in);
	free(unpack);
}

static ssize_t fail(struct unpack *unpack, const char *sentence)
{
	unpack->bad = true;
	if (!*unpack->error)
		snprintf(unpack->error, sizeof(unpack->error), sentence, unpack->ops->name);
	return -EIO;
}

/* More input. Returns as feed_read. */
static ssize_t refill(struct unpack *unpack)
{
	ssize_t len = unpack->read(unpack->context, unpack->in, FEED_WINDOW);

	if (len > 0) {
		unpack->at = 0;
		unpack->end = (size_t)len;
	}
	return len;
}

/* One piece of work. How much came out, which may be nothing; or -EIO. */
static ssize_t work(struct unpack *unpack, uint8_t *bytes, size_t size)
{
	struct unpack_piece piece = {unpack->in + unpack->at, unpack->end - unpack->at, bytes, size};
	size_t in_len = piece.in_len;
	enum unpack_result result = unpack->ops->work(unpack->state, &piece);

	if (result == UNPACK_MORE && in_len && piece.in_len == in_len && piece.out_len == size)
		result = UNPACK_BAD; /* it takes nothing, and gives nothing */
	unpack->at = unpack->end - piece.in_len;
	if (result == UNPACK_TOO_LARGE)
		fail(unpack, _("the %s data needs more memory than it is given"));
	if (result == UNPACK_BAD)
		fail(unpack, _("the %s data is damaged"));
	if (in_len || result == UNPACK_DONE)
		unpack->in_frame = result != UNPACK_DONE;
	return piece.out_len < size || !unpack->bad ? (ssize_t)(size - piece.out_len) : -EIO;
}

ssize_t unpack_read(struct unpack *unpack, uint8_t *bytes, size_t size)
{
	while (!unpack->bad) {
		ssize_t len = 0;

		/* Without input too: what it could not hand out for want of room comes first. */
		if (unpack->in_frame || unpack->at < unpack->end)
			len = work(unpack, bytes, size);
		if (len)
			return len;
		if (unpack->at < unpack->end)
			continue;
		len = refill(unpack);
		if (len == 0 && unpack->in_frame)
			return fail(unpack, _("the %s data ends too early"));
		if (len <= 0)
			return len;
	}
	return -EIO;
}

const char *unpack_error(const struct unpack *unpack)
{
	return *unpack->error ? unpack->error : NULL;
}
