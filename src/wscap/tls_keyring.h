/* The secrets of TLS connections, as a key log tells them (RFC 9850; the NSS key log format): one line for each secret,
 * found by its label and the random of the ClientHello.
 *
 *     CLIENT_RANDOM <64 hex digits> <96 hex digits>            TLS 1.2's master secret
 *     CLIENT_TRAFFIC_SECRET_0 <64 hex digits> <hex digits>     one of TLS 1.3's
 *
 * What is remembered has a maximum; the oldest goes first. Secrets are wiped before their memory is given back. */
#ifndef WSCAP_TLS_KEYRING_H
#define WSCAP_TLS_KEYRING_H

#include "wscap/tls_schedule.h"

enum tls_label {
	TLS_LABEL_MASTER, /* CLIENT_RANDOM */
	TLS_LABEL_CLIENT_EARLY,
	TLS_LABEL_CLIENT_HANDSHAKE,
	TLS_LABEL_SERVER_HANDSHAKE,
	TLS_LABEL_CLIENT_TRAFFIC,
	TLS_LABEL_SERVER_TRAFFIC,
	TLS_LABELS,
};

extern const char *const tls_label_names[TLS_LABELS]; /* as they stand in a key log */

/* A key log that comes in pieces: the line that the last piece cut off. Zeroes are its beginning. */
enum {
	TLS_KEYLOG_LINE_MAX = 512, /* what is longer is no line of a key log */
};
struct tls_keylog {
	char line[TLS_KEYLOG_LINE_MAX];
	size_t len;
	bool too_long;   /* the line under way: passed over */
	bool in_capture; /* the caller's to set: the capture file itself has it */
};

struct out;
struct tls_keyring;

struct tls_keyring_stats {
	uint64_t secrets;  /* ever read */
	uint64_t dropped;  /* for newer ones */
	uint64_t rsa;      /* lines "RSA …", of the format's first days: encrypted pre-master secrets are not read */
	uint64_t not_read; /* lines that are neither a comment nor a key log's */
};

/* At most max secrets. NULL when out of memory. */
struct tls_keyring *tls_keyring_create(size_t max);
void tls_keyring_destroy(struct tls_keyring *keyring);

/* The next bytes of a key log. Secrets that are known are not added twice. */
void tls_keyring_read(struct tls_keyring *keyring, struct tls_keylog *keylog, struct ws_span bytes);
/* No more come: a last line without its end counts too. */
void tls_keyring_read_end(struct tls_keyring *keyring, struct tls_keylog *keylog);

bool tls_keyring_find(const struct tls_keyring *keyring, enum tls_label label, const uint8_t random[TLS_RANDOM_LEN],
		      struct tls_secret *ret);

/* Adds to out the lines of a key log that tell all secrets of this random, but for those that the capture file itself
 * has, and those whose label has its bit in *done. Their bits are set. */
void tls_keyring_put(const struct tls_keyring *keyring, const uint8_t random[TLS_RANDOM_LEN], uint8_t *done,
		     struct out *out);

/* added is told the client's random of each secret that was not there before, right when it is. */
void tls_keyring_on_added(struct tls_keyring *keyring, void (*added)(void *context, const uint8_t *client_random),
			  void *context);
/* A hash of a client's random, as no stranger can foresee it. */
uint64_t tls_keyring_hash(const struct tls_keyring *keyring, const uint8_t random[TLS_RANDOM_LEN]);

/* How many secrets were added ever: whether it is worth asking again. */
uint64_t tls_keyring_added(const struct tls_keyring *keyring);
void tls_keyring_stats(const struct tls_keyring *keyring, struct tls_keyring_stats *ret);

#endif
