/* TLS 1.3 as it looks on the wire, for captures that are made: hellos, and records under TLS_AES_128_GCM_SHA256 (RFC
 * 8446), with the key log that opens them. No key exchange takes place: secrets are given, and nobody signs anything.
 */
#ifndef SEAL_H
#define SEAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	SEAL_SECRET = 32,
	SEAL_RANDOM = 32,
	SEAL_AROUND = 5 + 1 + 16, /* bytes of a record around its content */
	SEAL_HELLO_MAX = 256,
	SEAL_HANDSHAKE = 22,
	SEAL_DATA = 23,
};

/* What one side seals with. */
struct seal;

/* From a traffic secret. Ends the program when libcrypto fails. */
struct seal *seal_create(const uint8_t secret[SEAL_SECRET]);
void seal_destroy(struct seal *seal);

/* One record with len bytes of a content type, into to: room for len + SEAL_AROUND. Returns its length. */
size_t seal_record(struct seal *seal, uint8_t type, const void *content, size_t len, uint8_t *to);

/* The records of the two hellos, in clear. */
size_t seal_client_hello(const uint8_t random[SEAL_RANDOM], const char *name, uint8_t to[SEAL_HELLO_MAX]);
size_t seal_server_hello(const uint8_t random[SEAL_RANDOM], uint8_t to[SEAL_HELLO_MAX]);

/* A line of the key log. */
void seal_log(FILE *file, const char *label, const uint8_t random[SEAL_RANDOM], const uint8_t secret[SEAL_SECRET]);

#endif
