#include "ws/http.h"

#include "libws/http_wide.h"
#include "libws/scan.h"

enum {
	LOOK_AT = 256, /* bytes that tell whether this could be a head */
};

/* The text that any response begins with. */
static const char version_prefix[] = "HTTP/";

static struct ws_span take_token(struct ws_cursor *cursor)
{
	const uint8_t *begin = cursor->at;

	cursor->at = scan_token(begin, cursor->end);
	return ws_span_of(begin, (size_t)(cursor->at - begin));
}

static struct ws_span take_target(struct ws_cursor *cursor)
{
	const uint8_t *begin = cursor->at;

	cursor->at = scan_target(begin, cursor->end);
	return ws_span_of(begin, (size_t)(cursor->at - begin));
}

/* Takes text, or as much of it as there is. */
static bool take_text_or_end(struct ws_cursor *cursor, const char *text)
{
	for (; *text && cursor->at < cursor->end; text++)
		if (*cursor->at++ != (uint8_t)*text)
			return false;
	return true;
}

static inline bool take_text(struct ws_cursor *cursor, const char *text)
{
	struct ws_span here;

	return ws_take_span(cursor, strlen(text), &here) && memcmp(here.data, text, here.len) == 0;
}

/* RFC 9112, section 2.2: an empty line before the request, or what there is of one, is passed over. */
static struct ws_cursor pass_empty_line(struct ws_cursor cursor)
{
	struct ws_cursor crlf = cursor, lf = cursor;

	if (take_text_or_end(&crlf, "\r\n"))
		return crlf;
	return take_text_or_end(&lf, "\n") ? lf : cursor;
}

/* That many digits, and no more. */
static bool take_digits(struct ws_cursor *cursor, size_t count, unsigned *ret)
{
	uint8_t digit;

	*ret = 0;
	for (size_t i = 0; i < count; i++) {
		if (!ws_take_u8(cursor, &digit) || !ws_is_digit(digit))
			return false;
		*ret = *ret * 10 + (unsigned)(digit - '0');
	}
	return cursor->at == cursor->end || !ws_is_digit(*cursor->at);
}

static bool take_version(struct ws_cursor *cursor, struct ws_http_head *head)
{
	unsigned major, minor;

	if (!take_text(cursor, version_prefix) || !take_digits(cursor, 1, &major) || !take_text(cursor, ".") ||
	    !take_digits(cursor, 1, &minor))
		return false;
	head->version_major = (uint8_t)major;
	head->version_minor = (uint8_t)minor;
	return true;
}

/* status-line = HTTP-version SP status-code SP [ reason-phrase ]; servers that leave out the last space are common. */
static bool parse_status_line(struct ws_cursor line, struct ws_http_head *head)
{
	unsigned status;

	head->is_response = true;
	if (!take_version(&line, head) || !take_text(&line, " ") || !take_digits(&line, 3, &status))
		return false;
	head->status = (uint16_t)status;
	if (line.at < line.end && !take_text(&line, " "))
		return false;
	head->reason = ws_span_of(line.at, ws_cursor_left(&line));
	return true;
}

/* request-line = method SP request-target SP HTTP-version */
static bool parse_request_line(struct ws_cursor line, struct ws_http_head *head)
{
	head->method = take_token(&line);
	if (!head->method.len || head->method.len > HTTP_METHOD_MAX || !take_text(&line, " "))
		return false;
	head->target = take_target(&line);
	return head->target.len && take_text(&line, " ") && take_version(&line, head) && line.at == line.end;
}

static bool parse_start_line(struct ws_span text, struct ws_http_head *head)
{
	struct ws_cursor line = ws_cursor_of(text);
	struct ws_cursor peek = line;

	if (take_text(&peek, version_prefix))
		return parse_status_line(line, head);
	return parse_request_line(line, head);
}

/* CRLF, or LF. */
static bool take_line_end(struct ws_cursor *cursor)
{
	const uint8_t *at = cursor->at;

	if (at < cursor->end && *at == '\r')
		at++;
	if (at == cursor->end || *at != '\n')
		return false;
	cursor->at = at + 1;
	return true;
}

/* Takes a line, whatever stands in it. */
static bool take_line(struct ws_cursor *cursor, struct ws_span *ret)
{
	size_t left = ws_cursor_left(cursor);
	const uint8_t *newline = left ? memchr(cursor->at, '\n', left) : NULL;

	if (!newline)
		return false;
	*ret = ws_span_of(cursor->at, (size_t)(newline - cursor->at));
	cursor->at = newline + 1;
	if (ret->len && ret->data[ret->len - 1] == '\r')
		ret->len--;
	return true;
}

/* Is the whole head there? Looks at nothing but line ends. 1, 0, or WS_E_LIMIT with too many lines. */
static int has_end(struct ws_cursor cursor)
{
	struct ws_span line;

	for (size_t lines = 0; take_line(&cursor, &line); lines++) {
		if (lines && !line.len)
			return 1;
		if (lines > WS_HTTP_FIELDS_MAX)
			return WS_E_LIMIT;
	}
	return 0;
}

/* A field's line and its end. RFC 9112, section 5: no white space before the colon; RFC 9110, section 5.5: no zero and
 * no bare CR in the value. False where that is not so, no end is there, or there are too many. */
static inline bool take_field(struct ws_cursor *cursor, struct ws_http_head *head)
{
	const uint8_t *begin = cursor->at, *colon = scan_token(begin, cursor->end), *value;

	if (colon == begin || colon == cursor->end || *colon != ':' || head->field_count == WS_HTTP_FIELDS_MAX)
		return false;
	value = colon + 1;
	cursor->at = scan_line(value, cursor->end);
	ws_http_add(head, ws_span_of(begin, (size_t)(colon - begin)),
		    ws_span_trim(ws_span_of(value, (size_t)(cursor->at - value))));
	return take_line_end(cursor);
}

/* RFC 9112, section 5.2: a line that begins with white space goes on with the field above. Everyone is told to turn it
 * down or to read it as a space; a view can do neither, so it is no head. */
static bool take_fields(struct ws_cursor *cursor, struct ws_http_head *head)
{
	struct ws_cursor at = *cursor;
	bool good = true;

	while (good && !take_line_end(&at))
		good = take_field(&at, head);
	*cursor = at;
	return good;
}

/* What is no head, or not yet: a whole one is read in one go, and only where that failed it is asked why. */
static long why_not(struct ws_span in)
{
	int status = WS_E_SYNTAX;

	if (ws_http_head_plausible(in))
		status = has_end(pass_empty_line(ws_cursor_of(in)));
	return status == 1 ? WS_E_SYNTAX : status;
}

long http_plain_parse(struct ws_span in, struct ws_http_head *ret)
{
	struct ws_cursor cursor = pass_empty_line(ws_cursor_of(in));
	struct ws_span line;

	ws_http_begin(ret);
	if (!take_line(&cursor, &line) || !parse_start_line(line, ret) || !take_fields(&cursor, ret))
		return why_not(in);
	ret->all = ws_span_first(in, in.len - ws_cursor_left(&cursor));
	return (long)ret->all.len;
}

long ws_http_head_parse(struct ws_span in, struct ws_http_head *ret)
{
	return http_wide_parse(in, ret) ? (long)ret->all.len : http_plain_parse(in, ret);
}

static bool plausible_response(struct ws_cursor line)
{
	struct ws_http_head head;
	struct ws_cursor rest = line;
	unsigned status;

	if (!take_text_or_end(&rest, version_prefix))
		return false;
	if (ws_cursor_left(&rest) < strlen("1.1 101"))
		return true;
	return take_version(&line, &head) && take_text(&line, " ") && take_digits(&line, 3, &status);
}

static bool plausible_request(struct ws_cursor line)
{
	struct ws_span method = take_token(&line);

	if (method.len > HTTP_METHOD_MAX)
		return false;
	if (line.at == line.end)
		return true;
	if (!method.len || !take_text(&line, " "))
		return false;
	if (line.at == line.end)
		return true;
	if (!take_target(&line).len)
		return false;
	return take_text_or_end(&line, " ") && take_text_or_end(&line, version_prefix);
}

bool ws_http_head_plausible(struct ws_span in)
{
	struct ws_cursor cursor = pass_empty_line(ws_cursor_of(ws_span_first(in, LOOK_AT)));

	return plausible_response(cursor) || plausible_request(cursor);
}
