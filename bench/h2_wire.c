#include "h2_wire.h"

#include <string.h>

enum {
	DATA = 0,
	HEADERS = 1,
	SETTINGS = 4,
	WINDOW_UPDATE = 8,
	ACK = 0x1,         /* of SETTINGS */
	END_HEADERS = 0x4, /* of HEADERS */
	STREAM = 1,
	WINDOW_MAX = 0x7fffffff,
	WINDOW_FIRST = 65535,
	ENABLE_CONNECT_PROTOCOL = 8, /* RFC 8441, section 3 */
	INITIAL_WINDOW_SIZE = 4,
	/* the static table's (RFC 7541, appendix A) */
	NAME_AUTHORITY = 1,
	NAME_METHOD = 2,
	NAME_PATH = 4,
	FIELD_SCHEME_HTTP = 0x80 | 6,
	FIELD_STATUS_200 = 0x80 | 8,
};

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *put32(uint8_t *at, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (uint8_t)(value >> shift);
	return at;
}

/* A frame's header (RFC 9113, section 4.1). */
static uint8_t *put_frame(uint8_t *at, size_t len, uint8_t type, uint8_t flags, uint32_t stream)
{
	*at++ = (uint8_t)(len >> 16);
	*at++ = (uint8_t)(len >> 8);
	*at++ = (uint8_t)len;
	*at++ = type;
	*at++ = flags;
	return put32(at, stream);
}

static uint8_t *put_setting(uint8_t *at, uint8_t id, uint32_t value)
{
	*at++ = 0;
	*at++ = id;
	return put32(at, value);
}

static uint8_t *put_window(uint8_t *at)
{
	at = put_frame(at, 4, WINDOW_UPDATE, 0, 0);
	return put32(at, WINDOW_MAX - WINDOW_FIRST);
}

/* A string without Huffman's code, shorter than 127 bytes (RFC 7541, section 5.2). */
static uint8_t *put_string(uint8_t *at, const char *text)
{
	*at++ = (uint8_t)strlen(text);
	return put(at, text, strlen(text));
}

/* A field that is not indexed (RFC 7541, section 6.2.2): by its name's place in the static table, or its name. */
static uint8_t *put_field(uint8_t *at, uint8_t place, const char *name, const char *value)
{
	*at++ = place;
	if (!place)
		at = put_string(at, name);
	return put_string(at, value);
}

size_t h2_client_begins(uint8_t to[H2_OPEN_MAX])
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	uint8_t *at = put(to, preface, sizeof(preface) - 1);

	at = put_frame(at, 6, SETTINGS, 0, 0);
	at = put_setting(at, INITIAL_WINDOW_SIZE, WINDOW_MAX);
	return (size_t)(put_window(at) - to);
}

size_t h2_server_begins(uint8_t to[H2_OPEN_MAX])
{
	uint8_t *at = put_frame(to, 12, SETTINGS, 0, 0);

	at = put_setting(at, ENABLE_CONNECT_PROTOCOL, 1);
	at = put_setting(at, INITIAL_WINDOW_SIZE, WINDOW_MAX);
	at = put_frame(at, 0, SETTINGS, ACK, 0);
	return (size_t)(put_window(at) - to);
}

size_t h2_client_asks(const char *authority, uint8_t to[H2_OPEN_MAX])
{
	uint8_t *begin = put_frame(to, 0, SETTINGS, ACK, 0), *block = begin + H2_AROUND, *at = block;

	at = put_field(at, NAME_METHOD, NULL, "CONNECT");
	at = put_field(at, 0, ":protocol", "websocket");
	*at++ = FIELD_SCHEME_HTTP;
	at = put_field(at, NAME_PATH, NULL, "/chat");
	at = put_field(at, NAME_AUTHORITY, NULL, authority);
	at = put_field(at, 0, "sec-websocket-version", "13");
	put_frame(begin, (size_t)(at - block), HEADERS, END_HEADERS, STREAM);
	return (size_t)(at - to);
}

size_t h2_server_agrees(uint8_t to[H2_OPEN_MAX])
{
	uint8_t *at = put_frame(to, 1, HEADERS, END_HEADERS, STREAM);

	*at++ = FIELD_STATUS_200;
	return (size_t)(at - to);
}

size_t h2_data(const void *content, size_t len, uint8_t *to)
{
	put(put_frame(to, len, DATA, 0, STREAM), content, len);
	return len + H2_AROUND;
}
