#include "wscap/tls_schedule.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum {
	INFO_MAX = 64, /* an HkdfLabel */
	KEY_BLOCK_MAX = 2 * (TLS_HASH_MAX + TLS_KEY_MAX + TLS_IV_LEN + 4),
};

/* OpenSSL takes parameters that it only reads by pointers that are not const. */
static OSSL_PARAM octets(const char *name, struct ws_span bytes)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes.data, bytes.len);
}

static OSSL_PARAM digest(enum tls_hash hash)
{
	return OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)tls_hash_names[hash], 0);
}

static bool derive(const char *name, const OSSL_PARAM *params, uint8_t *ret, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	bool done = context && EVP_KDF_derive(context, ret, len, params) == 1;

	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return done;
}

bool tls_prf(enum tls_hash hash, struct ws_span secret, const char *label, struct ws_span seed, uint8_t *ret,
	     size_t len)
{
	const OSSL_PARAM params[] = {
	    digest(hash),
	    octets(OSSL_KDF_PARAM_SECRET, secret),
	    octets(OSSL_KDF_PARAM_SEED, ws_span_str(label)),
	    octets(OSSL_KDF_PARAM_SEED, seed),
	    OSSL_PARAM_construct_end(),
	};

	return derive("TLS1-PRF", params, ret, len);
}

bool tls_expand_label(enum tls_hash hash, struct ws_span secret, const char *label, uint8_t *ret, size_t len)
{
	static const char prefix[] = "tls13 ";
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	size_t label_len = strlen(label), prefix_len = sizeof(prefix) - 1;
	uint8_t info[INFO_MAX];
	uint8_t *at = info;
	OSSL_PARAM params[5];

	if (prefix_len + label_len + 4 > sizeof(info))
		return false;
	*at++ = (uint8_t)(len >> 8);
	*at++ = (uint8_t)len;
	*at++ = (uint8_t)(prefix_len + label_len);
	memcpy(at, prefix, prefix_len);
	memcpy(at + prefix_len, label, label_len);
	at += prefix_len + label_len;
	*at++ = 0; /* the context is empty in all that is derived here */
	params[0] = digest(hash);
	params[1] = octets(OSSL_KDF_PARAM_KEY, secret);
	params[2] = octets(OSSL_KDF_PARAM_INFO, ws_span_of(info, (size_t)(at - info)));
	params[3] = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
	params[4] = OSSL_PARAM_construct_end();
	return derive("HKDF", params, ret, len);
}

/* Both directions' parts follow each other: MAC keys, keys, implicit nonces. Takes one of a pair. */
static void take(const uint8_t **at, bool second, uint8_t *ret, size_t len)
{
	memcpy(ret, *at + (second ? len : 0), len);
	*at += 2 * len;
}

bool tls_keys_12(const struct tls_suite *suite, const struct tls_secret *master,
		 const uint8_t client_random[TLS_RANDOM_LEN], const uint8_t server_random[TLS_RANDOM_LEN],
		 bool of_server, struct tls_keys *ret)
{
	const struct tls_cipher *cipher = tls_suite_cipher(suite);
	size_t mac_len = suite->mac ? tls_hash_sizes[suite->mac] : 0;
	size_t iv_len = cipher->mode == TLS_MODE_CBC ? 0 : cipher->iv_len;
	uint8_t seed[2 * TLS_RANDOM_LEN], block[KEY_BLOCK_MAX];
	const uint8_t *at = block;

	memcpy(seed, server_random, TLS_RANDOM_LEN);
	memcpy(seed + TLS_RANDOM_LEN, client_random, TLS_RANDOM_LEN);
	if (!tls_prf(suite->hash, ws_span_of(master->bytes, master->len), "key expansion",
		     ws_span_of(seed, sizeof(seed)), block, 2 * (mac_len + cipher->key_len + iv_len)))
		return false;
	*ret = (struct tls_keys){0};
	take(&at, of_server, ret->mac, mac_len);
	take(&at, of_server, ret->key, cipher->key_len);
	take(&at, of_server, ret->iv, iv_len);
	OPENSSL_cleanse(block, sizeof(block));
	return true;
}

bool tls_keys_13(const struct tls_suite *suite, const struct tls_secret *secret, struct tls_keys *ret)
{
	struct ws_span from = ws_span_of(secret->bytes, secret->len);

	*ret = (struct tls_keys){0};
	return tls_expand_label(suite->hash, from, "key", ret->key, tls_suite_cipher(suite)->key_len) &&
	       tls_expand_label(suite->hash, from, "iv", ret->iv, TLS_IV_LEN);
}

bool tls_next_secret(const struct tls_suite *suite, struct tls_secret *secret)
{
	struct tls_secret next = {.len = secret->len};
	bool done =
	    tls_expand_label(suite->hash, ws_span_of(secret->bytes, secret->len), "traffic upd", next.bytes, next.len);

	if (done)
		*secret = next;
	OPENSSL_cleanse(&next, sizeof(next));
	return done;
}
