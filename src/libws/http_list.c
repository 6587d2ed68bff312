#include "libws/token.h"
#include "ws/buf.h"
#include "ws/http.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* As memcmp() has it; of a few bytes, and these are, most of its time would be the way to it. */
static bool is_same(const uint8_t *a, const uint8_t *b, size_t len)
{
	uint64_t one, other;

	if (len < sizeof(one)) {
		while (len && *a++ == *b++)
			len--;
		return !len;
	}
	for (size_t at = 0;; at += sizeof(one)) {
		if (at > len - sizeof(one)) /* the last ones, with some of those before them */
			at = len - sizeof(one);
		memcpy(&one, a + at, sizeof(one));
		memcpy(&other, b + at, sizeof(other));
		if (one != other || at == len - sizeof(one))
			return one == other;
	}
}

bool ws_span_equal_nocase(struct ws_span a, struct ws_span b)
{
	if (a.len != b.len)
		return false;
	if (is_same(a.data, b.data, a.len)) /* nearly everyone writes names as the RFCs do */
		return true;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

const struct ws_http_field *ws_http_next(const struct ws_http_head *head, struct ws_http_name name, size_t *index)
{
	size_t at = *index;

	for (; at < head->field_count; at++)
		if (head->tags[at] == name.tag && ws_span_equal_nocase(head->fields[at].name, name.text)) {
			*index = at + 1;
			return &head->fields[at];
		}
	*index = at;
	return NULL;
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
	const struct ws_http_field *field;
	struct ws_span found;

	for (size_t index = 0; (field = ws_http_next(head, name, &index));) /* most lists have one member */
		if (ws_span_equal_nocase(field->value, member))
			return true;
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
