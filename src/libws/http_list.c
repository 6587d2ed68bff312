#include "libws/token.h"
#include "ws/buf.h"
#include "ws/http.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight characters, the letters of ASCII among them in lower case. */
static inline uint64_t lower(uint64_t text)
{
	uint64_t low = text & EACH(0x7f); /* so that no sum reaches into the next one */
	uint64_t from_a = low + EACH(0x80 - 'A'), behind_z = low + EACH(0x80 - ('Z' + 1));

	return text | ((from_a & ~behind_z & ~text & EACH(0x80)) >> 2);
}

static inline uint64_t word_at(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Fewer bytes than a word has, each at least once. */
static uint64_t short_word(const uint8_t *at, size_t len)
{
	uint32_t first, last;
	uint64_t word = 0;

	if (len < sizeof(first)) {
		while (len--)
			word = word << 8 | at[len];
		return word;
	}
	memcpy(&first, at, sizeof(first));
	memcpy(&last, at + len - sizeof(last), sizeof(last));
	return (uint64_t)first << 32 | last;
}

bool ws_span_equal_nocase(struct ws_span a, struct ws_span b)
{
	if (a.len != b.len)
		return false;
	if (a.len < sizeof(uint64_t))
		return lower(short_word(a.data, a.len)) == lower(short_word(b.data, b.len));
	for (size_t at = 0;; at += sizeof(uint64_t)) {
		bool last = at >= a.len - sizeof(uint64_t);

		if (last) /* with some of those before them */
			at = a.len - sizeof(uint64_t);
		if (lower(word_at(a.data + at)) != lower(word_at(b.data + at)))
			return false;
		if (last)
			return true;
	}
}

/* Takes what stands before the next comma that is not within quotes, and the comma. */
static struct ws_span take_member(struct ws_span *rest)
{
	struct ws_span all = *rest;
	bool quoted = false;
	size_t len = 0;

	for (; len < all.len && (quoted || all.data[len] != ','); len++) {
		if (all.data[len] == '"')
			quoted = !quoted;
		else if (quoted && all.data[len] == '\\' && len + 1 < all.len)
			len++;
	}
	*rest = ws_span_from(all, len + 1);
	return ws_span_trim(ws_span_first(all, len));
}

bool ws_http_list_next(const struct ws_http_head *head, struct ws_http_name name, struct ws_http_list *list,
		       struct ws_span *ret)
{
	const struct ws_http_field *field;

	for (;;) {
		while (list->inside && list->rest.len) {
			struct ws_span member = take_member(&list->rest);

			if (member.len) { /* empty ones do not count */
				*ret = member;
				return true;
			}
		}
		field = ws_http_next(head, name, &list->field);
		if (!field)
			return false;
		list->inside = true;
		list->rest = field->value;
	}
}

bool ws_http_list_has_member(const struct ws_http_head *head, struct ws_http_name name, struct ws_span member)
{
	struct ws_http_list list = {0};
	struct ws_span found;

	while (ws_http_list_next(head, name, &list, &found))
		if (ws_span_equal_nocase(found, member))
			return true;
	return false;
}

int ws_http_field_join(const struct ws_http_head *head, const char *name, struct ws_buf *out)
{
	const struct ws_http_field *field;
	size_t before = out->len, index = 0;
	int status = WS_OK;

	for (bool first = true; status == WS_OK && (field = ws_http_next(head, ws_http_name(name), &index));
	     first = false) {
		if (!first)
			status = ws_buf_append(out, ws_span_str(", "));
		if (status == WS_OK)
			status = ws_buf_append(out, field->value);
	}
	if (status < 0)
		out->len = before;
	return status;
}
