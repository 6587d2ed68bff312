#include "wscap/tls_record.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

enum {
	EXPLICIT_LEN = 8, /* of a nonce in TLS 1.2, GCM and CCM (RFC 5288, section 3) */
	BLOCK_LEN = 16,   /* of AES and Camellia */
	AAD_12_LEN = 13,
	VERSION_12 = 0x0303,
};

int tls_header_parse(struct ws_span in, struct tls_header *ret)
{
	struct ws_cursor at = ws_cursor_of(in);
	uint8_t major;

	if (!ws_take_u8(&at, &ret->type))
		return 0;
	if (ret->type < TLS_CHANGE_CIPHER_SPEC || ret->type > TLS_APPLICATION_DATA)
		return WS_E_SYNTAX;
	if (!ws_take_u8(&at, &major))
		return 0;
	if (major != VERSION_12 >> 8)
		return WS_E_SYNTAX;
	at = ws_cursor_of(ws_span_from(in, 1));
	if (!ws_take_u16(&at, &ret->version) || !ws_take_u16(&at, &ret->len))
		return 0;
	return ret->len <= TLS_SEALED_MAX ? TLS_HEADER_LEN : WS_E_SYNTAX;
}

static bool init_mac(struct tls_opener *opener, const struct tls_keys *keys)
{
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
					     (char *)(uintptr_t)tls_hash_names[opener->suite->mac], 0),
	    OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	opener->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	return opener->mac && EVP_MAC_init(opener->mac, keys->mac, tls_hash_sizes[opener->suite->mac], params) == 1;
}

static bool init_cipher(struct tls_opener *opener, const struct tls_keys *keys)
{
	const struct tls_cipher *kind = tls_suite_cipher(opener->suite);
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, kind->name, NULL);
	bool done;

	opener->cipher = cipher ? EVP_CIPHER_CTX_new() : NULL;
	done = opener->cipher && EVP_DecryptInit_ex2(opener->cipher, cipher, NULL, NULL, NULL) == 1;
	EVP_CIPHER_free(cipher);
	if (done && kind->mode != TLS_MODE_CBC)
		done = EVP_CIPHER_CTX_ctrl(opener->cipher, EVP_CTRL_AEAD_SET_IVLEN, TLS_IV_LEN, NULL) == 1;
	if (done && kind->mode == TLS_MODE_CCM) /* its tag's length is part of the key's set-up */
		done = EVP_CIPHER_CTX_ctrl(opener->cipher, EVP_CTRL_AEAD_SET_TAG, kind->tag_len, NULL) == 1;
	if (done)
		done = EVP_DecryptInit_ex2(opener->cipher, NULL, keys->key, NULL, NULL) == 1;
	if (done && kind->mode == TLS_MODE_CBC)
		done = EVP_CIPHER_CTX_set_padding(opener->cipher, 0) == 1; /* TLS's own differs */
	return done;
}

bool tls_opener_init(struct tls_opener *opener, const struct tls_suite *suite, bool encrypt_then_mac,
		     const struct tls_keys *keys)
{
	*opener =
	    (struct tls_opener){.suite = suite, .is_13 = tls_suite_is_13(suite), .encrypt_then_mac = encrypt_then_mac};
	memcpy(opener->iv, keys->iv, sizeof(opener->iv));
	if (init_cipher(opener, keys) && (!suite->mac || init_mac(opener, keys)))
		return true;
	tls_opener_finish(opener);
	return false;
}

void tls_opener_finish(struct tls_opener *opener)
{
	EVP_CIPHER_CTX_free(opener->cipher); /* both wipe their keys */
	EVP_MAC_CTX_free(opener->mac);
	OPENSSL_cleanse(opener, sizeof(*opener));
}

static void put_u64(uint8_t *to, uint64_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		to[i] = (uint8_t)value;
}

/* seq_num + type + version + length: what TLS 1.2 authenticates beside the content (RFC 5246, section 6.2.3.3). */
static void put_aad(uint8_t to[AAD_12_LEN], uint64_t seq, const struct tls_header *header, size_t len)
{
	put_u64(to, seq);
	to[8] = header->type;
	to[9] = (uint8_t)(header->version >> 8);
	to[10] = (uint8_t)header->version;
	to[11] = (uint8_t)(len >> 8);
	to[12] = (uint8_t)len;
}

/* The IV with the record's number in its last eight bytes (RFC 8446, section 5.3; RFC 7905, section 2). */
static void put_nonce(uint8_t to[TLS_IV_LEN], const uint8_t iv[TLS_IV_LEN], uint64_t seq)
{
	uint8_t number[8];

	put_u64(number, seq);
	memcpy(to, iv, TLS_IV_LEN);
	for (size_t i = 0; i < sizeof(number); i++)
		to[TLS_IV_LEN - sizeof(number) + i] ^= number[i];
}

/* sealed ends with its tag. */
static bool open_aead(struct tls_opener *opener, const uint8_t nonce[TLS_IV_LEN], struct ws_span aad,
		      struct ws_span sealed, size_t tag_len, uint8_t *to)
{
	bool ccm = tls_suite_cipher(opener->suite)->mode == TLS_MODE_CCM;
	struct ws_span content = ws_span_first(sealed, sealed.len - tag_len);
	struct ws_span tag = ws_span_from(sealed, content.len);
	int len = (int)content.len, done;

	/* CCM wants tag and length first, and is done with the first update. */
	if (EVP_CIPHER_CTX_ctrl(opener->cipher, EVP_CTRL_AEAD_SET_TAG, (int)tag_len, (void *)(uintptr_t)tag.data) !=
		1 ||
	    EVP_DecryptInit_ex2(opener->cipher, NULL, NULL, nonce, NULL) != 1 ||
	    (ccm && EVP_DecryptUpdate(opener->cipher, NULL, &done, NULL, len) != 1) ||
	    EVP_DecryptUpdate(opener->cipher, NULL, &done, aad.data, (int)aad.len) != 1)
		return false;
	if (EVP_DecryptUpdate(opener->cipher, to, &done, content.data, len) != 1)
		return false;
	return ccm || EVP_DecryptFinal_ex(opener->cipher, to + done, &done) == 1;
}

static long open_13(struct tls_opener *opener, uint64_t seq, const struct tls_header *header, struct ws_span body,
		    uint8_t *to, uint8_t *ret_type)
{
	size_t tag_len = tls_suite_cipher(opener->suite)->tag_len;
	const uint8_t aad[TLS_HEADER_LEN] = {header->type, (uint8_t)(header->version >> 8), (uint8_t)header->version,
					     (uint8_t)(header->len >> 8), (uint8_t)header->len};
	uint8_t nonce[TLS_IV_LEN];
	size_t len;

	if (header->type != TLS_APPLICATION_DATA || body.len <= tag_len)
		return WS_E_SYNTAX;
	put_nonce(nonce, opener->iv, seq);
	if (!open_aead(opener, nonce, ws_span_of(aad, sizeof(aad)), body, tag_len, to))
		return WS_E_SYNTAX;
	/* Content, its type, and zeroes (RFC 8446, section 5.4). */
	for (len = body.len - tag_len; len && !to[len - 1];)
		len--;
	if (!len)
		return WS_E_SYNTAX;
	*ret_type = to[len - 1];
	return (long)len - 1;
}

static long open_aead_12(struct tls_opener *opener, uint64_t seq, const struct tls_header *header, struct ws_span body,
			 uint8_t *to)
{
	const struct tls_cipher *kind = tls_suite_cipher(opener->suite);
	size_t given = kind->mode == TLS_MODE_CHACHA ? 0 : EXPLICIT_LEN;
	struct ws_cursor at = ws_cursor_of(body);
	struct ws_span part, sealed;
	uint8_t nonce[TLS_IV_LEN], aad[AAD_12_LEN];
	size_t len;

	if (!ws_take_span(&at, given, &part) || ws_cursor_left(&at) < kind->tag_len)
		return WS_E_SYNTAX;
	sealed = ws_span_of(at.at, ws_cursor_left(&at));
	len = sealed.len - kind->tag_len;
	put_nonce(nonce, opener->iv, seq);
	if (given) {
		memcpy(nonce, opener->iv, TLS_IV_LEN - EXPLICIT_LEN);
		memcpy(nonce + TLS_IV_LEN - EXPLICIT_LEN, part.data, EXPLICIT_LEN);
	}
	put_aad(aad, seq, header, len);
	if (!open_aead(opener, nonce, ws_span_of(aad, sizeof(aad)), sealed, kind->tag_len, to))
		return WS_E_SYNTAX;
	return (long)len;
}

static bool mac_is(struct tls_opener *opener, uint64_t seq, const struct tls_header *header, struct ws_span bytes,
		   const uint8_t *expected)
{
	uint8_t aad[AAD_12_LEN], found[TLS_HASH_MAX];
	size_t len;

	put_aad(aad, seq, header, bytes.len);
	return EVP_MAC_init(opener->mac, NULL, 0, NULL) == 1 && EVP_MAC_update(opener->mac, aad, sizeof(aad)) == 1 &&
	       EVP_MAC_update(opener->mac, bytes.data, bytes.len) == 1 &&
	       EVP_MAC_final(opener->mac, found, &len, sizeof(found)) == 1 && CRYPTO_memcmp(found, expected, len) == 0;
}

/* Behind the content: padding bytes that all say how many there are, and then that number once more. Returns what is
 * left without them, or 0. */
static size_t without_padding(const uint8_t *bytes, size_t len)
{
	struct ws_span all = ws_span_of(bytes, len);
	uint8_t padding = all.data[len - 1];
	struct ws_span behind;

	if (padding >= len)
		return 0;
	behind = ws_span_from(all, len - 1 - padding);
	for (size_t i = 0; i < behind.len; i++)
		if (behind.data[i] != padding)
			return 0;
	return len - behind.len;
}

/* An IV in the record, CBC, and a MAC within (RFC 5246, section 6.2.3.2) or behind (RFC 7366, section 3). */
static long open_cbc(struct tls_opener *opener, uint64_t seq, const struct tls_header *header, struct ws_span body,
		     uint8_t *to)
{
	size_t mac_len = tls_hash_sizes[opener->suite->mac], outside = opener->encrypt_then_mac ? mac_len : 0;
	struct ws_span sealed, iv;
	struct ws_cursor at;
	size_t len;
	int done;

	if (body.len < outside)
		return WS_E_SYNTAX;
	sealed = ws_span_first(body, body.len - outside);
	at = ws_cursor_of(sealed);
	if (!ws_take_span(&at, BLOCK_LEN, &iv) || !ws_cursor_left(&at) || ws_cursor_left(&at) % BLOCK_LEN)
		return WS_E_SYNTAX;
	if (outside && !mac_is(opener, seq, header, sealed, sealed.data + sealed.len))
		return WS_E_SYNTAX;
	if (EVP_DecryptInit_ex2(opener->cipher, NULL, NULL, iv.data, NULL) != 1 ||
	    EVP_DecryptUpdate(opener->cipher, to, &done, at.at, (int)ws_cursor_left(&at)) != 1)
		return WS_E_SYNTAX;
	len = without_padding(to, (size_t)done);
	if (outside)
		return len || to[done - 1] == done - 1 ? (long)len : WS_E_SYNTAX;
	if (len < mac_len || !mac_is(opener, seq, header, ws_span_of(to, len - mac_len), to + len - mac_len))
		return WS_E_SYNTAX;
	return (long)(len - mac_len);
}

long tls_opener_open(struct tls_opener *opener, uint64_t seq, const struct tls_header *header, struct ws_span body,
		     uint8_t *to, uint8_t *ret_type)
{
	long len;

	if (!opener->cipher)
		return WS_E_SYNTAX;
	if (opener->is_13)
		return open_13(opener, seq, header, body, to, ret_type);
	*ret_type = header->type;
	len = tls_suite_cipher(opener->suite)->mode == TLS_MODE_CBC ? open_cbc(opener, seq, header, body, to)
								    : open_aead_12(opener, seq, header, body, to);
	return len <= TLS_PLAIN_MAX ? len : WS_E_SYNTAX;
}

size_t tls_opener_overhead(const struct tls_opener *opener, bool *ret_exact)
{
	const struct tls_cipher *kind = tls_suite_cipher(opener->suite);

	*ret_exact = kind->mode != TLS_MODE_CBC;
	if (opener->is_13)
		return TLS_HEADER_LEN + 1 + kind->tag_len;
	if (kind->mode == TLS_MODE_CBC)
		return TLS_HEADER_LEN + BLOCK_LEN + tls_hash_sizes[opener->suite->mac] + 1;
	return TLS_HEADER_LEN + (kind->mode == TLS_MODE_CHACHA ? 0U : EXPLICIT_LEN) + kind->tag_len;
}
