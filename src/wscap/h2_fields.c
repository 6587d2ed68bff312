#include "wscap/h2_fields.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

static void *take_memory(size_t size, void *context)
{
	(void)context;
	return malloc(size);
}

static void *take_zeroes(size_t count, size_t size, void *context)
{
	(void)context;
	return calloc(count, size);
}

static void *take_other(void *old, size_t size, void *context)
{
	(void)context;
	return realloc(old, size);
}

static void give_back(void *memory, void *context)
{
	(void)context;
	free(memory);
}

void h2_fields_init(struct h2_fields *fields, size_t max_head)
{
	*fields = (struct h2_fields){0};
	ws_buf_init(&fields->text, max_head);
}

static void drop(struct h2_fields *fields)
{
	if (fields->inflater)
		nghttp2_hd_inflate_del(fields->inflater);
	fields->inflater = NULL;
}

void h2_fields_finish(struct h2_fields *fields)
{
	drop(fields);
	ws_buf_finish(&fields->text);
}

void h2_fields_lose(struct h2_fields *fields)
{
	drop(fields);
	fields->lost = true;
	fields->wanted = false;
	ws_buf_finish(&fields->text);
}

/* An encoder that was not seen from its beginning may have made its table as large as it was allowed: so does this
 * (RFC 7541, section 6.3). One that is larger than the encoder's does no harm. */
static bool enlarge(nghttp2_hd_inflater *inflater)
{
	static const uint8_t update[] = {0x3f, 0xe1, 0xff, 0x03}; /* 65536 */
	nghttp2_nv nv;
	int flags = 0;

	_Static_assert(LIMIT_H2_TABLE == 65536, "what update says");
	return nghttp2_hd_inflate_hd2(inflater, &nv, &flags, update, sizeof(update), 1) == (ssize_t)sizeof(update) &&
	       nghttp2_hd_inflate_end_headers(inflater) == 0;
}

static bool make(struct h2_fields *fields)
{
	/* the inflater keeps its address */
	static nghttp2_mem memory = {
	    .malloc = take_memory, .free = give_back, .calloc = take_zeroes, .realloc = take_other};

	if (fields->inflater)
		return true;
	if (nghttp2_hd_inflate_new2(&fields->inflater, &memory) != 0) {
		fields->inflater = NULL;
		return false;
	}
	if (nghttp2_hd_inflate_change_table_size(fields->inflater, LIMIT_H2_TABLE) == 0 &&
	    (!fields->lost || enlarge(fields->inflater)))
		return true;
	drop(fields);
	return false;
}

void h2_fields_begin(struct h2_fields *fields, enum h2_want want)
{
	ws_buf_clear(&fields->text);
	fields->count = 0;
	fields->wanted = want != H2_WANT_NOTHING;
	fields->request = want == H2_WANT_CONNECT;
	fields->cut = fields->invalid = false;
}

/* RFC 9113, section 8.2.1: a token without capitals; those of pseudo-header fields begin with a colon (8.3). */
static bool is_name(struct ws_span name)
{
	size_t at = name.len && name.data[0] == ':';

	if (at == name.len)
		return false;
	for (; at < name.len; at++) {
		uint8_t c = name.data[at];

		if (c <= ' ' || c >= 0x7f || c == ':' || (c >= 'A' && c <= 'Z'))
			return false;
	}
	return true;
}

static bool is_value(struct ws_span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] == '\0' || value.data[i] == '\n' || value.data[i] == '\r')
			return false;
	return true;
}

static int append(struct ws_buf *text, struct ws_span name, struct ws_span value)
{
	size_t before = text->len;
	int status = ws_buf_append(text, name);

	if (status == WS_OK)
		status = ws_buf_append(text, ws_span_str(": "));
	if (status == WS_OK)
		status = ws_buf_append(text, value);
	if (status == WS_OK)
		status = ws_buf_append(text, ws_span_str("\r\n"));
	if (status != WS_OK)
		text->len = before;
	return status;
}

static int add(struct h2_fields *fields, struct ws_span name, struct ws_span value)
{
	int status;

	if (fields->request && ws_span_equal(name, ws_span_str(":method")))
		fields->wanted &= ws_span_equal(value, ws_span_str("CONNECT"));
	if (!fields->wanted)
		return WS_OK;
	if (!is_name(name) || !is_value(value)) {
		fields->invalid = true;
		return WS_OK;
	}
	/* The last place is for the Host that :authority makes: h2_head(). */
	if (fields->count + 1 >= WS_HTTP_FIELDS_MAX) {
		fields->cut = true;
		return WS_OK;
	}
	fields->count++;
	status = append(&fields->text, name, value);
	if (status != WS_E_LIMIT)
		return status;
	fields->cut = true;
	return WS_OK;
}

static int inflate(struct h2_fields *fields, struct ws_span in, bool last)
{
	for (;;) {
		nghttp2_nv nv;
		int flags = 0, status;
		ssize_t took = nghttp2_hd_inflate_hd2(fields->inflater, &nv, &flags, in.data, in.len, last);

		if (took < 0)
			return took == NGHTTP2_ERR_NOMEM ? WS_E_MEMORY : WS_E_SYNTAX;
		in = ws_span_from(in, (size_t)took);
		if (flags & NGHTTP2_HD_INFLATE_EMIT) {
			status = add(fields, ws_span_of(nv.name, nv.namelen), ws_span_of(nv.value, nv.valuelen));
			if (status != WS_OK)
				return status;
		}
		if (flags & NGHTTP2_HD_INFLATE_FINAL) {
			nghttp2_hd_inflate_end_headers(fields->inflater);
			return WS_OK;
		}
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && !in.len)
			return WS_OK;
	}
}

int h2_fields_take(struct h2_fields *fields, struct ws_span fragment, bool last)
{
	int status = make(fields) ? inflate(fields, fragment, last) : WS_E_MEMORY;

	if (status != WS_OK)
		h2_fields_lose(fields);
	return status;
}

static bool take_line(struct ws_cursor *text, struct ws_span *ret_name, struct ws_span *ret_value)
{
	size_t left = ws_cursor_left(text);
	const uint8_t *end = left ? memchr(text->at, '\r', left) : NULL;
	const uint8_t *colon = left > 1 ? memchr(text->at + 1, ':', left - 1) : NULL;

	if (!end || !colon || colon + 2 > end)
		return false;
	*ret_name = ws_span_of(text->at, (size_t)(colon - text->at));
	*ret_value = ws_span_of(colon + 2, (size_t)(end - colon - 2));
	text->at = end + 2 <= text->end ? end + 2 : text->end;
	return true;
}

static bool status_of(struct ws_span value, uint16_t *ret)
{
	struct ws_cursor at = ws_cursor_of(value);
	uint8_t digit;

	*ret = 0;
	while (ws_take_u8(&at, &digit)) {
		if (digit < '0' || digit > '9')
			return false;
		*ret = (uint16_t)(*ret * 10 + (digit - '0'));
	}
	return value.len == 3;
}

bool h2_head(struct ws_span text, bool is_response, struct ws_http_head *ret)
{
	struct ws_cursor at = ws_cursor_of(text);
	struct ws_span name, value;
	bool whole = false;

	ws_http_begin(ret);
	ret->all = text;
	ret->is_response = is_response;
	ret->version_major = 2;
	while (ret->field_count + 1 < WS_HTTP_FIELDS_MAX && take_line(&at, &name, &value)) {
		struct ws_span host = ws_span_of(NULL, 0);

		if (ws_span_equal(name, ws_span_str(":method"))) {
			ret->method = value;
			whole |= !is_response;
		} else if (ws_span_equal(name, ws_span_str(":path"))) {
			ret->target = value;
		} else if (ws_span_equal(name, ws_span_str(":status"))) {
			whole |= is_response && status_of(value, &ret->status);
		} else if (ws_span_equal(name, ws_span_str(":authority"))) {
			host = ws_span_str("Host");
		}
		ws_http_add(ret, name, value);
		if (host.data)
			ws_http_add(ret, host, value);
	}
	return whole;
}

size_t h2_fields_memory(const struct h2_fields *fields)
{
	size_t table = fields->inflater ? nghttp2_hd_inflate_get_dynamic_table_size(fields->inflater) : 0;

	return fields->text.cap + table;
}
