#include "seal.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEY = 16,
	IV = 12,
	TAG = 16,
	HEADER = 5,
};

struct seal {
	EVP_CIPHER_CTX *cipher;
	uint8_t iv[IV];
	uint64_t seq;
};

static void must(int done)
{
	if (!done)
		abort();
}

/* HKDF-Expand-Label (RFC 8446, section 7.1), for what fits in one block of SHA-256. */
static void expand(const uint8_t secret[SEAL_SECRET], const char *label, uint8_t *to, size_t len)
{
	uint8_t info[64] = {0, (uint8_t)len, (uint8_t)(6 + strlen(label))}, block[32];
	size_t at = 3;

	memcpy(info + at, "tls13 ", 6);
	memcpy(info + at + 6, label, strlen(label));
	at += 6 + strlen(label);
	info[at++] = 0;
	info[at++] = 1; /* the first block */
	must(HMAC(EVP_sha256(), secret, SEAL_SECRET, info, at, block, NULL) != NULL);
	memcpy(to, block, len);
}

struct seal *seal_create(const uint8_t secret[SEAL_SECRET])
{
	struct seal *seal = calloc(1, sizeof(*seal));
	uint8_t key[KEY];

	must(seal != NULL);
	expand(secret, "key", key, KEY);
	expand(secret, "iv", seal->iv, IV);
	seal->cipher = EVP_CIPHER_CTX_new();
	must(seal->cipher && EVP_EncryptInit_ex(seal->cipher, EVP_aes_128_gcm(), NULL, key, NULL) == 1);
	return seal;
}

void seal_destroy(struct seal *seal)
{
	if (!seal)
		return;
	EVP_CIPHER_CTX_free(seal->cipher);
	free(seal);
}

static void put_header(uint8_t *to, uint8_t type, size_t len)
{
	to[0] = type;
	to[1] = to[2] = 3;
	to[3] = (uint8_t)(len >> 8);
	to[4] = (uint8_t)len;
}

size_t seal_record(struct seal *seal, uint8_t type, const void *content, size_t len, uint8_t *to)
{
	uint8_t nonce[IV];
	int done;

	memcpy(nonce, seal->iv, IV);
	for (unsigned i = 0; i < 8; i++)
		nonce[IV - 1 - i] ^= (uint8_t)(seal->seq >> 8 * i);
	seal->seq++;
	put_header(to, SEAL_DATA, len + 1 + TAG);
	must(EVP_EncryptInit_ex(seal->cipher, NULL, NULL, NULL, nonce) == 1 &&
	     EVP_EncryptUpdate(seal->cipher, NULL, &done, to, HEADER) == 1 &&
	     EVP_EncryptUpdate(seal->cipher, to + HEADER, &done, content, (int)len) == 1 &&
	     EVP_EncryptUpdate(seal->cipher, to + HEADER + len, &done, &type, 1) == 1 &&
	     EVP_EncryptFinal_ex(seal->cipher, to + HEADER + len + 1, &done) == 1 &&
	     EVP_CIPHER_CTX_ctrl(seal->cipher, EVP_CTRL_AEAD_GET_TAG, TAG, to + HEADER + len + 1) == 1);
	return HEADER + len + 1 + TAG;
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

/* The record's and the message's headers in front of a body that ends at end. Returns the whole length. */
static size_t wrap(uint8_t *to, uint8_t message, const uint8_t *end)
{
	size_t len = (size_t)(end - to) - HEADER - 4;

	put_header(to, SEAL_HANDSHAKE, len + 4);
	to[HEADER] = message;
	to[HEADER + 1] = 0;
	to[HEADER + 2] = (uint8_t)(len >> 8);
	to[HEADER + 3] = (uint8_t)len;
	return (size_t)(end - to);
}

size_t seal_client_hello(const uint8_t random[SEAL_RANDOM], const char *name, uint8_t to[SEAL_HELLO_MAX])
{
	/* no session, TLS_AES_128_GCM_SHA256, no compression */
	static const uint8_t offer[] = {0, 0, 2, 0x13, 0x01, 1, 0};
	/* supported_versions: TLS 1.3; application_layer_protocol_negotiation: http/1.1 */
	static const uint8_t more[] = {0, 43, 0, 3,   2,   3,   4,   0,   16,  0,   11,
				       0, 9,  8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
	uint8_t len = (uint8_t)strlen(name);
	const uint8_t server_name[] = {0, 0, 0, (uint8_t)(len + 5), 0, (uint8_t)(len + 3), 0, 0, len};
	size_t extensions = sizeof(server_name) + len + sizeof(more);
	uint8_t *at = put(to + HEADER + 4, "\3\3", 2);

	at = put(at, random, SEAL_RANDOM);
	at = put(at, offer, sizeof(offer));
	*at++ = (uint8_t)(extensions >> 8);
	*at++ = (uint8_t)extensions;
	at = put(at, server_name, sizeof(server_name));
	at = put(at, name, len);
	at = put(at, more, sizeof(more));
	return wrap(to, 1, at);
}

size_t seal_server_hello(const uint8_t random[SEAL_RANDOM], uint8_t to[SEAL_HELLO_MAX])
{
	static const uint8_t choice[] = {0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4};
	uint8_t *at = put(to + HEADER + 4, "\3\3", 2);

	at = put(at, random, SEAL_RANDOM);
	return wrap(to, 2, put(at, choice, sizeof(choice)));
}

static void put_hex(FILE *file, const uint8_t *bytes, size_t len)
{
	while (len--)
		fprintf(file, "%02x", *bytes++);
}

void seal_log(FILE *file, const char *label, const uint8_t random[SEAL_RANDOM], const uint8_t secret[SEAL_SECRET])
{
	fprintf(file, "%s ", label);
	put_hex(file, random, SEAL_RANDOM);
	fputc(' ', file);
	put_hex(file, secret, SEAL_SECRET);
	fputc('\n', file);
}
