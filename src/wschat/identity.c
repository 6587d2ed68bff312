#include "wschat/identity.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

enum {
	UID_DIGITS = 16,
	MAC_LEN = 32, /* of SHA-256 */
};

/* purpose keeps the MACs of one uid apart. */
static void mac(const uint8_t secret[SECRET_LEN], char purpose, person_id uid, uint8_t ret[MAC_LEN])
{
	uint8_t text[1 + sizeof(uid)] = {(uint8_t)purpose};
	unsigned len = MAC_LEN;

	for (size_t i = 0; i < sizeof(uid); i++)
		text[1 + i] = (uint8_t)(uid >> (8 * i));
	if (!HMAC(EVP_sha256(), secret, SECRET_LEN, text, sizeof(text), ret, &len))
		abort(); /* OpenSSL without SHA-256: nothing could be told apart */
}

static void put_hex(char *to, const uint8_t *bytes, size_t digits)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < digits; i++)
		to[i] = hex[bytes[i / 2] >> (i % 2 ? 0 : 4) & 0xf];
	to[digits] = '\0';
}

void identity_hex(const uint8_t secret[SECRET_LEN], person_id uid, char ret[PERSON_HEX_LEN + 1])
{
	uint8_t bytes[MAC_LEN];

	mac(secret, 'i', uid, bytes);
	put_hex(ret, bytes, PERSON_HEX_LEN);
}

void identity_token(const uint8_t secret[SECRET_LEN], person_id uid, char ret[TOKEN_LEN + 1])
{
	uint8_t number[sizeof(uid)], bytes[MAC_LEN];

	for (size_t i = 0; i < sizeof(uid); i++)
		number[i] = (uint8_t)(uid >> (8 * (sizeof(uid) - 1 - i)));
	mac(secret, 't', uid, bytes);
	put_hex(ret, number, UID_DIGITS);
	put_hex(ret + UID_DIGITS, bytes, TOKEN_LEN - UID_DIGITS);
}

person_id identity_check(const uint8_t secret[SECRET_LEN], struct ws_span token)
{
	char number[UID_DIGITS + 1], good[TOKEN_LEN + 1];
	person_id uid;

	if (token.len != TOKEN_LEN)
		return 0;
	memcpy(number, token.data, UID_DIGITS);
	number[UID_DIGITS] = '\0';
	uid = strtoull(number, NULL, 16);
	identity_token(secret, uid, good);
	return CRYPTO_memcmp(good, token.data, TOKEN_LEN) == 0 ? uid : 0;
}
