/* Connections that are over before their secrets came.
 *
 * A program may write its key log when it ends, and a capture file may have its secrets behind the packets. So what
 * waits of a connection outlives it, as long as nothing of it can be opened: with a copy of its conn, as the table
 * forgets its own, and without its carriers, if it lay in a tunnel, which may be over while their connection goes on.
 * It is counted against limits.tls_waiting_total together with what waits of open connections. Those
 * have the right of way: where they need the room, the oldest of the closed ones goes, and says nothing, as it has
 * already said that it cannot be read.
 *
 * A secret finds its connection by the client's random, so that many of them, and many that wait, cost no search. */
#include "wscap/tls_internal.h"

#include <openssl/crypto.h>

static void append(struct tls_list *list, struct tls *tls)
{
	tls->older = list->newest;
	tls->newer = NULL;
	*(list->newest ? &list->newest->newer : &list->oldest) = tls;
	list->newest = tls;
}

static void take_out(struct tls_list *list, struct tls *tls)
{
	*(tls->older ? &tls->older->newer : &list->oldest) = tls->newer;
	*(tls->newer ? &tls->newer->older : &list->newest) = tls->older;
}

static bool has_random(const void *item, const void *key)
{
	return memcmp(((const struct tls *)item)->facts.client_random, key, TLS_RANDOM_LEN) == 0;
}

static uint64_t hash_of(const struct decode *decode, const struct tls *tls)
{
	return tls_keyring_hash(decode->keyring, tls->facts.client_random);
}

/* Among those that wait. False: no memory. */
static bool enter_waiting(struct decode *decode, struct tls *tls)
{
	if (map_add(&decode->tls_closed.by_random, hash_of(decode, tls), tls) < 0)
		return false;
	append(&decode->tls_closed.waiting, tls);
	tls->ready = false;
	return true;
}

static void leave_waiting(struct decode *decode, struct tls *tls)
{
	map_remove(&decode->tls_closed.by_random, hash_of(decode, tls), tls);
	take_out(&decode->tls_closed.waiting, tls);
}

void tls_closed_leave(struct decode *decode, struct tls *tls)
{
	if (tls->ready)
		take_out(&decode->tls_closed.ready, tls);
	else
		leave_waiting(decode, tls);
	conn_copy_free(tls->seat.conn);
	tls->closed = false;
}

static bool has_secret(const struct decode *decode, const struct tls *tls)
{
	struct tls_secret secret;
	bool found = false;

	for (unsigned label = 0; label < TLS_LABELS && !found; label++)
		found = tls_keyring_find(decode->keyring, (enum tls_label)label, tls->facts.client_random, &secret);
	OPENSSL_cleanse(&secret, sizeof(secret));
	return found;
}

bool tls_close(struct decode *decode, struct tls *tls)
{
	struct conn *conn;

	if (decode->ending || !decode->keyring || !decode->keys || tls->done || !tls->waiting.len || tls->above ||
	    !tls->facts.has_random || !tls->server_hello || has_secret(decode, tls))
		return false;
	conn = conn_copy(tls->seat.conn);
	if (!conn || !enter_waiting(decode, tls)) {
		conn_copy_free(conn);
		return false;
	}
	tls_tell_locked(decode, tls, TLS_LOCK_SECRET);
	layer_leave(&tls->layer);
	layer_rest(decode, &tls->link);
	tls->layer.at.below = NULL;
	tls->layer.at.conn = tls->seat.conn = conn;
	conn_set_user(conn, &tls->layer);
	tls->closed = true;
	tls->closed_time = decode->now;
	tls->closed_packet = decode->packet;
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		ws_buf_finish(&tls->sides[dir].partial);
	tls_wait_charge(decode, tls);
	tls_closed_make_room(decode, 0);
	return true;
}

bool tls_closed_make_room(struct decode *decode, size_t len)
{
	while (decode->tls_waiting + len > decode->limits.tls_waiting_total && decode->tls_closed.waiting.oldest)
		tls_destroy(decode, decode->tls_closed.waiting.oldest);
	return decode->tls_waiting + len <= decode->limits.tls_waiting_total;
}

void tls_closed_secret(void *context, const uint8_t *client_random)
{
	struct decode *decode = context;
	struct tls_closed *closed = &decode->tls_closed;
	uint64_t hash;
	struct tls *tls;

	if (!closed->by_random.count)
		return;
	hash = tls_keyring_hash(decode->keyring, client_random);
	while ((tls = map_find(&closed->by_random, hash, has_random, client_random))) {
		leave_waiting(decode, tls);
		tls->ready = true;
		append(&closed->ready, tls);
	}
}

/* Nothing more comes of it: what is above ends as of when it closed. */
static void finish(struct decode *decode, struct tls *tls)
{
	int64_t now = decode->now;
	uint64_t packet = decode->packet;

	decode->now = tls->closed_time;
	decode->packet = tls->closed_packet;
	tls_over(decode, tls);
	decode->now = now;
	decode->packet = packet;
	tls_destroy(decode, tls);
}

void tls_closed_retry(struct decode *decode)
{
	struct tls_list *ready = &decode->tls_closed.ready;
	struct tls *tls, *last;

	if (!tls_closed_any(&decode->tls_closed))
		return;
	decode_refresh_keys(decode, false);
	last = ready->newest;
	for (bool more = last; more;) {
		tls = ready->oldest;
		more = tls != last;
		tls_retry(decode, tls, false);
		if (!tls->done && tls->waiting.len) { /* for another secret */
			take_out(ready, tls);
			if (enter_waiting(decode, tls))
				continue;
			append(ready, tls);
		}
		finish(decode, tls);
	}
}

void tls_closed_drop(struct decode *decode)
{
	struct tls_closed *closed = &decode->tls_closed;

	while (closed->waiting.oldest)
		tls_destroy(decode, closed->waiting.oldest);
	while (closed->ready.oldest)
		tls_destroy(decode, closed->ready.oldest);
	map_finish(&closed->by_random);
}

void tls_closed_end(struct decode *decode)
{
	struct tls_closed *closed = &decode->tls_closed;

	tls_closed_retry(decode);
	while (closed->waiting.oldest)
		finish(decode, closed->waiting.oldest);
	while (closed->ready.oldest)
		finish(decode, closed->ready.oldest);
}
