/* The values of JSON, for every file that writes some of its fields. They write to out, and know of no event but a
 * connection's endpoint and the time. */
#ifndef WSCAP_SINK_JSON_PUT_H
#define WSCAP_SINK_JSON_PUT_H

#include "base/out.h"
#include "base/put.h"
#include "base/safe.h"
#include "wscap/conn.h"

enum {
	FIELDS_MAX = 512, /* more than what is written at once can take: keys, numbers, and names of our own */
};

/* Every field but the first is written with its comma before it. */
#define json_key(out, name) out_lit((out), ",\"" name "\":")

static inline void json_string(struct out *out, struct ws_span text)
{
	out_char(out, '"');
	safe_json(out, text);
	out_char(out, '"');
}

static inline void json_bool(struct out *out, bool value)
{
	out_str(out, value ? "true" : "false");
}

/* Text of our own, which fits. */
static inline char *json_own(char *at, const char *text)
{
	size_t len = strlen(text);

	return (char *)memcpy(at, text, len) + len;
}

/* Seconds since the epoch, nine digits behind the point. */
static inline char *json_time(char *at, int64_t time)
{
	uint64_t ns = time < 0 ? -(uint64_t)time : (uint64_t)time;
	uint32_t fraction = (uint32_t)(ns % NSEC_PER_SEC);

	at = put_char(at, '"');
	if (time < 0)
		at = put_char(at, '-');
	at = put_u64(at, ns / NSEC_PER_SEC);
	at = put_char(at, '.');
	at = put_digits(at, fraction / 10, 8);
	at = put_char(at, (char)('0' + fraction % 10));
	return put_char(at, '"');
}

/* The same, of a duration too. */
void json_seconds(struct out *out, int64_t time);
/* "127.0.0.1:60653", "[::1]:7272" */
void json_endpoint(struct out *out, struct endpoint endpoint);
void json_base64(struct out *out, struct ws_span bytes);

#endif
