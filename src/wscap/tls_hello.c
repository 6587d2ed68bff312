#include "wscap/tls_hello.h"

enum {
	RANDOM_LEN = 32,
	HOST_NAME = 0, /* NameType of RFC 6066, section 3 */
};

enum extension {
	EXT_SERVER_NAME = 0,
	EXT_ALPN = 16,
	EXT_ENCRYPT_THEN_MAC = 22,
	EXT_PRE_SHARED_KEY = 41,
	EXT_EARLY_DATA = 42,
	EXT_SUPPORTED_VERSIONS = 43,
};

/* SHA-256 of "HelloRetryRequest" (RFC 8446, section 4.1.3). */
static const uint8_t retry_random[RANDOM_LEN] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/* A vector: its length in one byte, or two, and then so many bytes. */
static bool take_vector8(struct ws_cursor *at, struct ws_span *ret)
{
	struct ws_cursor from = *at;
	uint8_t len;

	if (!ws_take_u8(&from, &len) || !ws_take_span(&from, len, ret))
		return false;
	*at = from;
	return true;
}

static bool take_vector16(struct ws_cursor *at, struct ws_span *ret)
{
	struct ws_cursor from = *at;
	uint16_t len;

	if (!ws_take_u16(&from, &len) || !ws_take_span(&from, len, ret))
		return false;
	*at = from;
	return true;
}

/* ServerNameList: the first host name in it. An answer's is empty. */
static bool read_server_name(struct ws_cursor at, struct tls_hello *hello)
{
	struct ws_span list, name;
	struct ws_cursor in;
	uint8_t type;

	if (!ws_cursor_left(&at))
		return true;
	if (!take_vector16(&at, &list))
		return false;
	for (in = ws_cursor_of(list); ws_cursor_left(&in);) {
		if (!ws_take_u8(&in, &type) || !take_vector16(&in, &name))
			return false;
		if (type == HOST_NAME && !hello->server_name.data)
			hello->server_name = name;
	}
	return true;
}

static bool read_alpn(struct ws_cursor at, struct tls_hello *hello)
{
	struct ws_cursor in;

	if (!take_vector16(&at, &hello->alpn_all))
		return false;
	in = ws_cursor_of(hello->alpn_all);
	return take_vector8(&in, &hello->alpn);
}

/* A client lists all (some of which mean nothing: RFC 8701), a server says the one. */
static bool read_versions(struct ws_cursor at, bool of_client, struct tls_hello *hello)
{
	struct ws_span list;
	uint16_t version;

	if (!of_client)
		return ws_take_u16(&at, &hello->version);
	if (!take_vector8(&at, &list))
		return false;
	for (at = ws_cursor_of(list); ws_take_u16(&at, &version);)
		if (version <= TLS_VERSION_13 && version > hello->version)
			hello->version = version;
	return true;
}

static bool read_extension(uint16_t type, struct ws_cursor at, bool of_client, struct tls_hello *hello)
{
	switch (type) {
	case EXT_SERVER_NAME:
		return read_server_name(at, hello);
	case EXT_ALPN:
		return read_alpn(at, hello);
	case EXT_SUPPORTED_VERSIONS:
		return read_versions(at, of_client, hello);
	case EXT_PRE_SHARED_KEY:
		hello->psk = true;
		return true;
	case EXT_EARLY_DATA:
		hello->early_data = true;
		return true;
	case EXT_ENCRYPT_THEN_MAC:
		hello->encrypt_then_mac = true;
		return true;
	default:
		return true;
	}
}

/* Extensions are the end of each message, and may be missing altogether before TLS 1.3. */
static int read_extensions(struct ws_cursor *at, bool of_client, struct tls_hello *hello)
{
	struct ws_span all, body;
	struct ws_cursor in;
	uint16_t type;

	if (!ws_cursor_left(at))
		return WS_OK;
	if (!take_vector16(at, &all))
		return WS_E_SYNTAX;
	for (in = ws_cursor_of(all); ws_cursor_left(&in);)
		if (!ws_take_u16(&in, &type) || !take_vector16(&in, &body) ||
		    !read_extension(type, ws_cursor_of(body), of_client, hello))
			return WS_E_SYNTAX;
	return WS_OK;
}

int tls_client_hello_parse(struct ws_span body, struct tls_hello *ret)
{
	struct ws_cursor at = ws_cursor_of(body);
	struct tls_hello hello = {0};
	struct ws_span suites, compressions;
	int status;

	if (!ws_take_u16(&at, &hello.version) || !ws_take_span(&at, RANDOM_LEN, &hello.random) ||
	    !take_vector8(&at, &hello.session_id) || !take_vector16(&at, &suites) || !take_vector8(&at, &compressions))
		return WS_E_SYNTAX;
	status = read_extensions(&at, true, &hello);
	if (status == WS_OK)
		*ret = hello;
	return status;
}

int tls_server_hello_parse(struct ws_span body, struct tls_hello *ret)
{
	struct ws_cursor at = ws_cursor_of(body);
	struct tls_hello hello = {0};
	int status;

	if (!ws_take_u16(&at, &hello.version) || !ws_take_span(&at, RANDOM_LEN, &hello.random) ||
	    !take_vector8(&at, &hello.session_id) || !ws_take_u16(&at, &hello.suite) ||
	    !ws_take_u8(&at, &hello.compression))
		return WS_E_SYNTAX;
	hello.is_retry = ws_span_equal(hello.random, ws_span_of(retry_random, sizeof(retry_random)));
	status = read_extensions(&at, false, &hello);
	if (status == WS_OK)
		*ret = hello;
	return status;
}

int tls_encrypted_extensions_parse(struct ws_span body, struct tls_hello *ret)
{
	struct ws_cursor at = ws_cursor_of(body);
	struct tls_hello hello = {0};
	int status = read_extensions(&at, false, &hello);

	if (status == WS_OK)
		*ret = hello;
	return status;
}
