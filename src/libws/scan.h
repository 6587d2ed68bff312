/* The scans that reading an HTTP head mostly is: how far a request's target and a field's name go, and where a line
 * stops.
 *
 * Sixteen bytes at once where the machine can be asked about all of them; what is left is the plain twin's, and so is
 * what is rare. Both of a pair answer the same, and a test compares them. Private to libws. */
#ifndef LIBWS_SCAN_H
#define LIBWS_SCAN_H

#include "libws/token.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Behind the last of the token's characters (RFC 9110, section 5.6.2) that begin at `at`; at most end. */
static inline const uint8_t *scan_token_plain(const uint8_t *at, const uint8_t *end)
{
	while (at < end && ws_is_token_char(*at))
		at++;
	return at;
}

/* Behind the last of the bytes of a target that begin at `at`: neither white space nor control characters. */
static inline const uint8_t *scan_target_plain(const uint8_t *at, const uint8_t *end)
{
	while (at<end && * at> ' ' && *at != 0x7f)
		at++;
	return at;
}

/* The first of the bytes that a field's line may not hold, or ends with: LF, CR, zero; or end. */
static inline const uint8_t *scan_line_plain(const uint8_t *at, const uint8_t *end)
{
	while (at < end && *at != '\n' && *at != '\r' && *at != '\0')
		at++;
	return at;
}

/* Are all of sixteen bytes characters of base64 (RFC 4648, section 4)? */
static inline bool scan_is_base64_plain(const uint8_t *at)
{
	bool good = true;

	for (size_t i = 0; i < 16; i++)
		good &= ws_is_alpha(at[i]) || ws_is_digit(at[i]) || at[i] == '+' || at[i] == '/';
	return good;
}

#ifdef __SSE2__

typedef uint8_t scan_row __attribute__((vector_size(16)));

static inline scan_row scan_row_at(const uint8_t *at)
{
	scan_row row;

	memcpy(&row, at, sizeof(row));
	return row;
}

/* A bit for each byte where it holds, the first one's lowest. */
static inline unsigned scan_bits(scan_row holds)
{
	return (unsigned)_mm_movemask_epi8((__m128i)holds);
}

/* Of the characters of a token those that names are made of are looked for. */
static inline const uint8_t *scan_token(const uint8_t *at, const uint8_t *end)
{
	for (; (size_t)(end - at) >= sizeof(scan_row); at += sizeof(scan_row)) {
		scan_row row = scan_row_at(at), letter = (row | 0x20) - 'a', digit = row - '0';
		unsigned other = ~scan_bits((scan_row)(letter < 26) | (scan_row)(digit < 10) | (scan_row)(row == '-'));

		if (other & 0xffff) {
			at += __builtin_ctz(other);
			break;
		}
	}
	return scan_token_plain(at, end);
}

static inline const uint8_t *scan_target(const uint8_t *at, const uint8_t *end)
{
	for (; (size_t)(end - at) >= sizeof(scan_row); at += sizeof(scan_row)) {
		scan_row row = scan_row_at(at);
		unsigned other = scan_bits((scan_row)(row <= ' ') | (scan_row)(row == 0x7f));

		if (other)
			return at + __builtin_ctz(other);
	}
	return scan_target_plain(at, end);
}

static inline const uint8_t *scan_line(const uint8_t *at, const uint8_t *end)
{
	for (; (size_t)(end - at) >= sizeof(scan_row); at += sizeof(scan_row)) {
		scan_row row = scan_row_at(at);
		unsigned found = scan_bits((scan_row)(row == '\n') | (scan_row)(row == '\r') | (scan_row)(row == 0));

		if (found)
			return at + __builtin_ctz(found);
	}
	return scan_line_plain(at, end);
}

static inline bool scan_is_base64(const uint8_t *at)
{
	scan_row row = scan_row_at(at), letter = (row | 0x20) - 'a', digit = row - '0';

	return scan_bits((scan_row)(letter < 26) | (scan_row)(digit < 10) | (scan_row)(row == '+') |
			 (scan_row)(row == '/')) == 0xffff;
}

#else

static inline bool scan_is_base64(const uint8_t *at)
{
	return scan_is_base64_plain(at);
}

static inline const uint8_t *scan_token(const uint8_t *at, const uint8_t *end)
{
	return scan_token_plain(at, end);
}

static inline const uint8_t *scan_target(const uint8_t *at, const uint8_t *end)
{
	return scan_target_plain(at, end);
}

static inline const uint8_t *scan_line(const uint8_t *at, const uint8_t *end)
{
	return scan_line_plain(at, end);
}

#endif

#endif
