/* TLS records (RFC 8446, section 5; RFC 5246, section 6.2): their headers, and how their content is opened. */
#ifndef WSCAP_TLS_RECORD_H
#define WSCAP_TLS_RECORD_H

#include "ws/error.h"
#include "wscap/tls_schedule.h"

#include <openssl/evp.h>

enum tls_content {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
};

enum {
	TLS_HEADER_LEN = 5,
	TLS_PLAIN_MAX = 1 << 14,               /* bytes of content (RFC 8446, section 5.1) */
	TLS_SEALED_MAX = TLS_PLAIN_MAX + 2048, /* …and as TLS 1.2 may have sealed it (RFC 5246, section 6.2.3) */
	TLS_RECORD_MAX = TLS_HEADER_LEN + TLS_SEALED_MAX,
};

struct tls_header {
	uint8_t type; /* enum tls_content */
	uint16_t version;
	uint16_t len; /* of what follows */
};

/* Takes a header from the front of in: TLS_HEADER_LEN, 0 when more is needed, or WS_E_SYNTAX when no header begins like
 * this (which is said as soon as its first bytes tell). */
int tls_header_parse(struct ws_span in, struct tls_header *ret);

/* Opens the records of one direction under one set of keys. Zeroes are one that opens nothing. */
struct tls_opener {
	const struct tls_suite *suite;
	bool is_13;
	bool encrypt_then_mac; /* RFC 7366 */
	uint8_t iv[TLS_IV_LEN];
	EVP_CIPHER_CTX *cipher;
	EVP_MAC_CTX *mac; /* of CBC */
	uint64_t seq;     /* of the next record */
};

/* False when libcrypto fails; then it is as zeroes. */
bool tls_opener_init(struct tls_opener *opener, const struct tls_suite *suite, bool encrypt_then_mac,
		     const struct tls_keys *keys);
void tls_opener_finish(struct tls_opener *opener);

/* Opens one record whose number is seq: its content into to, which has room for the whole body. Returns the content's
 * length, or WS_E_SYNTAX: it is not authentic under these keys and that number. ret_type is what the content is: in TLS
 * 1.3 it is said inside. seq of opener is not touched. */
long tls_opener_open(struct tls_opener *opener, uint64_t seq, const struct tls_header *header, struct ws_span body,
		     uint8_t *to, uint8_t *ret_type);

/* Bytes that a record has around its content, header included; ret_exact: not one more (padding). */
size_t tls_opener_overhead(const struct tls_opener *opener, bool *ret_exact);

#endif
