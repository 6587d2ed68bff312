/* Bytes that were sent twice, with other contents, in protected records: a record is authentic with one version only,
 * and that is the one that its receiver reads, whatever --overlap says.
 *
 *     not read yet    the version that does not count is kept, and tried where a record does not open with the other
 *     read already    a record that opened proves what came first; one that did not, and does now, what came last. What
 *                     it says is not told then: its loss was
 *
 * Only where TLS lies on TCP itself, as elsewhere nobody knows where in a record the bytes are; and not in a record's
 * header, whose length says where the next one begins. */
#include "wscap/tls_internal.h"

#include <stdlib.h>

struct tls_other {
	struct tls_other *next; /* a later one */
	int64_t offset;         /* in the TCP stream */
	size_t len;
	bool is_last; /* it came last, and does not count */
	uint8_t bytes[];
};

struct tls_failed {
	int64_t begin; /* of its body, in the TCP stream */
	uint64_t seq;
	struct tls_header header;
	uint8_t body[];
};

/* What [begin, end) and a body at `at` have in common. False: nothing. */
static bool within(struct ws_span body, int64_t at, int64_t *begin, int64_t *end)
{
	int64_t body_end = at + (int64_t)body.len;

	*begin = *begin > at ? *begin : at;
	*end = *end < body_end ? *end : body_end;
	return *begin < *end;
}

static int64_t body_begin(const struct tls_record *record)
{
	return record->begin + TLS_HEADER_LEN;
}

/* Room for len bytes more, which count as what waits does; NULL: there is none. */
static void *take_room(struct decode *decode, struct tls *tls, size_t len)
{
	void *room = tls_closed_make_room(decode, len) ? malloc(len) : NULL;

	if (!room)
		return NULL;
	tls->forged += len;
	tls_wait_charge(decode, tls);
	return room;
}

static void give_room(struct decode *decode, struct tls *tls, void *room, size_t len)
{
	free(room);
	tls->forged -= len;
	tls_wait_charge(decode, tls);
}

static void drop_other(struct decode *decode, struct tls *tls, struct tls_side *side, struct tls_other **at)
{
	struct tls_other *other = *at;

	*at = other->next;
	side->others_count--;
	give_room(decode, tls, other, sizeof(*other) + other->len);
}

/* Those that end there, or before; one may go on in the next record. */
static void drop_others(struct decode *decode, struct tls *tls, struct tls_side *side, int64_t end)
{
	struct tls_other **at = &side->others;

	while (*at)
		if ((*at)->offset + (int64_t)(*at)->len <= end)
			drop_other(decode, tls, side, at);
		else
			at = &(*at)->next;
}

static void drop_failed(struct decode *decode, struct tls *tls, struct tls_side *side)
{
	if (side->failed)
		give_room(decode, tls, side->failed, sizeof(*side->failed) + side->failed->header.len);
	side->failed = NULL;
}

void tls_forged_finish(struct decode *decode, struct tls *tls)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++) {
		drop_others(decode, tls, &tls->sides[dir], INT64_MAX);
		drop_failed(decode, tls, &tls->sides[dir]);
	}
}

static void keep_other(struct decode *decode, struct tls *tls, struct tls_side *side,
		       const struct conn_overlap *overlap)
{
	struct ws_span bytes = overlap->kept_last ? overlap->first : overlap->last;
	struct tls_other *other, **at = &side->others;

	if (side->others_count == TLS_OTHERS_MAX)
		drop_other(decode, tls, side, &side->others);
	if (bytes.len > TLS_SEALED_MAX)
		return;
	other = take_room(decode, tls, sizeof(*other) + bytes.len);
	if (!other)
		return;
	*other = (struct tls_other){.offset = overlap->offset, .len = bytes.len, .is_last = !overlap->kept_last};
	memcpy(other->bytes, bytes.data, bytes.len);
	while (*at)
		at = &(*at)->next;
	*at = other;
	side->others_count++;
}

/* Does the record that did not open do so with these bytes? */
static bool failed_opens(struct tls_side *side, int64_t offset, struct ws_span bytes)
{
	const struct tls_failed *failed = side->failed;
	struct ws_span body = ws_span_of(failed->body, failed->header.len);
	int64_t begin = offset, end = offset + (int64_t)bytes.len;
	uint8_t *copy, type;
	long len = WS_E_MEMORY;

	if (!side->opener.cipher || !within(body, failed->begin, &begin, &end))
		return false;
	copy = malloc(2 * body.len);
	if (!copy)
		return false;
	memcpy(copy, body.data, body.len);
	memcpy(copy + (begin - failed->begin), bytes.data + (begin - offset), (size_t)(end - begin));
	len = tls_opener_open(&side->opener, failed->seq, &failed->header, ws_span_of(copy, body.len), copy + body.len,
			      &type);
	free(copy);
	return len >= 0;
}

void tls_forged_overlap(struct decode *decode, struct tls *tls, enum dir dir, struct conn_overlap *overlap)
{
	struct tls_side *side = &tls->sides[dir];
	int64_t end = overlap->offset + (int64_t)overlap->first.len;

	if (overlap->offset < 0)
		return;
	if (end > side->next - (int64_t)side->partial.len) {
		keep_other(decode, tls, side, overlap);
	} else if (overlap->offset >= side->proven_begin && end <= side->proven_end) {
		overlap->authentic = true;
		overlap->receiver = RECEIVER_FIRST;
	} else if (side->failed && failed_opens(side, overlap->offset, overlap->last)) {
		overlap->authentic = true;
		overlap->receiver = RECEIVER_LAST;
		drop_failed(decode, tls, side);
	}
}

bool tls_forged_patch(const struct tls *tls, const struct tls_record *record, uint8_t *body)
{
	bool patched = false;

	for (const struct tls_other *other = tls->sides[record->dir].others; other; other = other->next) {
		int64_t begin = other->offset, end = other->offset + (int64_t)other->len;

		if (!within(record->body, body_begin(record), &begin, &end))
			continue;
		memcpy(body + (begin - body_begin(record)), other->bytes + (begin - other->offset),
		       (size_t)(end - begin));
		patched = true;
	}
	return patched;
}

static void tell(struct decode *decode, struct tls *tls, const struct tls_record *record, const struct tls_other *other)
{
	int64_t begin = other->offset, end = other->offset + (int64_t)other->len;
	struct conn_overlap overlap = {.kept_last = other->is_last,
				       .receiver = other->is_last ? RECEIVER_LAST : RECEIVER_FIRST,
				       .authentic = true,
				       .again = true};
	struct ws_span right, wrong;

	if (!within(record->body, body_begin(record), &begin, &end))
		return;
	right = ws_span_of(other->bytes + (begin - other->offset), (size_t)(end - begin));
	wrong = ws_span_of(record->body.data + (begin - body_begin(record)), right.len);
	overlap.offset = begin;
	overlap.first = other->is_last ? wrong : right;
	overlap.last = other->is_last ? right : wrong;
	tls_tell_overlap(decode, tls, record->dir, &overlap);
}

void tls_forged_opened(struct decode *decode, struct tls *tls, const struct tls_record *record, bool patched)
{
	struct tls_side *side = &tls->sides[record->dir];

	if (side->proven_end != record->begin || patched)
		side->proven_begin = patched ? record->end : record->begin;
	side->proven_end = record->end;
	for (const struct tls_other *other = side->others; patched && other; other = other->next)
		tell(decode, tls, record, other);
	drop_others(decode, tls, side, record->end);
}

void tls_forged_failed(struct decode *decode, struct tls *tls, const struct tls_record *record, uint64_t seq)
{
	struct tls_side *side = &tls->sides[record->dir];
	struct tls_failed *failed;

	drop_others(decode, tls, side, record->end);
	drop_failed(decode, tls, side);
	if (tls->closed || tls->layer.at.below) /* no overlap is told to it */
		return;
	failed = take_room(decode, tls, sizeof(*failed) + record->body.len);
	if (!failed)
		return;
	*failed = (struct tls_failed){.begin = body_begin(record), .seq = seq, .header = record->header};
	memcpy(failed->body, record->body.data, record->body.len);
	side->failed = failed;
}
