#include "base/put.h"

char *put_long(char *at, uint64_t value)
{
	uint64_t high = value / PUT_EIGHT_DIGITS;

	at = high < PUT_EIGHT_DIGITS ? put_short(at, (uint32_t)high) : put_long(at, high);
	return put_digits(at, (uint32_t)(value % PUT_EIGHT_DIGITS), 8);
}

#define COUNT(n)  (1 + ((n) >= 10) + ((n) >= 100))
#define FIRST(n)  ((n) >= 100 ? (n) / 100 : (n) >= 10 ? (n) / 10 : (n))
#define SECOND(n) ((n) >= 100 ? (n) / 10 % 10 : (n) % 10)
#define TEXT(n)                                                                                                        \
	{                                                                                                              \
		'0' + FIRST(n), '0' + SECOND(n), '0' + (n) % 10, COUNT(n)                                              \
	}

#define FOUR(n)       TEXT(n), TEXT((n) + 1), TEXT((n) + 2), TEXT((n) + 3)
#define SIXTEEN(n)    FOUR(n), FOUR((n) + 4), FOUR((n) + 8), FOUR((n) + 12)
#define SIXTY_FOUR(n) SIXTEEN(n), SIXTEEN((n) + 16), SIXTEEN((n) + 32), SIXTEEN((n) + 48)

const char put_bytes[256][4] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};

#define PAIR(n)                                                                                                        \
	{                                                                                                              \
		'0' + (n) / 10, '0' + (n) % 10                                                                         \
	}
#define TEN_PAIRS(n)                                                                                                   \
	PAIR(n), PAIR((n) + 1), PAIR((n) + 2), PAIR((n) + 3), PAIR((n) + 4), PAIR((n) + 5), PAIR((n) + 6),             \
	    PAIR((n) + 7), PAIR((n) + 8), PAIR((n) + 9)

const char put_pairs[100][2] = {TEN_PAIRS(0),  TEN_PAIRS(10), TEN_PAIRS(20), TEN_PAIRS(30), TEN_PAIRS(40),
				TEN_PAIRS(50), TEN_PAIRS(60), TEN_PAIRS(70), TEN_PAIRS(80), TEN_PAIRS(90)};

#define HEX_DIGIT(n) ((n) < 10 ? '0' + (n) : 'a' + (n)-10)
#define HEX(n)                                                                                                         \
	{                                                                                                              \
		HEX_DIGIT((n) / 16), HEX_DIGIT((n) % 16)                                                               \
	}
#define HEX_FOUR(n)       HEX(n), HEX((n) + 1), HEX((n) + 2), HEX((n) + 3)
#define HEX_SIXTEEN(n)    HEX_FOUR(n), HEX_FOUR((n) + 4), HEX_FOUR((n) + 8), HEX_FOUR((n) + 12)
#define HEX_SIXTY_FOUR(n) HEX_SIXTEEN(n), HEX_SIXTEEN((n) + 16), HEX_SIXTEEN((n) + 32), HEX_SIXTEEN((n) + 48)

const char put_hex_bytes[256][2] = {HEX_SIXTY_FOUR(0), HEX_SIXTY_FOUR(64), HEX_SIXTY_FOUR(128), HEX_SIXTY_FOUR(192)};
