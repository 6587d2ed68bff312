/* Masking and unmasking: RFC 6455, section 5.3. */
#ifndef WS_MASK_H
#define WS_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes src xor key to dst. offset is the position of src[0] in the payload (only its last two bits matter).
 * dst and src are either the same or do not overlap. Captured bytes are const: a program that watches never
 * passes the same. */
void ws_mask(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset);

/* The same from the beginning of a payload, to a place that does not overlap src. Returns whether all that it wrote is
 * ASCII: most text is, and need not be looked at again. */
bool ws_mask_ascii(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4]);

/* ws_mask(), a byte at a time: the plain twin that the test compares both with. */
void ws_mask_plain(uint8_t *dst, const uint8_t *src, size_t len, const uint8_t key[4], uint64_t offset);

#endif
