#include "flood_message.h"

#include <stdio.h>
#include <string.h>

#define BEFORE "{\"type\":\"say\",\"number\":"
#define AFTER                                                                                                          \
	",\"to_client_id\":\"all\",\"content\":\"words that fill the message until it has the length of those in the " \
	"other captures\"}"

enum {
	DIGITS = 9, /* JSON has no zeroes in front of a number: it begins at 10^8 */
	FIRST = 100 * 1000 * 1000,
	HEADER = 8, /* two bytes, the length, the key */
	LEN = sizeof(BEFORE) - 1 + DIGITS + sizeof(AFTER) - 1,
};

_Static_assert(LEN >= 126 && HEADER + LEN <= FLOOD_FRAME_MAX, "a length of 16 bits, and room for it");

const char flood_request[] = "GET /flood HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
			     "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			     "Sec-WebSocket-Version: 13\r\n\r\n";
const char flood_answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static const uint8_t key[4] = {0x9a, 0x26, 0x5f, 0x9d};

static void put_masked(uint8_t *frame, size_t at, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		frame[HEADER + at + i] = (uint8_t)text[i] ^ key[(at + i) % sizeof(key)];
}

size_t flood_message(uint8_t frame[FLOOD_FRAME_MAX], unsigned long number)
{
	frame[0] = 0x81;
	frame[1] = 0x80 | 126;
	frame[2] = LEN >> 8;
	frame[3] = LEN & 0xff;
	memcpy(frame + 4, key, sizeof(key));
	put_masked(frame, 0, BEFORE, sizeof(BEFORE) - 1);
	put_masked(frame, LEN - (sizeof(AFTER) - 1), AFTER, sizeof(AFTER) - 1);
	flood_renumber(frame, number);
	return HEADER + LEN;
}

void flood_renumber(uint8_t *frame, unsigned long number)
{
	char digits[DIGITS];

	number = FIRST + number % (9UL * FIRST);
	for (int i = DIGITS - 1; i >= 0; i--, number /= 10)
		digits[i] = (char)('0' + number % 10);
	put_masked(frame, sizeof(BEFORE) - 1, digits, sizeof(digits));
}
