#include "libws/token.h"
#include "ws/buf.h"
#include "ws/http.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

bool ws_span_equal_nocase(struct ws_span a, struct ws_span b)
{
	if (a.len != b.len)
		return false;
	if (!a.len || memcmp(a.data, b.data, a.len) == 0) /* nearly everyone writes names as the RFCs do */
		return true;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

/* The next field with this name at or after *index, which moves behind it. */
static const struct ws_http_field *next_field(const struct ws_http_head *head, const char *name, size_t *index)
{
	struct ws_span wanted = ws_span_str(name);

	while (*index < head->field_count) {
		const struct ws_http_field *field = &head->fields[(*index)++];

		if (ws_span_equal_nocase(field->name, wanted))
			return field;
	}
	return NULL;
}

struct ws_span ws_http_field(const struct ws_http_head *head, const char *name)
{
	size_t index = 0;
	const struct ws_http_field *field = next_field(head, name, &index);

	return field ? field->value : ws_span_of(NULL, 0);
}

size_t ws_http_field_count(const struct ws_http_head *head, const char *name)
{
	size_t index = 0, count = 0;

	while (next_field(head, name, &index))
		count++;
	return count;
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

bool ws_http_list_next(const struct ws_http_head *head, const char *name, struct ws_http_list *list,
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
		field = next_field(head, name, &list->field);
		if (!field)
			return false;
		list->inside = true;
		list->rest = field->value;
	}
}

bool ws_http_list_has(const struct ws_http_head *head, const char *name, const char *member)
{
	struct ws_http_list list = {0};
	struct ws_span found;

	while (ws_http_list_next(head, name, &list, &found))
		if (ws_span_equal_nocase(found, ws_span_str(member)))
			return true;
	return false;
}

int ws_http_field_join(const struct ws_http_head *head, const char *name, struct ws_buf *out)
{
	const struct ws_http_field *field;
	size_t before = out->len, index = 0;
	int status = WS_OK;

	for (bool first = true; status == WS_OK && (field = next_field(head, name, &index)); first = false) {
		if (!first)
			status = ws_buf_append(out, ws_span_str(", "));
		if (status == WS_OK)
			status = ws_buf_append(out, field->value);
	}
	if (status < 0)
		out->len = before;
	return status;
}
