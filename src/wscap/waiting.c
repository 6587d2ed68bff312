#include "wscap/waiting.h"

#include <stdlib.h>

enum {
	PIECES_FIRST = 8, /* of the first allocation */
};

static int64_t piece_end(const struct piece *piece)
{
	return piece->begin + piece->len;
}

/* The index of the first piece that ends behind offset. */
static uint32_t find(const struct waiting *waiting, int64_t offset)
{
	uint32_t low = waiting->first, high = waiting->end;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (piece_end(&waiting->pieces[middle]) <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool waiting_lowest(const struct waiting *waiting, int64_t *ret)
{
	const struct piece *piece = waiting_first(waiting);

	if (!piece)
		return false;
	*ret = piece->begin;
	return true;
}

bool waiting_highest(const struct waiting *waiting, int64_t *ret)
{
	if (!waiting || waiting->first == waiting->end)
		return false;
	*ret = piece_end(&waiting->pieces[waiting->end - 1]);
	return true;
}

const struct piece *waiting_first(const struct waiting *waiting)
{
	if (!waiting || waiting->first == waiting->end)
		return NULL;
	return &waiting->pieces[waiting->first];
}

size_t waiting_peek(const struct waiting *waiting, uint8_t *ret, size_t len)
{
	const struct piece *first = waiting_first(waiting);
	size_t done = 0;

	for (uint32_t i = first ? waiting->first : 0; first && i < waiting->end && done < len; i++) {
		const struct piece *piece = &waiting->pieces[i];
		size_t part = piece->len < len - done ? piece->len : len - done;

		if (!piece->data || piece->begin != first->begin + (int64_t)done)
			break;
		memcpy(ret + done, piece->data, part);
		done += part;
	}
	return done;
}

uint64_t waiting_missing(const struct waiting *waiting, int64_t begin, int64_t end)
{
	uint64_t missing;

	if (begin >= end)
		return 0;
	missing = (uint64_t)(end - begin);
	if (!waiting)
		return missing;
	for (uint32_t i = find(waiting, begin); i < waiting->end && waiting->pieces[i].begin < end; i++) {
		const struct piece *piece = &waiting->pieces[i];
		int64_t from = piece->begin > begin ? piece->begin : begin;
		int64_t to = piece_end(piece) < end ? piece_end(piece) : end;

		missing -= (uint64_t)(to - from);
	}
	return missing;
}

bool waiting_differs(const struct waiting *waiting, int64_t begin, struct ws_span bytes)
{
	int64_t end = begin + (int64_t)bytes.len;

	if (!waiting || !bytes.len)
		return false;
	for (uint32_t i = find(waiting, begin); i < waiting->end && waiting->pieces[i].begin < end; i++) {
		const struct piece *piece = &waiting->pieces[i];
		int64_t from = piece->begin > begin ? piece->begin : begin;
		int64_t to = piece_end(piece) < end ? piece_end(piece) : end;

		if (piece->data &&
		    memcmp(piece->data + (from - piece->begin), bytes.data + (from - begin), (size_t)(to - from)) != 0)
			return true;
	}
	return false;
}

void waiting_shift(struct waiting *waiting, int64_t by)
{
	if (!waiting)
		return;
	for (uint32_t i = waiting->first; i < waiting->end; i++)
		waiting->pieces[i].begin += by;
	waiting->taken_count = 0;
}

void waiting_dispute(struct waiting *waiting, int64_t offset)
{
	uint32_t index = waiting ? find(waiting, offset) : 0;

	if (waiting && index < waiting->end)
		waiting->pieces[index].disputed = true;
}

void waiting_taken(struct waiting *waiting, unsigned number, int64_t begin, int64_t end)
{
	if (!waiting || number >= WAITING_TAKEN_MAX)
		return;
	waiting->taken[number].begin = begin;
	waiting->taken[number].end = end;
	waiting->taken_count = number + 1;
	waiting->taken_puts = waiting->puts;
}

/* Has the receiver said that these did not come, though later ones did? */
static bool was_lost(const struct waiting *waiting, const struct piece *piece, int64_t acked, int64_t from, int64_t to)
{
	bool behind = false;

	if (to <= acked || piece->came > waiting->taken_puts)
		return false;
	for (uint32_t i = 0; i < waiting->taken_count; i++) {
		if (waiting->taken[i].begin < to && waiting->taken[i].end > from)
			return false;
		behind |= waiting->taken[i].begin >= to;
	}
	return behind;
}

/* One piece, and what came again of it: [from, to). */
static void choose(struct waiting *waiting, enum waiting_choice choice, int64_t acked, struct piece *piece,
		   int64_t from, struct ws_span bytes, versions_differ *differ, void *context)
{
	struct versions versions = {.last = bytes, .disputed = piece->disputed};
	bool lost = choice == WAITING_TAKEN && was_lost(waiting, piece, acked, from, from + (int64_t)bytes.len);
	uint8_t *there = piece->data ? piece->data + (from - piece->begin) : NULL;
	size_t at;

	versions.first = ws_span_of(there, bytes.len);
	if (!there)
		return;
	if (lost || choice == WAITING_LAST || !memcmp(there, bytes.data, bytes.len))
		piece->came = ++waiting->puts; /* what the receiver said was before this */
	if (!recent_difference(&versions.first, &versions.last, &at))
		return;
	versions.offset = from + (int64_t)at;
	versions.replaced = lost || choice == WAITING_LAST;
	piece->disputed = differ(context, &versions);
	if (versions.replaced)
		memcpy(there + at, versions.last.data, versions.last.len);
}

void waiting_choose(struct waiting *waiting, enum waiting_choice choice, int64_t acked, int64_t begin,
		    struct ws_span bytes, versions_differ *differ, void *context)
{
	int64_t end = begin + (int64_t)bytes.len;

	if (!waiting || !bytes.len)
		return;
	for (uint32_t i = find(waiting, begin); i < waiting->end && waiting->pieces[i].begin < end; i++) {
		struct piece *piece = &waiting->pieces[i];
		int64_t from = piece->begin > begin ? piece->begin : begin;
		int64_t to = piece_end(piece) < end ? piece_end(piece) : end;

		choose(waiting, choice, acked, piece, from,
		       ws_span_of(bytes.data + (from - begin), (size_t)(to - from)), differ, context);
	}
}

static enum waiting_result may_charge(const struct waiting *waiting, const struct waiting_account *account, size_t size)
{
	if (waiting->held + size > account->stream_max)
		return WAITING_STREAM_FULL;
	if (account->total + size > account->total_max)
		return WAITING_TOTAL_FULL;
	return WAITING_OK;
}

static void charge(struct waiting *waiting, struct waiting_account *account, size_t size)
{
	waiting->held += size;
	account->total += size;
}

static size_t piece_charge(const struct piece *piece)
{
	return sizeof(*piece) + piece->cap;
}

/* Room for one more piece at the end of the array. */
static bool reserve(struct waiting *waiting)
{
	uint32_t count = waiting->end - waiting->first;
	uint32_t cap = waiting->cap ? waiting->cap * 2 : PIECES_FIRST;
	struct piece *pieces;

	if (waiting->end < waiting->cap)
		return true;
	if (waiting->first > waiting->cap / 2) {
		memmove(waiting->pieces, waiting->pieces + waiting->first, count * sizeof(*pieces));
		waiting->first = 0;
		waiting->end = count;
		return true;
	}
	pieces = realloc(waiting->pieces, cap * sizeof(*pieces));
	if (!pieces)
		return false;
	waiting->pieces = pieces;
	waiting->cap = cap;
	return true;
}

/* Opens a place before the piece at index, moving whichever side is shorter, and returns it. */
static struct piece *open_place(struct waiting *waiting, uint32_t index)
{
	struct piece *pieces = waiting->pieces;

	if (waiting->first > 0 && index - waiting->first < waiting->end - index) {
		memmove(pieces + waiting->first - 1, pieces + waiting->first,
			(index - waiting->first) * sizeof(*pieces));
		waiting->first--;
		return pieces + index - 1;
	}
	memmove(pieces + index + 1, pieces + index, (waiting->end - index) * sizeof(*pieces));
	waiting->end++;
	return pieces + index;
}

/* Bytes that go on where piece ends. False when they want a piece of their own. */
static bool grow(struct waiting *waiting, struct waiting_account *account, struct piece *piece, struct ws_span bytes)
{
	size_t len = piece->len + bytes.len;
	size_t cap = piece->cap;
	uint8_t *data;

	if (!bytes.data != !piece->data || len > (bytes.data ? WAITING_GROW_MAX : UINT32_MAX))
		return false;
	if (bytes.data && len > cap) {
		cap = len * 2 < WAITING_GROW_MAX ? len * 2 : WAITING_GROW_MAX;
		if (may_charge(waiting, account, cap - piece->cap) != WAITING_OK)
			return false;
		data = realloc(piece->data, cap);
		if (!data)
			return false;
		charge(waiting, account, cap - piece->cap);
		piece->data = data;
		piece->cap = (uint32_t)cap;
	}
	if (bytes.data)
		memcpy(piece->data + piece->len, bytes.data, bytes.len);
	piece->len = (uint32_t)len;
	piece->came = ++waiting->puts;
	return true;
}

/* Bytes of which none is there, to stand before the piece at index. */
static enum waiting_result insert(struct waiting *waiting, struct waiting_account *account, uint32_t index,
				  int64_t begin, struct ws_span bytes)
{
	struct piece piece = {.begin = begin, .len = (uint32_t)bytes.len, .cap = bytes.data ? (uint32_t)bytes.len : 0};
	enum waiting_result result;

	if (waiting->end - waiting->first >= WAITING_APART_MAX && index > waiting->first &&
	    piece_end(&waiting->pieces[index - 1]) == begin &&
	    grow(waiting, account, &waiting->pieces[index - 1], bytes))
		return WAITING_OK;
	if (waiting->end - waiting->first >= WAITING_PIECES_MAX)
		return WAITING_STREAM_FULL;
	result = may_charge(waiting, account, piece_charge(&piece));
	if (result != WAITING_OK)
		return result;
	if (waiting->end == waiting->cap) {
		uint32_t before = waiting->first;

		if (!reserve(waiting))
			return WAITING_NO_MEMORY;
		index -= before - waiting->first;
	}
	if (bytes.data) {
		piece.data = malloc(bytes.len);
		if (!piece.data)
			return WAITING_NO_MEMORY;
		memcpy(piece.data, bytes.data, bytes.len);
	}
	piece.came = ++waiting->puts;
	*open_place(waiting, index) = piece;
	charge(waiting, account, piece_charge(&piece));
	return WAITING_OK;
}

/* A piece of nothing is no piece: what was made for it goes again. */
static void free_if_empty(struct waiting **waiting)
{
	if (*waiting && (*waiting)->first == (*waiting)->end) {
		free((*waiting)->pieces);
		free(*waiting);
		*waiting = NULL;
	}
}

enum waiting_result waiting_put(struct waiting **waiting, struct waiting_account *account, int64_t begin,
				struct ws_span bytes)
{
	enum waiting_result result = WAITING_OK;
	int64_t end = begin + (int64_t)bytes.len;
	int64_t at = begin;

	if (!*waiting && !(*waiting = calloc(1, sizeof(**waiting))))
		return WAITING_NO_MEMORY;
	while (at < end && result == WAITING_OK) {
		uint32_t index = find(*waiting, at);
		const struct piece *next = index < (*waiting)->end ? &(*waiting)->pieces[index] : NULL;
		int64_t stop = next && next->begin < end ? next->begin : end;

		if (next && next->begin <= at) {
			at = piece_end(next);
			continue;
		}
		result = insert(*waiting, account, index, at,
				ws_span_of(bytes.data ? bytes.data + (at - begin) : NULL, (size_t)(stop - at)));
		at = stop;
	}
	free_if_empty(waiting);
	return result;
}

bool waiting_take(struct waiting **waiting, struct waiting_account *account, struct piece *ret)
{
	if (!waiting_first(*waiting))
		return false;
	*ret = (*waiting)->pieces[(*waiting)->first++];
	(*waiting)->held -= piece_charge(ret);
	account->total -= piece_charge(ret);
	free_if_empty(waiting);
	return true;
}

void waiting_clear(struct waiting **waiting, struct waiting_account *account)
{
	struct piece piece;

	while (waiting_take(waiting, account, &piece))
		free(piece.data);
}
