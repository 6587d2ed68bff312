/* Cipher suites: what a suite's number says of how records are protected (RFC 5246, appendix C, and its followers; RFC
 * 8446, appendix B.4). How the keys were exchanged does not matter to who has the secrets. */
#ifndef WSCAP_TLS_SUITE_H
#define WSCAP_TLS_SUITE_H

#include <stddef.h>
#include <stdint.h>

enum tls_hash {
	TLS_NONE,
	TLS_SHA1,
	TLS_SHA256,
	TLS_SHA384,
};

enum tls_cipher_id {
	TLS_AES_128_CBC,
	TLS_AES_256_CBC,
	TLS_CAMELLIA_128_CBC,
	TLS_CAMELLIA_256_CBC,
	TLS_AES_128_GCM,
	TLS_AES_256_GCM,
	TLS_ARIA_128_GCM,
	TLS_ARIA_256_GCM,
	TLS_AES_128_CCM,
	TLS_AES_256_CCM,
	TLS_AES_128_CCM_8,
	TLS_AES_256_CCM_8,
	TLS_CHACHA20_POLY1305,
};

enum tls_mode {
	TLS_MODE_CBC, /* with a MAC of its own */
	TLS_MODE_GCM,
	TLS_MODE_CCM,
	TLS_MODE_CHACHA,
};

enum {
	TLS_KEY_MAX = 32,
	TLS_HASH_MAX = 48,
	TLS_IV_LEN = 12, /* of the nonce of every AEAD */
};

struct tls_cipher {
	const char *name; /* OpenSSL's */
	uint8_t mode;     /* enum tls_mode */
	uint8_t key_len;
	uint8_t
	    iv_len; /* in TLS 1.2: of the implicit part of an AEAD's nonce; of CBC the block, which is in the record */
	uint8_t tag_len;
};

struct tls_suite {
	uint16_t number;
	uint8_t cipher; /* enum tls_cipher_id */
	uint8_t hash;   /* enum tls_hash: of the key schedule */
	uint8_t mac;    /* of CBC's records; TLS_NONE */
	const char *name;
};

extern const struct tls_cipher tls_ciphers[];
extern const char *const tls_hash_names[]; /* OpenSSL's */
extern const uint8_t tls_hash_sizes[];

/* NULL: one that cannot be read. */
const struct tls_suite *tls_suite_find(uint16_t number);

static inline const struct tls_cipher *tls_suite_cipher(const struct tls_suite *suite)
{
	return &tls_ciphers[suite->cipher];
}

/* Numbers 0x13xx are TLS 1.3's, and only they (RFC 8446, appendix B.4). */
static inline int tls_suite_is_13(const struct tls_suite *suite)
{
	return suite->number >> 8 == 0x13;
}

#endif
