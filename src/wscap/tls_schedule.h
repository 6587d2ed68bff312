/* From secrets to keys: the key schedules of TLS 1.2 (RFC 5246, sections 5 and 6.3) and 1.3 (RFC 8446, section 7).
 * Pure; each returns false when libcrypto fails, which is for want of memory. */
#ifndef WSCAP_TLS_SCHEDULE_H
#define WSCAP_TLS_SCHEDULE_H

#include "ws/span.h"
#include "wscap/tls_suite.h"

enum {
	TLS_RANDOM_LEN = 32,
	TLS_MASTER_LEN = 48,
	TLS_SECRET_MAX = 48, /* a traffic secret is as long as its hash */
};

struct tls_secret {
	uint8_t len;
	uint8_t bytes[TLS_SECRET_MAX];
};

/* What protects the records of one direction. */
struct tls_keys {
	uint8_t key[TLS_KEY_MAX];
	uint8_t iv[TLS_IV_LEN]; /* of TLS 1.2: its implicit part */
	uint8_t mac[TLS_HASH_MAX];
};

/* P_hash (RFC 5246, section 5): len bytes of PRF(secret, label, seed) into ret. */
bool tls_prf(enum tls_hash hash, struct ws_span secret, const char *label, struct ws_span seed, uint8_t *ret,
	     size_t len);

/* HKDF-Expand-Label(secret, label, "", len) (RFC 8446, section 7.1) into ret. */
bool tls_expand_label(enum tls_hash hash, struct ws_span secret, const char *label, uint8_t *ret, size_t len);

/* The keys of one direction: TLS 1.2, from the master secret (RFC 5246, section 6.3). */
bool tls_keys_12(const struct tls_suite *suite, const struct tls_secret *master,
		 const uint8_t client_random[TLS_RANDOM_LEN], const uint8_t server_random[TLS_RANDOM_LEN],
		 bool of_server, struct tls_keys *ret);

/* …and TLS 1.3, from its traffic secret (RFC 8446, section 7.3). */
bool tls_keys_13(const struct tls_suite *suite, const struct tls_secret *secret, struct tls_keys *ret);

/* The secret behind a KeyUpdate (RFC 8446, section 7.2). */
bool tls_next_secret(const struct tls_suite *suite, struct tls_secret *secret);

#endif
