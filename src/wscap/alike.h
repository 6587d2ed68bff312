/* Heads that are like one before, so that they need neither be read nor judged.
 *
 * Nearly every request for a WebSocket is, byte for byte, what another client of the same kind has sent, but for the
 * key; and nearly every answer is what the server has answered before, but for the accept value. A copy of some of them
 * is kept, with the place of that value, the hole, and what was read in the copy. A head that has the same bytes around
 * the hole, and in it a value of the right form, is the copy as soon as its value is written there: names, values and
 * what is between them are where they were.
 *
 * Only heads that break no rule are kept, and only what comes a second time: who sends something else in each, as a
 * cookie, makes nobody copy them. */
#ifndef WSCAP_ALIKE_H
#define WSCAP_ALIKE_H

#include "ws/deflate.h"
#include "ws/http.h"
#include "wscap/stream.h"

enum {
	ALIKE_LEN = 1024, /* bytes of a head at most: browsers' without cookies have some 500 */
	ALIKE_SETS = 16,  /* for each direction; a head's length tells which */
	ALIKE_WAYS = 8,   /* heads in each; the oldest makes room */
};

struct alike_head {
	uint64_t stamp;                   /* of what is kept here: another one has another, for ever */
	uint64_t answer;                  /* of a request: the stamp of an answer that breaks no rule with it; or 0 */
	struct ws_deflate_params deflate; /* …and what the two agree on */
	bool alone;                       /* an answer to which nothing of its request matters but the key */
	size_t hole;                      /* where its value is in text */
	struct ws_http_head head;         /* in text */
	uint8_t text[ALIKE_LEN];
};

struct alike;

/* NULL when out of memory. */
struct alike *alike_create(void);
void alike_destroy(struct alike *alike);

/* The one that in, which has to be a whole head of dir and nothing else, is like; it has its value now, until the next
 * call for dir. NULL: there is none. */
struct alike_head *alike_find(struct alike *alike, enum dir dir, struct ws_span in);

/* …the request that it was once found to be like, by that one's stamp: it has its value again. NULL: like is NULL, or
 * was given up since. */
struct alike_head *alike_again(struct alike_head *like, uint64_t stamp, struct ws_span request);

/* What stands in its hole. */
struct ws_span alike_value(const struct alike_head *like, enum dir dir);

/* A head without fault, that is like none; value is its key, or its accept value. Returns what is kept of it, or NULL:
 * it is too long, or came for the first time, or its value has not the form that it should have. One that was found for
 * dir before may be gone. */
struct alike_head *alike_keep(struct alike *alike, enum dir dir, const struct ws_http_head *head, struct ws_span value);

#endif
