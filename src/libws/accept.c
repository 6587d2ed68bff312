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
typedef uint16_t eight __attribute__((vector_size(ROW)));
typedef uint32_t four __attribute__((vector_size(ROW)));
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
	pair first[SHA_CBLOCK / ROW], end, guid;
	SHA_CTX context;

	static_assert(sizeof(behind) - 1 + WS_KEY_LEN == SHA_CBLOCK, "one block");
	memcpy(&first[0], key, ROW);
	memcpy(&end, key + WS_KEY_LEN - ROW, ROW);
	memcpy(&guid, behind, ROW);
	first[1] = __builtin_shufflevector(end, guid, 1, 2); /* the key's last eight bytes, the GUID's first */
	memcpy(&first[2], behind + ROW / 2, 2 * ROW);
	SHA1_Init(&context);
	SHA1_Transform(&context, (const uint8_t *)first);
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

/* Where the first byte is in a lane of two, and the first two in one of four. */
enum {
	FIRST = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 8,
	SECOND = 8 - FIRST,
};

/* Four digits at a time, 24 bits. */
static inline four groups_of(row values)
{
	eight lanes = (eight)values;
	four pairs = (four)((lanes >> FIRST & 0xff) << 6 | (lanes >> SECOND & 0xff));

	return (pairs >> 2 * FIRST & 0xffff) << 12 | (pairs >> 2 * SECOND & 0xffff);
}

/* What a text of the right form stands for, as words. False: bits are set behind the last of them. */
static inline bool decode(const uint8_t text[WS_ACCEPT_LEN], uint32_t ret[WORDS])
{
	four groups, rest; /* the first four, and the last four */
	row first, last;

	static_assert(WS_ACCEPT_LEN == 7 * 4, "one group is in both");
	memcpy(&first, text, ROW);
	memcpy(&last, text + WS_ACCEPT_LEN - ROW, ROW);
	groups = groups_of(values_of(first));
	rest = groups_of(values_of(last));
	ret[0] = groups[0] << 8 | groups[1] >> 16;
	ret[1] = groups[1] << 16 | groups[2] >> 8;
	ret[2] = groups[2] << 24 | groups[3];
	ret[3] = rest[1] << 8 | rest[2] >> 16;
	ret[4] = rest[2] << 16 | rest[3] >> 8;
	return !(rest[3] & 0xff);
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
