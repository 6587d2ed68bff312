/* Numbers into room that is there already: for lines that ask out_room() once and are then written piece by piece.
 *
 * Each routine writes at at and returns where its text ends. It may write PUT_ROOM bytes whatever the text's length, as
 * whole words are stored; what is behind the text is written over by the next piece. So who asks for room asks for the
 * longest text and PUT_ROOM more. */
#ifndef BASE_PUT_H
#define BASE_PUT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum {
	PUT_ROOM = 24, /* what put_u64() stores: three words */
};

#define PUT_ZEROES       UINT64_C(0x3030303030303030)
#define PUT_FOUR_DIGITS  10000     /* the first number that has more */
#define PUT_EIGHT_DIGITS 100000000 /* likewise */

/* The eight digits of a value below PUT_EIGHT_DIGITS, one a byte, the first one lowest. All eight are made at once, by
 * splitting a word into halves, quarters and eighths: quotients by 100 and 10 are products that are exact below 10,000
 * and 100. There is no branch that depends on the value. */
static inline uint64_t put_split(uint32_t value)
{
	uint64_t halves = value / 10000 | (uint64_t)(value % 10000) << 32;
	uint64_t hundreds = (halves * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t quarters = hundreds | (halves - hundreds * 100) << 16;
	uint64_t tens = (quarters * 103 >> 10) & 0x000f000f000f000f;

	return tens | (quarters - tens * 10) << 8;
}

static inline char *put_word(char *at, uint64_t characters, unsigned len)
{
	characters = htole64(characters);
	memcpy(at, &characters, sizeof(characters));
	return at + len;
}

/* The two digits of each number below 100. */
extern const char put_pairs[100][2];

/* The six digits of a value below 1,000,000, as a time has them behind its second. */
static inline char *put_six(char *at, uint32_t value)
{
	uint32_t hundreds = value / 100, tens_of_thousands = hundreds / 100;

	memcpy(at, put_pairs[tens_of_thousands], 2);
	memcpy(at + 2, put_pairs[hundreds - tens_of_thousands * 100], 2);
	memcpy(at + 4, put_pairs[value - hundreds * 100], 2);
	return at + 6;
}

/* Exactly width digits, at most eight, of a value that has no more. */
static inline char *put_digits(char *at, uint32_t value, unsigned width)
{
	return put_word(at, (put_split(value) | PUT_ZEROES) >> (64 - 8 * width), width);
}

/* Each byte's digits, and how many there are. */
extern const char put_bytes[256][4];

/* A byte, as IPv4's addresses have four. */
static inline char *put_byte(char *at, uint8_t value)
{
	const char *text = put_bytes[value];

	memcpy(at, text, 4);
	return at + text[3];
}

static inline char *put_char(char *at, char c)
{
	*at = c;
	return at + 1;
}

/* 127.0.0.1 */
static inline char *put_ipv4(char *at, const uint8_t address[static 4])
{
	for (unsigned i = 0; i < 3; i++)
		at = put_char(put_byte(at, address[i]), '.');
	return put_byte(at, address[3]);
}

/* A value below PUT_FOUR_DIGITS, as windows, lengths and counts often are. */
static inline char *put_few(char *at, uint32_t value)
{
	uint32_t hundreds = value / 100, zero = value < 1000;
	uint16_t first, last;
	uint32_t digits;

	if (value <= UINT8_MAX)
		return put_byte(at, (uint8_t)value);
	memcpy(&first, put_pairs[hundreds], sizeof(first));
	memcpy(&last, put_pairs[value - hundreds * 100], sizeof(last));
	digits = htole32((le16toh(first) | (uint32_t)le16toh(last) << 16) >> 8 * zero);
	memcpy(at, &digits, sizeof(digits));
	return at + 4 - zero;
}

/* A value below PUT_EIGHT_DIGITS. */
static inline char *put_short(char *at, uint32_t value)
{
	uint64_t digits;
	unsigned zeroes;

	if (value < PUT_FOUR_DIGITS)
		return put_few(at, value);
	digits = put_split(value);
	/* the last digit stands, even where it is a zero */
	zeroes = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) & ~7u;
	return put_word(at, (digits | PUT_ZEROES) >> zeroes, 8 - zeroes / 8);
}

/* Width characters, at most eight: a value that has no more digits, with spaces before it. */
static inline char *put_right(char *at, uint32_t value, unsigned width)
{
	uint64_t digits, spaces;
	unsigned zeroes;

	if (value <= UINT8_MAX) {
		memset(at, ' ', 8);
		memcpy(at + width - put_bytes[value][3], put_bytes[value], 4);
		return at + width;
	}
	digits = put_split(value);
	zeroes = (unsigned)__builtin_ctzll(digits | UINT64_C(1) << 56) & ~7u;
	spaces = ('0' ^ ' ') * UINT64_C(0x0101010101010101) & ((UINT64_C(1) << zeroes) - 1);
	return put_word(at, ((digits | PUT_ZEROES) ^ spaces) >> (64 - 8 * width), width);
}

/* A number on the wire seldom has more bits. */
static inline char *put_u32(char *at, uint32_t value)
{
	if (value < PUT_EIGHT_DIGITS)
		return put_short(at, value);
	return put_digits(put_byte(at, (uint8_t)(value / PUT_EIGHT_DIGITS)), value % PUT_EIGHT_DIGITS, 8);
}

char *put_long(char *at, uint64_t value); /* any value */

static inline char *put_u64(char *at, uint64_t value)
{
	return value < PUT_EIGHT_DIGITS ? put_short(at, (uint32_t)value) : put_long(at, value);
}

/* Each byte's two digits in lower case. */
extern const char put_hex_bytes[256][2];

static inline char *put_hex_byte(char *at, uint8_t value)
{
	memcpy(at, put_hex_bytes[value], 2);
	return at + 2;
}

/* A literal, whose length is known here. */
#define put_lit(at, literal) ((char *)memcpy((at), "" literal, sizeof(literal) - 1) + (sizeof(literal) - 1))

#endif
