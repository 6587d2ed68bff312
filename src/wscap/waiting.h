/* Bytes of one stream that wait because something before them is missing.
 *
 * Pieces in an array, ordered by offset, never overlapping. The first bytes that came win. Where segments begin is
 * kept, as a frame may begin there; once there are many pieces, one that goes on where the one before it ends grows
 * that one.
 *
 * Each piece is charged with the memory that it takes, itself included, so bytes that come one by one cannot hide
 * behind a limit that counts bytes only. The number of pieces is bounded as well: it is what an insertion in the worst
 * order costs. */
#ifndef WSCAP_WAITING_H
#define WSCAP_WAITING_H

#include "wscap/recent.h"

enum {
	WAITING_PIECES_MAX = 4096,
	WAITING_APART_MAX = 1024,    /* pieces that are kept apart even where they touch */
	WAITING_GROW_MAX = 64 << 10, /* bytes that a piece grows to before the next one is begun */
	WAITING_TAKEN_MAX = 4,       /* SACK blocks in a segment: RFC 2018, section 3 */
};

struct piece {
	int64_t begin;
	uint32_t len;
	uint32_t cap;  /* bytes allocated at data */
	uint32_t came; /* the how manieth that was put */
	bool disputed; /* as struct versions has it */
	uint8_t *data; /* NULL: bytes that the snap length cut off; they are known never to come */
};

/* Who pays: one for all streams. */
struct waiting_account {
	size_t stream_max; /* for each stream */
	size_t total_max;
	size_t total;
};

struct waiting {
	struct piece *pieces;
	uint32_t first, end; /* pieces[first, end) are there */
	uint32_t cap;
	size_t held; /* what this stream is charged with */
	uint32_t puts;
	/* What the receiver said last that it has of them: RFC 2018. */
	uint32_t taken_count, taken_puts; /* how many blocks; and puts, when it said so */
	struct {
		int64_t begin, end;
	} taken[WAITING_TAKEN_MAX];
};

enum waiting_result {
	WAITING_OK,
	WAITING_STREAM_FULL,
	WAITING_TOTAL_FULL,
	WAITING_NO_MEMORY,
};

/* Keeps a copy of what is not there yet of [begin, begin + len). bytes.data NULL stands for bytes that were cut.
 * *waiting is made when it is NULL. When it fails, a part may have been kept; the same call again goes on from there.
 */
enum waiting_result waiting_put(struct waiting **waiting, struct waiting_account *account, int64_t begin,
				struct ws_span bytes);

/* Takes the first piece out; the caller frees ret->data. False when nothing waits. An empty *waiting is freed. */
bool waiting_take(struct waiting **waiting, struct waiting_account *account, struct piece *ret);

/* Frees everything and makes *waiting NULL. */
void waiting_clear(struct waiting **waiting, struct waiting_account *account);

/* Each of these takes NULL: nothing waits. */
bool waiting_lowest(const struct waiting *waiting, int64_t *ret);  /* the first offset; false when nothing waits */
bool waiting_highest(const struct waiting *waiting, int64_t *ret); /* behind the last byte */
const struct piece *waiting_first(const struct waiting *waiting);
/* Copies the first bytes that wait, up to a missing one and at most len; returns how many. */
size_t waiting_peek(const struct waiting *waiting, uint8_t *ret, size_t len);
uint64_t waiting_missing(const struct waiting *waiting, int64_t begin, int64_t end); /* bytes of it that do not wait */
bool waiting_differs(const struct waiting *waiting, int64_t begin, struct ws_span bytes);

/* Bytes came again, some of them with other contents. */
enum waiting_choice {
	WAITING_FIRST, /* those that wait stay */
	WAITING_LAST,  /* they are replaced */
	WAITING_TAKEN, /* they are replaced where the receiver said, since they came, that it has bytes behind them but
			* not them: they were lost on their way */
};
/* Calls differ for each piece that differs, before it is changed. acked: all before it the receiver has. */
void waiting_choose(struct waiting *waiting, enum waiting_choice choice, int64_t acked, int64_t begin,
		    struct ws_span bytes, versions_differ *differ, void *context);

/* The receiver says that it has [begin, end): one of a segment's blocks, by number. */
void waiting_taken(struct waiting *waiting, unsigned number, int64_t begin, int64_t end);

/* The piece at that offset is disputed, as struct versions has it. */
void waiting_dispute(struct waiting *waiting, int64_t offset);

/* Offsets are counted from another place from now on. */
void waiting_shift(struct waiting *waiting, int64_t by);

#endif
