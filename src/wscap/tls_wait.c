/* Records that wait for their keys.
 *
 * They wait together, both directions in the order of the capture, because what is said on one side often makes sense
 * only behind what the other side said. Each is opened later as if it came in then: with the time and the packet that
 * it really came in. */
#include "wscap/tls_internal.h"

struct waiting_record {
	int64_t time;
	uint64_t packet;
	struct tls_record record; /* its body stands behind it */
};

void tls_wait_charge(struct decode *decode, struct tls *tls)
{
	size_t kept = tls->waiting.cap + tls->forged + (tls->closed ? TLS_CLOSED_COST : 0);

	decode->tls_waiting += kept - tls->charged;
	tls->charged = kept;
}

void tls_wait_finish(struct decode *decode, struct tls *tls)
{
	ws_buf_finish(&tls->waiting);
	tls_wait_charge(decode, tls);
}

/* What is missing to open what waits. */
static enum tls_lock reason(const struct tls *tls)
{
	return tls->facts.has_random && tls->server_hello ? TLS_LOCK_SECRET : TLS_LOCK_HANDSHAKE;
}

/* Is there any hope that what is missing still comes? Of a hello, as long as no gap was told where it would be. */
static bool may_come(const struct decode *decode, const struct tls *tls)
{
	if (reason(tls) == TLS_LOCK_SECRET)
		return decode->keys != DECODE_KEYS_NONE;
	return (tls->facts.has_random || !tls->sides[DIR_C2S].torn) && (tls->server_hello || !tls->sides[DIR_S2C].torn);
}

/* There is no room to wait for any more. What waits already is kept for a secret that may come; what comes is lost.
 * Where secrets are only hoped for, it was said that it cannot be read, and a limit is nobody's news. */
static void give_up(struct decode *decode, struct tls *tls, const struct tls_record *record, const char *limit)
{
	struct event event = {
	    .kind = EVENT_LIMIT,
	    .dir = record->dir,
	    .time = decode->now,
	    .packet = decode->packet,
	    .conn = tls->seat.conn,
	    .stream = seat_stream(&tls->seat),
	    .tls = tls->depth > 0,
	    .as.limit.name = limit,
	};

	if (decode->keys != DECODE_KEYS_HOPED || reason(tls) != TLS_LOCK_SECRET)
		decode_emit(decode, &event);
	if (reason(tls) != TLS_LOCK_SECRET || !tls->waiting.len) {
		tls_lock(decode, tls, reason(tls));
		return;
	}
	tls_tell_locked(decode, tls, TLS_LOCK_SECRET);
	tls->no_room = true;
	tls_pass_over(&tls->sides[record->dir], record);
}

static void wait(struct decode *decode, struct tls *tls, const struct tls_record *record)
{
	struct waiting_record head = {.time = decode->now, .packet = decode->packet, .record = *record};
	size_t before = tls->waiting.len;
	size_t growth = ws_buf_growth(&tls->waiting, sizeof(head) + record->body.len);
	bool room = tls_closed_make_room(decode, growth);
	int status;

	if (!room && tls->forged) {
		tls_forged_finish(decode, tls);
		room = tls_closed_make_room(decode, growth);
	}
	status = room ? ws_buf_append(&tls->waiting, ws_span_of(&head, sizeof(head))) : WS_E_LIMIT;

	if (status == WS_OK)
		status = ws_buf_append(&tls->waiting, record->body);
	if (status != WS_OK)
		tls->waiting.len = before;
	else if (!before)
		tls->waiting_since = decode->now;
	tls->sides[record->dir].waits |= status == WS_OK;
	tls_wait_charge(decode, tls);
	if (status == WS_E_MEMORY) {
		decode->stats.no_memory++;
		tls->done = true;
	} else if (status == WS_E_LIMIT) {
		give_up(decode, tls, record, room ? "max-tls-waiting" : "max-tls-waiting-total");
	} else if (decode->keys == DECODE_KEYS_HOPED && reason(tls) == TLS_LOCK_SECRET) {
		tls_tell_locked(decode, tls, TLS_LOCK_SECRET); /* most likely it stays like this */
	}
}

/* Opens what waits, up to what cannot be opened (at_end: that is passed over). Returns how many bytes are done with. */
static size_t open_waiting(struct decode *decode, struct tls *tls, struct ws_span waiting, bool at_end)
{
	struct ws_cursor at = ws_cursor_of(waiting);
	struct ws_span bytes;
	size_t done = 0;

	while (!tls->done && ws_take_span(&at, sizeof(struct waiting_record), &bytes)) {
		struct waiting_record head;

		memcpy(&head, bytes.data, sizeof(head));
		if (!ws_take_span(&at, head.record.header.len, &head.record.body))
			break;
		decode->now = head.time;
		decode->packet = head.packet;
		if (!tls_open_record(decode, tls, &head.record) && !at_end)
			break;
		done = waiting.len - ws_cursor_left(&at);
	}
	return done;
}

void tls_retry(struct decode *decode, struct tls *tls, bool at_end)
{
	int64_t now = decode->now;
	uint64_t packet = decode->packet, added;
	struct ws_buf waiting;
	bool passed_over = false;
	size_t done;

	if (!tls->waiting.len || tls->done)
		return;
	decode_refresh_keys(decode, at_end);
	added = decode->keyring ? tls_keyring_added(decode->keyring) : 0;
	if (added != tls->keys_seen || tls->both_hellos || at_end) {
		tls->keys_seen = added;
		tls->both_hellos = false;
		waiting = tls->waiting;
		ws_buf_init(&tls->waiting, waiting.max);
		done = open_waiting(decode, tls, ws_buf_span(&waiting), false);
		if (at_end && done < waiting.len && !tls->done) {
			passed_over = true;
			tls_tell_locked(decode, tls, reason(tls));
			done += open_waiting(decode, tls, ws_span_from(ws_buf_span(&waiting), done), true);
		}
		decode->now = now;
		decode->packet = packet;
		if (done < waiting.len && !tls->done) {
			memmove(waiting.data, waiting.data + done, waiting.len - done);
			waiting.len -= done;
			tls->waiting = waiting;
		} else {
			ws_buf_finish(&waiting);
			tls->sides[DIR_C2S].waits = tls->sides[DIR_S2C].waits = false;
			tls->no_room = false;
			if (!passed_over)
				tls_tell_readable(decode, tls);
		}
		tls_wait_charge(decode, tls);
	}
	if (!tls->waiting.len || tls->done)
		return;
	if (!may_come(decode, tls))
		tls_lock(decode, tls, reason(tls));
	else if (decode_since(decode, tls->waiting_since) < decode->limits.reorder)
		return;
	else if (reason(tls) == TLS_LOCK_HANDSHAKE)
		tls_lock(decode, tls, TLS_LOCK_HANDSHAKE);
	else
		tls_tell_locked(decode, tls, TLS_LOCK_SECRET);
}

/* The answer to a HelloRetryRequest: early data may wait in front of it. */
static bool is_second_hello(const struct tls *tls, const struct tls_record *record)
{
	struct ws_cursor at = ws_cursor_of(record->body);
	uint32_t header;

	return tls->facts.retried && record->header.type == TLS_HANDSHAKE && ws_take_u32(&at, &header) &&
	       header >> 24 == TLS_CLIENT_HELLO && (header & 0xffffff) == ws_cursor_left(&at);
}

/* A hello is what the others may be waiting for. */
static bool overtakes(const struct tls *tls, const struct tls_record *record)
{
	return reason(tls) == TLS_LOCK_HANDSHAKE && !tls_waits_for_hello(tls, record) &&
	       (!tls->sides[record->dir].waits || is_second_hello(tls, record));
}

void tls_take_record(struct decode *decode, struct tls *tls, struct tls_record *record)
{
	bool overtaking = tls->waiting.len && overtakes(tls, record), opened = false;

	/* Behind a gap it may be the very hello that what waits would else be given up for. */
	if (tls->waiting.len && !overtaking)
		tls_retry(decode, tls, false);
	if (tls->done)
		return;
	if (!tls->waiting.len || overtaking) {
		opened = tls_open_record(decode, tls, record);
		if (!opened) { /* the key log may have grown since it was read */
			decode_refresh_keys(decode, false);
			opened = tls_open_record(decode, tls, record);
		}
		if (!opened && !may_come(decode, tls)) {
			tls_lock(decode, tls, reason(tls));
			return;
		}
		tls->keys_seen = decode->keyring ? tls_keyring_added(decode->keyring) : 0;
	}
	if (!opened)
		wait(decode, tls, record);
	else if (tls->both_hellos && tls->waiting.len && !tls->done)
		tls_retry(decode, tls, false);
}
