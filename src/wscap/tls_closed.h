/* TLS connections that are over before their secrets came: what is kept of them, and until when. */
#ifndef WSCAP_TLS_CLOSED_H
#define WSCAP_TLS_CLOSED_H

#include "base/map.h"

struct decode;
struct tls;

struct tls_list {
	struct tls *oldest, *newest; /* in the order in which they closed */
};

/* Zeroes are none. */
struct tls_closed {
	struct tls_list waiting; /* none of their secrets is there: found by their client_random */
	struct tls_list ready;   /* some secret came since they were looked at */
	struct map by_random;    /* of those that wait */
};

static inline bool tls_closed_any(const struct tls_closed *closed)
{
	return closed->waiting.oldest || closed->ready.oldest;
}

/* Whoever reads key logs tells decode of each secret that is new. */
void tls_closed_secret(void *decode, const uint8_t *client_random);

/* Opens what can be opened by now, with the times and packets of then. */
void tls_closed_retry(struct decode *decode);
/* All are forgotten. */
void tls_closed_drop(struct decode *decode);
/* The capture is over: what can be opened of the others is told, and all are forgotten. */
void tls_closed_end(struct decode *decode);

#endif
