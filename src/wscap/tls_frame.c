/* Records out of bytes, also behind a gap. */
#include "wscap/tls_internal.h"

enum {
	SEALED_MIN = 9, /* the shortest body that any suite makes: a tag of 8, and a type */
};

/* From begin on nothing of dir can be read, until a record is found again. */
static void lose_from(struct tls_side *side, int64_t begin)
{
	if (side->lost_begin < 0)
		side->lost_begin = begin;
}

/* Is what stands at the front of in a record, as far as it and what follows can tell? Behind a gap: its whole body, and
 * the beginning of another one behind it or nothing at all. */
static bool is_record(struct ws_span in, struct tls_header *header)
{
	struct tls_header next;

	if (tls_header_parse(in, header) <= 0 || header->version != TLS_VERSION_12)
		return false;
	if (header->type != TLS_CHANGE_CIPHER_SPEC && header->type != TLS_HANDSHAKE && header->len < SEALED_MIN)
		return false;
	if (!header->len || in.len < TLS_HEADER_LEN + (size_t)header->len)
		return false;
	in = ws_span_from(in, TLS_HEADER_LEN + (size_t)header->len);
	return tls_header_parse(in, &next) >= 0;
}

/* May it become one, with more behind it? */
static bool may_be_record(struct ws_span in)
{
	struct tls_header header = {.version = TLS_VERSION_12};
	int len = tls_header_parse(in, &header);

	return len >= 0 && header.version == TLS_VERSION_12 && in.len < TLS_HEADER_LEN + (size_t)header.len;
}

/* How many bytes of in are no record's beginning. ret_found: one begins there. */
static size_t seek(struct ws_span in, bool *ret_found)
{
	struct tls_header header;
	size_t first = in.len;

	for (size_t at = 0; at < in.len; at++) {
		struct ws_span rest = ws_span_from(in, at);

		*ret_found = is_record(rest, &header);
		if (*ret_found)
			return at;
		if (first == in.len && may_be_record(rest))
			first = at;
	}
	*ret_found = false;
	return first;
}

/* A whole record at the front of in. */
static void take_record(struct decode *decode, struct tls *tls, enum dir *dir, const struct tls_header *header,
			struct ws_span in)
{
	struct tls_side *side = &tls->sides[*dir];
	const struct seat *at = &tls->layer.at;
	int64_t end = side->next + TLS_HEADER_LEN + header->len;
	struct tls_record record = {
	    .dir = *dir,
	    .begin = layer_tcp_begin(at, *dir, side->next),
	    .end = layer_tcp_end(at, *dir, end),
	    .header = *header,
	    .body = ws_span_first(ws_span_from(in, TLS_HEADER_LEN), header->len),
	};

	if (side->lost_begin >= 0) {
		record.lost = (uint64_t)(side->next - side->lost_begin);
		record.lost_begin = layer_tcp_begin(at, *dir, side->lost_begin);
		record.skipped = side->skipped;
		side->lost_begin = -1;
		side->skipped = 0;
	}
	side->next = end;
	tls_take_record(decode, tls, &record);
	if (tls->turned)
		*dir = dir_other(*dir);
	tls->turned = false;
}

/* Its side stands behind it. */
void tls_pass_over(struct tls_side *side, const struct tls_record *record)
{
	lose_from(side, side->next - TLS_HEADER_LEN - record->header.len - (int64_t)record->lost);
	side->skipped += record->skipped + 1;
}

/* The record at the front of in, for which there is no room. Returns how much of it is there. */
static size_t pass_over(struct tls_side *side, const struct tls_header *header, struct ws_span in)
{
	size_t len = TLS_HEADER_LEN + (size_t)header->len, used = in.len < len ? in.len : len;

	lose_from(side, side->next);
	side->skipped++;
	side->skip = len - used;
	side->next += (int64_t)used;
	return used;
}

/* Is there still no room? A secret may have come. */
static bool has_no_room(struct decode *decode, struct tls *tls)
{
	if (tls->no_room)
		tls_retry(decode, tls, false);
	return tls->no_room && !tls->done;
}

/* Takes records from the front of in, which stands at side->next. Returns how much of it was used. */
static size_t take_records(struct decode *decode, struct tls *tls, enum dir *dir, struct ws_span in)
{
	size_t used = 0;

	while (used < in.len && !tls->done) {
		struct tls_side *side = &tls->sides[*dir];
		struct ws_span rest = ws_span_from(in, used);
		struct tls_header header;
		int len;

		if (side->seeking) {
			bool found;
			size_t passed = seek(rest, &found);

			used += passed;
			side->next += (int64_t)passed;
			side->seeking = !found;
			if (found)
				continue;
			if (side->next - side->lost_begin > LIMIT_UNDECIDED_BYTES)
				tls_lock(decode, tls, TLS_LOCK_LOST);
			break;
		}
		len = tls_header_parse(rest, &header);
		if (len < 0 && !tls->facts.has_random && !tls->server_hello) {
			tls->done = true; /* it was no TLS */
			break;
		}
		if (len < 0) {
			lose_from(side, side->next);
			side->seeking = true;
			used++;
			side->next++;
			continue;
		}
		if (len && has_no_room(decode, tls)) {
			used += pass_over(side, &header, rest);
			continue;
		}
		if (!len || rest.len < TLS_HEADER_LEN + (size_t)header.len || tls->done)
			break;
		used += TLS_HEADER_LEN + (size_t)header.len;
		take_record(decode, tls, dir, &header, rest);
	}
	return used;
}

/* How many bytes the record under way still wants; as many as may be taken, where that is not known. */
static size_t wanted(const struct tls_side *side)
{
	struct ws_span partial = ws_buf_span(&side->partial);
	struct tls_header header;

	if (side->seeking)
		return side->partial.max - partial.len;
	if (partial.len < TLS_HEADER_LEN || tls_header_parse(partial, &header) <= 0)
		return TLS_HEADER_LEN - (partial.len < TLS_HEADER_LEN ? partial.len : 0);
	return TLS_HEADER_LEN + (size_t)header.len - partial.len;
}

/* Goes on with what is partial: only as much is copied as its record wants. Returns how much of in was used. */
static size_t feed_partial(struct decode *decode, struct tls *tls, enum dir *dir, struct ws_span in)
{
	struct tls_side *side = &tls->sides[*dir];
	struct ws_span part = ws_span_first(in, wanted(side));
	struct ws_buf now;
	size_t used;

	if (ws_buf_append(&side->partial, part) != WS_OK) {
		decode->stats.no_memory++;
		tls->done = true;
		return in.len;
	}
	now = side->partial; /* the roles may be turned while its records are taken */
	ws_buf_init(&side->partial, now.max);
	side->next -= (int64_t)(now.len - part.len);
	used = take_records(decode, tls, dir, ws_buf_span(&now));
	side = &tls->sides[*dir];
	memmove(now.data, now.data + used, now.len - used);
	now.len -= used;
	if (now.len) {
		side->partial = now;
		side->next += (int64_t)now.len;
	} else {
		ws_buf_finish(&now);
	}
	return part.len;
}

void tls_frame(struct decode *decode, struct tls *tls, enum dir dir, int64_t offset, struct ws_span in)
{
	if (!tls->sides[dir].partial.len)
		tls->sides[dir].next = offset;
	while (in.len && !tls->done) {
		struct tls_side *side = &tls->sides[dir];
		size_t used;

		if (side->skip) {
			used = in.len < side->skip ? in.len : (size_t)side->skip;
			side->skip -= used;
			side->next += (int64_t)used;
		} else if (side->partial.len) {
			used = feed_partial(decode, tls, &dir, in);
		} else {
			used = take_records(decode, tls, &dir, in);
			in = ws_span_from(in, used);
			if (in.len && !tls->done)
				used = feed_partial(decode, tls, &dir, in);
			else
				used = 0;
		}
		in = ws_span_from(in, used);
	}
}

/* The record that the gap is in is lost as a whole. Where its end is known to lie behind the gap, there the next one
 * begins; else that is sought. */
void tls_frame_gap(struct tls *tls, enum dir dir, int64_t offset, uint64_t len)
{
	struct tls_side *side = &tls->sides[dir];
	struct tls_header header = {0};
	int64_t begin = offset - (int64_t)side->partial.len, end = offset + (int64_t)len;
	bool known = !side->seeking && tls_header_parse(ws_buf_span(&side->partial), &header) > 0;
	int64_t record_end = begin + TLS_HEADER_LEN + header.len;

	if (side->skip) { /* in what is lost already */
		known = true;
		record_end = offset + (int64_t)side->skip;
	}
	lose_from(side, begin);
	ws_buf_finish(&side->partial);
	known = known && record_end >= end;
	side->seeking = !known;
	side->skip = known ? (uint64_t)(record_end - end) : 0;
	side->next = end;
	tls_tear(side);
}

void tls_frame_lost(struct tls *tls, enum dir dir, int64_t offset)
{
	tls_frame_gap(tls, dir, offset, 1);
	tls->sides[dir].seeking = true;
	tls->sides[dir].skip = 0;
}
