/* TLS as a layer (layer.h): records in, what they protect out.
 *
 *     bytes of both directions ─► records ─► [wait for their key] ─► open ─► handshake: which keys come next
 *                                                                         └► application data: the seat above
 *
 * TLS 1.2 (RFC 5246) and 1.3 (RFC 8446), with the secrets of a key log (tls_keyring.h). Nothing is taken on trust: a
 * record whose tag or MAC is wrong is not told. After bytes that were not captured the next record is found by its
 * header and the one behind it, and its number by trying, up to TLS_TRIES numbers ahead.
 *
 * Records of a connection whose key is not there yet wait, all of them in order, within limits.tls_waiting, and are
 * opened when it comes, with the time and packet that they came in, also when the connection is over by then
 * (tls_closed.h). Past that limit records are passed over, and lost. What cannot be read is said once per connection,
 * and why (EVENT_TLS_LOCKED); where no secret may come, it costs nothing more from then on.
 *
 * Within TLS there may be TLS: a proxy's, and in a tunnel through it a server's (TLS_DEPTH_MAX).
 *
 * Not done: SSL 3.0, TLS 1.0 and 1.1, renegotiation, compression. */
#ifndef WSCAP_TLS_H
#define WSCAP_TLS_H

#include "wscap/conn.h"
#include "wscap/tls_hello.h"
#include "wscap/tls_keyring.h"

struct decode;
struct layer;
struct seat;

enum {
	TLS_DEPTH_MAX = 2,     /* TLS within each other: a stranger's nesting must end, and each depth has a buffer */
	TLS_NAME_MAX = 255,    /* bytes of a server's name (RFC 1035, section 2.3.4) that are kept */
	TLS_PROTOCOL_MAX = 63, /* …of a protocol's */
};

enum tls_early {
	TLS_EARLY_NONE,
	TLS_EARLY_OFFERED, /* and no answer is known */
	TLS_EARLY_ACCEPTED,
	TLS_EARLY_REJECTED, /* the client says it again behind the handshake */
};

/* What the handshake said so far. */
struct tls_facts {
	uint16_t version;              /* chosen; before the answer the highest that is offered */
	const struct tls_suite *suite; /* NULL: not known, or not one of ours: suite_number tells */
	uint16_t suite_number;         /* 0: no answer yet */
	bool resumed;
	bool retried;  /* the server asked for another ClientHello */
	uint8_t early; /* enum tls_early */
	bool has_random;
	uint8_t client_random[TLS_RANDOM_LEN];
	uint8_t name_len, protocol_len;
	char name[TLS_NAME_MAX];         /* of the server, as the client called it */
	char protocol[TLS_PROTOCOL_MAX]; /* ALPN: agreed on; before that the client's first */
};

static inline struct ws_span tls_facts_name(const struct tls_facts *facts)
{
	return ws_span_of(facts->name, facts->name_len);
}

static inline struct ws_span tls_facts_protocol(const struct tls_facts *facts)
{
	return ws_span_of(facts->protocol, facts->protocol_len);
}

/* Why a connection cannot be read. */
enum tls_lock {
	TLS_LOCK_SECRET,        /* a secret is missing: which one is told with it */
	TLS_LOCK_HANDSHAKE,     /* the handshake, or what matters of it, was not captured */
	TLS_LOCK_VERSION,       /* older than TLS 1.2, or unknown */
	TLS_LOCK_SUITE,         /* one that is not known, or that compresses */
	TLS_LOCK_WRONG_SECRET,  /* records are not authentic under it */
	TLS_LOCK_RENEGOTIATION, /* a second handshake within the first one's protection */
	TLS_LOCK_LOST,          /* after a gap, the number of the next record was not found */
	TLS_LOCK_COUNT,
};
extern const char *const tls_lock_names[TLS_LOCK_COUNT]; /* ids, as a machine reads them */

/* "TLS 1.3", or NULL: a number that means nothing. */
const char *tls_version_name(uint16_t version);

/* The name of an alert (RFC 8446, section 6, and IANA's registry), or NULL. */
const char *tls_alert_name(uint8_t code);
enum {
	TLS_ALERT_CLOSE_NOTIFY = 0,
	TLS_ALERT_FATAL = 2, /* a level */
};

/* Do these bytes, the first of one direction, begin TLS? In the middle of a connection (first is false: behind other
 * bytes) only the whole header of a hello does, a client's or a server's. */
bool tls_begins(struct ws_span bytes, enum dir dir, bool first);

/* How many of them carry this seat. */
unsigned tls_depth(const struct seat *seat);

/* The layer, in its seat, at less than TLS_DEPTH_MAX; on the heap. NULL when out of memory. */
struct layer *tls_create(struct decode *decode, const struct seat *seat);

#endif
