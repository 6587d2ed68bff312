/* Which keys open which records, and what becomes of what is in them. */
#include "wscap/tls_internal.h"

#include <openssl/crypto.h>
#include <stdlib.h>

void tls_tear(struct tls_side *side)
{
	side->torn = true;
	ws_buf_finish(&side->message);
	side->message_left = 0;
}

void tls_set_epoch(struct tls_side *side, enum tls_epoch epoch)
{
	tls_opener_finish(&side->opener);
	OPENSSL_cleanse(&side->secret, sizeof(side->secret));
	side->epoch = (uint8_t)epoch;
	side->seq = 0;
	side->torn = false;
	ws_buf_finish(&side->message);
	side->message_left = 0;
}

static enum tls_label label_of(const struct tls *tls, enum dir dir, enum tls_epoch epoch)
{
	if (!tls_is_13(tls))
		return TLS_LABEL_MASTER;
	if (epoch == TLS_EARLY)
		return TLS_LABEL_CLIENT_EARLY;
	if (epoch == TLS_HANDSHAKE_EPOCH)
		return dir == DIR_C2S ? TLS_LABEL_CLIENT_HANDSHAKE : TLS_LABEL_SERVER_HANDSHAKE;
	return dir == DIR_C2S ? TLS_LABEL_CLIENT_TRAFFIC : TLS_LABEL_SERVER_TRAFFIC;
}

static bool make_opener(const struct tls *tls, const struct tls_secret *secret, enum dir dir, struct tls_opener *ret)
{
	const struct tls_suite *suite = tls->facts.suite;
	struct tls_keys keys;
	bool done;

	if (tls_suite_is_13(suite))
		done = secret->len == tls_hash_sizes[suite->hash] && tls_keys_13(suite, secret, &keys);
	else
		done = tls_keys_12(suite, secret, tls->facts.client_random, tls->server_random, dir == DIR_S2C, &keys);
	done = done && tls_opener_init(ret, suite, tls->encrypt_then_mac, &keys);
	OPENSSL_cleanse(&keys, sizeof(keys));
	return done;
}

/* The opener of an epoch. False: its secret is not there. */
static bool find_opener(struct decode *decode, struct tls *tls, enum dir dir, enum tls_epoch epoch,
			struct tls_secret *secret, struct tls_opener *ret)
{
	if (!decode->keyring ||
	    !tls_keyring_find(decode->keyring, label_of(tls, dir, epoch), tls->facts.client_random, secret))
		return false;
	tls_tell_secrets(decode, tls);
	return make_opener(tls, secret, dir, ret);
}

/* The numbers that the record may have: its own or, behind what was lost, as many more as would fit in there. */
static uint64_t tries(const struct tls_record *record, const struct tls_opener *opener)
{
	bool exact;
	uint64_t count = record->lost / (tls_opener_overhead(opener, &exact) + 1) + 1;

	return record->lost ? (count < TLS_TRIES ? count + 1 : TLS_TRIES) : 1;
}

/* Opens a record with the first number from *seq on that fits, and sets *seq behind it. */
static long try_open(struct tls *tls, struct tls_opener *opener, const struct tls_record *record, uint64_t *seq,
		     uint8_t *to, uint8_t *ret_type)
{
	uint64_t count = tries(record, opener);

	for (uint64_t i = 0; i < count; i++) {
		long len = tls_opener_open(opener, *seq + i, &record->header, record->body, to, ret_type);

		if (len >= 0) {
			*seq += i + 1;
			return len;
		}
		if (i && ++tls->tries > TLS_TRIES_ALL)
			break;
	}
	return WS_E_SYNTAX;
}

/* The same with the keys that come next: those of the next epoch, or behind a KeyUpdate that was lost. When they fit,
 * they are the ones from here on. */
static long try_next(struct decode *decode, struct tls *tls, const struct tls_record *record, uint8_t *to,
		     uint8_t *ret_type)
{
	struct tls_side *side = &tls->sides[record->dir];
	enum tls_epoch epoch = side->epoch == TLS_TRAFFIC ? TLS_TRAFFIC : side->epoch + 1;
	struct tls_secret secret = side->secret;
	struct tls_opener opener = {0};
	uint64_t seq = 0;
	long len;
	bool found;

	if (!tls_is_13(tls) || (side->epoch == TLS_TRAFFIC && !record->lost))
		return WS_E_SYNTAX;
	if (side->epoch == TLS_TRAFFIC)
		found = tls_next_secret(tls->facts.suite, &secret) && make_opener(tls, &secret, record->dir, &opener);
	else
		found = find_opener(decode, tls, record->dir, epoch, &secret, &opener);
	len = found ? try_open(tls, &opener, record, &seq, to, ret_type) : WS_E_SYNTAX;
	if (len >= 0) {
		tls_set_epoch(side, epoch);
		side->opener = opener;
		side->secret = secret;
		side->seq = seq;
	} else if (found) {
		tls_opener_finish(&opener);
	}
	OPENSSL_cleanse(&secret, sizeof(secret));
	return len;
}

/* Makes sure that there is a key to try. */
static bool have_key(struct decode *decode, struct tls *tls, enum dir dir)
{
	struct tls_side *side = &tls->sides[dir];
	struct tls_secret secret;
	enum tls_label label = label_of(tls, dir, side->epoch);
	bool next;

	if (side->opener.cipher || find_opener(decode, tls, dir, side->epoch, &side->secret, &side->opener))
		return true;
	tls->missing = (uint8_t)label;
	if (!tls_is_13(tls) || side->epoch == TLS_TRAFFIC || !decode->keyring)
		return false;
	next =
	    tls_keyring_find(decode->keyring, label_of(tls, dir, side->epoch + 1), tls->facts.client_random, &secret);
	OPENSSL_cleanse(&secret, sizeof(secret));
	return next;
}

static void deliver(struct decode *decode, struct tls *tls, const struct tls_record *record, struct ws_span content)
{
	struct tls_side *side = &tls->sides[record->dir];
	int64_t offset = side->plain;

	if (!content.len)
		return;
	tls_tell_open(decode, tls);
	places_add(&tls->places, record->dir, offset, record->begin, record->end);
	side->plain += (int64_t)content.len;
	side->begun = true;
	layer_data(decode, &tls->seat, tls->above, record->dir, offset, content);
}

void tls_early_decided(struct decode *decode, struct tls *tls, bool accepted)
{
	struct tls_record record = {.dir = DIR_C2S, .begin = tls->early_begin, .end = tls->early_end};
	struct ws_buf early = tls->early;

	ws_buf_init(&tls->early, early.max);
	tls->facts.early = accepted ? TLS_EARLY_ACCEPTED : TLS_EARLY_REJECTED;
	if (accepted)
		deliver(decode, tls, &record, ws_buf_span(&early));
	ws_buf_finish(&early);
}

/* 0-RTT data comes before the server has said whether it takes it. */
static void keep_early(struct decode *decode, struct tls *tls, const struct tls_record *record, struct ws_span content)
{
	if (tls->facts.early == TLS_EARLY_ACCEPTED) {
		deliver(decode, tls, record, content);
		return;
	}
	if (tls->facts.early == TLS_EARLY_REJECTED)
		return;
	if (!tls->early.len)
		tls->early_begin = record->begin;
	tls->early_end = record->end;
	if (ws_buf_append(&tls->early, content) != WS_OK)
		tls_early_decided(decode, tls, false);
}

void tls_lose(struct decode *decode, struct tls *tls, enum dir dir, int64_t begin, int64_t end, uint64_t len,
	      bool exact)
{
	struct tls_side *side = &tls->sides[dir];
	int64_t offset = side->plain;

	if (!len)
		return;
	places_add(&tls->places, dir, offset, begin, end);
	side->plain += (int64_t)len;
	layer_gap(decode, &tls->seat, tls->above, dir, offset, len);
	if (!exact && !tls->done)
		layer_mid_stream(decode, &tls->seat, tls->above, dir, side->plain);
}

/* What was lost before this record, now that its number tells how many there were. Before the handshake is over that
 * is no application data. */
static void tell_lost(struct decode *decode, struct tls *tls, const struct tls_record *record, uint64_t records,
		      bool same_keys)
{
	const struct tls_side *side = &tls->sides[record->dir];
	bool exact;
	uint64_t around = tls_opener_overhead(&side->opener, &exact) * records;

	if (side->epoch != TLS_TRAFFIC)
		return;
	exact = exact && same_keys && side->begun && around <= record->lost;
	tls_lose(decode, tls, record->dir, record->lost_begin, record->begin,
		 around < record->lost ? record->lost - around : record->lost, exact);
}

static void take_content(struct decode *decode, struct tls *tls, const struct tls_record *record, uint8_t type,
			 struct ws_span content)
{
	struct tls_side *side = &tls->sides[record->dir];

	/* A second ChangeCipherSpec, protected by the first: other keys follow. */
	if (type == TLS_CHANGE_CIPHER_SPEC && !tls_is_13(tls))
		tls_lock(decode, tls, TLS_LOCK_RENEGOTIATION);
	else if (type == TLS_HANDSHAKE)
		tls_take_handshake(decode, tls, record, content);
	else if (type == TLS_ALERT)
		tls_tell_alert(decode, tls, record->dir, content);
	else if (type == TLS_APPLICATION_DATA && side->epoch == TLS_EARLY)
		keep_early(decode, tls, record, content);
	else if (type == TLS_APPLICATION_DATA && !side->ended)
		deliver(decode, tls, record, content);
}

/* A record that none of the keys opens. One may be damaged; several in a row mean that the secret is another's. */
static void not_opened(struct decode *decode, struct tls *tls, const struct tls_record *record)
{
	struct tls_side *side = &tls->sides[record->dir];

	if (record->lost) {
		tls_lock(decode, tls, TLS_LOCK_LOST);
		return;
	}
	if (side->epoch == TLS_EARLY || (tls_is_13(tls) && !side->opener.cipher))
		return; /* protected by a key that is not there, before one that is */
	if (record->dir == DIR_C2S && tls->facts.early == TLS_EARLY_REJECTED && !side->seq)
		return; /* early data that was on its way when the server refused it */
	tls_forged_failed(decode, tls, record, side->seq);
	side->seq++;
	if (++side->bad == TLS_BAD_MAX || side->seq == 1)
		tls_lock(decode, tls, TLS_LOCK_WRONG_SECRET);
	else
		tls_lose(decode, tls, record->dir, record->begin, record->end,
			 TLS_HEADER_LEN + (uint64_t)record->header.len, false);
}

/* Of its depth: what is opened of the outer one is read while the inner one is opened. */
static uint8_t *room_for_plain(struct decode *decode, const struct tls *tls)
{
	uint8_t **plain = &decode->tls_plain[tls->depth];

	if (!*plain)
		*plain = malloc(TLS_SEALED_MAX);
	return *plain;
}

/* With the keys of now (*ret_same), or with those that come next. Its content's length, or WS_E_SYNTAX. */
static long open_by_keys(struct decode *decode, struct tls *tls, const struct tls_record *record, uint8_t *to,
			 uint8_t *ret_type, bool *ret_same)
{
	struct tls_side *side = &tls->sides[record->dir];
	long len = WS_E_SYNTAX;

	*ret_same = true;
	if (side->opener.cipher)
		len = try_open(tls, &side->opener, record, &side->seq, to, ret_type);
	if (len >= 0)
		return len;
	*ret_same = false;
	return try_next(decode, tls, record, to, ret_type);
}

/* The same with the versions of its bytes that do not count: once, and only where its number is known. */
static long open_other(struct decode *decode, struct tls *tls, const struct tls_record *record, uint8_t *to,
		       uint8_t *ret_type, bool *ret_same)
{
	struct tls_record other = *record;
	long len = WS_E_SYNTAX;
	uint8_t *body;

	if (record->lost || !record->body.len || !tls->sides[record->dir].others)
		return WS_E_SYNTAX;
	body = malloc(record->body.len);
	if (!body)
		return WS_E_SYNTAX;
	memcpy(body, record->body.data, record->body.len);
	other.body.data = body;
	if (tls_forged_patch(tls, record, body))
		len = open_by_keys(decode, tls, &other, to, ret_type, ret_same);
	free(body);
	return len;
}

static void open_sealed(struct decode *decode, struct tls *tls, struct tls_record *record)
{
	struct tls_side *side = &tls->sides[record->dir];
	uint8_t *plain = room_for_plain(decode, tls);
	uint64_t seq = side->seq;
	uint8_t type = 0;
	bool same_keys, patched = false;
	long len;

	if (!plain) {
		decode->stats.no_memory++;
		tls->done = true;
		return;
	}
	side->seq += record->skipped;
	len = open_by_keys(decode, tls, record, plain, &type, &same_keys);
	if (len < 0) {
		len = open_other(decode, tls, record, plain, &type, &same_keys);
		patched = len >= 0;
	}
	if (len < 0) {
		not_opened(decode, tls, record);
		return;
	}
	side->bad = 0;
	tls_forged_opened(decode, tls, record, patched);
	if (record->lost) {
		tell_lost(decode, tls, record, side->seq - (same_keys ? seq : 0) - 1, same_keys);
		tls_tear(side);
	}
	if (!tls->done)
		take_content(decode, tls, record, type, ws_span_of(plain, (size_t)len));
}

/* The ChangeCipherSpec of TLS 1.2. A server that has shown no certificate until then goes on with an old session. */
static void change_to_12(struct decode *decode, struct tls *tls, enum dir dir)
{
	if (dir == DIR_S2C)
		tls->facts.resumed = !tls->full && !tls->sides[dir].torn;
	tls_set_epoch(&tls->sides[dir], TLS_TRAFFIC);
	if (dir == DIR_S2C)
		tls_tell_open(decode, tls);
}

/* From the side that has not begun to encrypt. Returns whether the record is protected. */
static bool begins_sealed(struct decode *decode, struct tls *tls, const struct tls_record *record)
{
	struct tls_side *side = &tls->sides[record->dir];

	if (record->header.type == TLS_CHANGE_CIPHER_SPEC) {
		/* TLS 1.3 has it only for the sake of boxes on the way (RFC 8446, appendix D.4). */
		if (!tls_is_13(tls) && !tls->facts.retried)
			change_to_12(decode, tls, record->dir);
		return false;
	}
	if (record->header.type != TLS_APPLICATION_DATA)
		return false;
	if (!tls_is_13(tls) && !record->lost) /* behind a gap, in which its ChangeCipherSpec was */
		tls_lock(decode, tls, TLS_LOCK_HANDSHAKE);
	else if (!tls_is_13(tls))
		tls_set_epoch(side, TLS_TRAFFIC);
	else if (record->dir == DIR_C2S && tls->facts.early == TLS_EARLY_OFFERED)
		tls_set_epoch(side, TLS_EARLY);
	else
		tls_set_epoch(side, TLS_HANDSHAKE_EPOCH);
	return !tls->done;
}

bool tls_waits_for_hello(const struct tls *tls, const struct tls_record *record)
{
	uint8_t type = record->header.type;

	return (!tls->facts.has_random || !tls->server_hello) &&
	       ((type == TLS_CHANGE_CIPHER_SPEC && !tls->facts.retried) || type == TLS_APPLICATION_DATA ||
		tls->sides[record->dir].epoch != TLS_CLEAR);
}

/* Nothing but hellos and alerts is in clear. Who sends a hello is known by that. */
static void take_clear(struct decode *decode, struct tls *tls, struct tls_record *record)
{
	struct ws_cursor at = ws_cursor_of(record->body);
	struct tls_side side;
	uint8_t type;

	if (record->header.type == TLS_HANDSHAKE && conn_role(tls->seat.conn) == ROLE_UNKNOWN &&
	    ws_take_u8(&at, &type) && (type == TLS_CLIENT_HELLO || type == TLS_SERVER_HELLO)) {
		tls->turned = (type == TLS_CLIENT_HELLO) != (record->dir == DIR_C2S);
		conn_set_client(tls->seat.conn, tls->turned ? DIR_S2C : DIR_C2S);
	}
	if (tls->turned) {
		record->dir = dir_other(record->dir);
		side = tls->sides[DIR_C2S];
		tls->sides[DIR_C2S] = tls->sides[DIR_S2C];
		tls->sides[DIR_S2C] = side;
	}
	if (record->lost)
		tls->sides[record->dir].torn = true;
	take_content(decode, tls, record, record->header.type, record->body);
}

bool tls_open_record(struct decode *decode, struct tls *tls, struct tls_record *record)
{
	struct tls_side *side = &tls->sides[record->dir];

	if (tls_waits_for_hello(tls, record))
		return false;
	if (side->epoch == TLS_CLEAR && !begins_sealed(decode, tls, record)) {
		if (!tls->done && record->header.type != TLS_CHANGE_CIPHER_SPEC)
			take_clear(decode, tls, record);
		return true;
	}
	/* In TLS 1.3, what is protected is application data to who cannot read it; an alert may be in clear. */
	if (tls_is_13(tls) && record->header.type != TLS_APPLICATION_DATA) {
		if (record->header.type == TLS_ALERT)
			tls_tell_alert(decode, tls, record->dir, record->body);
		return true;
	}
	if (!have_key(decode, tls, record->dir))
		return false;
	open_sealed(decode, tls, record);
	return true;
}

void tls_key_update(struct decode *decode, struct tls *tls, struct tls_side *side)
{
	struct tls_secret secret = side->secret;
	struct tls_opener opener;
	enum dir dir = side == &tls->sides[DIR_C2S] ? DIR_C2S : DIR_S2C;

	if (!tls_next_secret(tls->facts.suite, &secret) || !make_opener(tls, &secret, dir, &opener)) {
		decode->stats.no_memory++;
		tls->done = true;
	} else {
		tls_set_epoch(side, TLS_TRAFFIC);
		side->opener = opener;
		side->secret = secret;
	}
	OPENSSL_cleanse(&secret, sizeof(secret));
}
