/* What HTTP's grammars are made of (RFC 9110, section 5.6). Private to libws. */
#ifndef LIBWS_TOKEN_H
#define LIBWS_TOKEN_H

#include "ws/span.h"

static inline bool ws_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool ws_is_alpha(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* RFC 9110, section 5.6.2 */
static inline bool ws_is_token_char(uint8_t c)
{
	/* A bit for each: alpha, digit, and !#$%&'*+-.^_`|~ */
	static const uint64_t bits[4] = {UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe)};

	return bits[c / 64] >> (c % 64) & 1;
}

/* OWS: RFC 9110, section 5.6.3 */
static inline bool ws_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static inline struct ws_span ws_span_trim(struct ws_span span)
{
	while (span.len && ws_is_blank(span.data[0]))
		span = ws_span_of(span.data + 1, span.len - 1);
	while (span.len && ws_is_blank(span.data[span.len - 1]))
		span.len--;
	return span;
}

#endif
