/* The accept value: RFC 6455, section 4.2.2, 5.4. */

/* SHA-1 by itself, as OpenSSL 1.1 had it: looking for a provider of it takes three times as long as the sum, and it
 * is no secret that it keeps here. */
#define OPENSSL_API_COMPAT 0x10101000L

#include "ws/handshake.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

/* Section 1.3 */
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

enum {
	WORDS = SHA_DIGEST_LENGTH / sizeof(uint32_t),
	ROW = 16,
	TEXT_LEN = WS_KEY_LEN + sizeof(GUID) - 1,
};

typedef uint8_t row __attribute__((vector_size(ROW)));
typedef uint64_t pair __attribute__((vector_size(ROW)));

void ws_accept_value(struct ws_span key, char ret[WS_ACCEPT_LEN + 1])
{
	uint8_t digest[SHA_DIGEST_LENGTH];
	SHA_CTX context;

	ret[0] = '\0';
	if (SHA1_Init(&context) && SHA1_Update(&context, key.data, key.len) &&
	    SHA1_Update(&context, GUID, strlen(GUID)) && SHA1_Final(digest, &context))
		EVP_EncodeBlock((unsigned char *)ret, digest, sizeof(digest));
}

/* The digest of a key of the usual length and the GUID, as words. They and the first bit of the padding (RFC 3174,
 * section 4) fill one block; the length is in a second one, which is always the same. The first is made in pieces of
 * the size that they are read in: smaller ones, just written, would have to be waited for. */
static void digest_usual(const uint8_t key[WS_KEY_LEN], uint32_t ret[WORDS])
{
	static const char behind[] = GUID "\x80\0\0\0";
	static const uint8_t second[SHA_CBLOCK] = {[SHA_CBLOCK - 2] = TEXT_LEN * 8 >> 8,
						   [SHA_CBLOCK - 1] = TEXT_LEN * 8 & 0xff};
	struct {
		row key;
		pair both;
		row rest[2];
	} first;
	SHA_CTX context;
	uint64_t half;

	static_assert(sizeof(first) == SHA_CBLOCK && sizeof(behind) - 1 + WS_KEY_LEN == SHA_CBLOCK, "one block");
	memcpy(&first.key, key, ROW);
	memcpy(&half, key + ROW, sizeof(half));
	first.both[0] = half;
	memcpy(&half, behind, sizeof(half));
	first.both[1] = half;
	memcpy(first.rest, behind + sizeof(half), sizeof(first.rest));
	SHA1_Init(&context);
	SHA1_Transform(&context, (const uint8_t *)&first);
	SHA1_Transform(&context, second);
	ret[0] = context.h0;
	ret[1] = context.h1;
	ret[2] = context.h2;
	ret[3] = context.h3;
	ret[4] = context.h4;
}

/* Of each digit of base64 (RFC 4648, section 4) its value, and 0 of anything else. */
static inline row values_of(row text)
{
	row upper = text - 'A', lower = text - 'a', digit = text - '0';

	return ((row)(upper < 26) & upper) | ((row)(lower < 26) & (lower + 26)) | ((row)(digit < 10) & (digit + 52)) |
	       ((row)(text == '+') & 62) | ((row)(text == '/') & 63);
}

/* What a text of the right form stands for, as words. False: bits are set behind the last of them. */
static inline bool decode(const uint8_t text[WS_ACCEPT_LEN], uint32_t ret[WORDS])
{
	uint8_t values[WS_ACCEPT_LEN];
	uint32_t groups[WS_ACCEPT_LEN / 4];
	row first, last;

	memcpy(&first, text, ROW);
	memcpy(&last, text + WS_ACCEPT_LEN - ROW, ROW);
	first = values_of(first);
	last = values_of(last);
	memcpy(values, &first, ROW);
	memcpy(values + WS_ACCEPT_LEN - ROW, &last, ROW);
	for (size_t i = 0; i < WS_ACCEPT_LEN / 4; i++)
		groups[i] = (uint32_t)values[4 * i] << 18 | (uint32_t)values[4 * i + 1] << 12 |
			    (uint32_t)values[4 * i + 2] << 6 | values[4 * i + 3];
	ret[0] = groups[0] << 8 | groups[1] >> 16;
	ret[1] = groups[1] << 16 | groups[2] >> 8;
	ret[2] = groups[2] << 24 | groups[3];
	ret[3] = groups[4] << 8 | groups[5] >> 16;
	ret[4] = groups[5] << 16 | groups[6] >> 8;
	return !(groups[6] & 0xff);
}

/* The given value is taken apart while the digest is waited for; to make a value of the digest would begin only then.
 */
static bool is_usual(const uint8_t key[WS_KEY_LEN], const uint8_t accept[WS_ACCEPT_LEN])
{
	uint32_t given[WORDS], digest[WORDS], differs;

	differs = !decode(accept, given);
	digest_usual(key, digest);
	for (size_t i = 0; i < WORDS; i++)
		differs |= given[i] ^ digest[i];
	return !differs;
}

bool ws_accept_is(struct ws_span key, struct ws_span accept)
{
	char expected[WS_ACCEPT_LEN + 1];

	if (!ws_accept_is_formed(accept))
		return false;
	if (key.len == WS_KEY_LEN)
		return is_usual(key.data, accept.data);
	ws_accept_value(key, expected);
	return ws_span_equal(accept, ws_span_str(expected));
}
