/* What conn*.c and stream.c share, and nobody else sees.
 *
 * A connection has two sides: the endpoint whose address and port compare lower is side 0. Streams are kept by side, so
 * that finding out who is the client turns nothing but conn->client_side; what the sink is told is turned on the way
 * out. */
#ifndef WSCAP_CONN_INTERNAL_H
#define WSCAP_CONN_INTERNAL_H

#include "wscap/conn.h"
#include "wscap/recent.h"
#include "wscap/seq.h"
#include "wscap/waiting.h"

#include <assert.h>

enum {
	SANE_JUMP = 1 << 30,   /* RFC 7323: no window is larger; what lies further away is not believed */
	SANE_BEFORE = 1 << 20, /* bytes that may be captured, or acknowledged, before their SYN is */
	STRANGE_MAX = 3,       /* segments in a row that go on from each other there: another connection's */
	SCALE_UNKNOWN = 0xff,  /* no SYN was seen */
	SCALE_NONE = 0xfe,     /* a SYN without the option */
	SCALE_MAX = 14,        /* RFC 7323, section 2.3 */
	KEY_WORDS = 5,
};

/* A stream's FIN. */
enum stream_fin {
	FIN_UNSEEN,
	FIN_AHEAD, /* of what is missing before it, or of where the stream will begin: trouble's fin says where */
	FIN_NEXT,  /* at next, which stays there, as nothing follows it */
	FIN_ENDED, /* …and end() was told */
};

/* The bytes that one side sends. What is needed only since something was missing is in struct trouble. Both of these,
 * and the connection, are small and without holes: there may be a million. */
struct stream {
	int64_t next;        /* all before it was delivered or told as a gap; before it begins: what a pure ACK said */
	int64_t acked;       /* by the other side, FIN's place included; -1: not even the SYN */
	int64_t sent_time;   /* the last segment with new bytes, to know how old a repetition is: INT64_MIN: none */
	int64_t flight_time; /* …and the first one that was not acknowledged when it was sent */
	uint32_t sent_seq;   /* where these two begin */
	uint32_t flight_seq;
	uint32_t base;        /* the sequence number of offset 0 */
	uint16_t window;      /* as last advertised by this side, not scaled */
	bool placed : 1;      /* base has a value: a guess until the stream begins */
	bool begun : 1;       /* offset 0 is where it begins */
	bool syn : 1;         /* its SYN was seen */
	bool syn_answers : 1; /* …and the last one was a SYN+ACK */
	bool captured : 1;    /* a packet of this side was */
	bool captured_data : 1;
	bool ack_known : 1; /* acked has a value */
	bool window_known : 1;
	bool watching : 1;    /* trouble's mark has a value: since it waits to begin, or since the receiver has more */
	bool limit_told : 1;  /* once, until nothing waits any more */
	bool keep_alive : 1;  /* its last segment was one, and was not answered yet */
	bool has_waiting : 1; /* trouble's waiting is not NULL */
	uint8_t fin : 2;      /* enum stream_fin */
	uint8_t strange : 2;  /* segments in a row that were too far away to be believed */
};

static_assert(sizeof(struct stream) == 48, "no holes");

/* …and what else there is to know of them since something was missing, which of most connections nothing ever is. */
struct trouble {
	int64_t gap_begin, gap_end; /* the last gap that was told, to know what comes late */
	int64_t fin;                /* with FIN_AHEAD */
	int64_t mark, mark_time;    /* below mark is missing what is waited for, since mark_time; see watching */
	uint32_t mark_packets;      /* conn->packets then */
	uint32_t missed_to; /* with missed: the sequence number up to which, from acked on, its receiver has nothing */
	uint32_t strange_seq;    /* of the last segment that was too far away to be believed */
	bool missed;             /* its receiver said so, of bytes that were captured, and nothing was repeated since */
	struct waiting *waiting; /* behind what is missing; to be changed with stream->has_waiting */
	struct waiting *unread;  /* in order, and not acknowledged yet: --acknowledged */
};

/* Those of a connection. */
struct troubles {
	struct trouble streams[2];
	uint32_t watched; /* its place in table->watch, counted from 1; 0: it is not in there */
};

struct conn_key {
	uint64_t words[KEY_WORDS]; /* two addresses of two words, then both ports and the IP version; side 0 first */
};

/* Where they differ most first. */
static inline bool conn_key_equal(const struct conn_key *a, const struct conn_key *b)
{
	return a->words[4] == b->words[4] && a->words[0] == b->words[0] && a->words[2] == b->words[2] &&
	       a->words[1] == b->words[1] && a->words[3] == b->words[3];
}

struct conn {
	struct conn_key key;
	struct conn_table *table;
	int64_t last; /* time of the last packet */
	uint64_t number;
	void *user;
	uint32_t older,
	    newer;       /* in the order of their last packets, to LIST_GRAIN: numbers in the pool, or POOL_NONE */
	uint32_t listed; /* when it took its place there, as conn_lists_time() has it */
	uint32_t packets;
	uint32_t number_in_pool; /* of the table: where it lies */
	uint8_t scales[2];       /* of the windows that each side advertises, or SCALE_ */
	uint8_t client_side;
	bool role_known : 1;
	bool mid_stream : 1;
	bool established : 1; /* step 3 was seen */
	bool told_data : 1;
	bool ignored : 1;
	bool closed : 1;
	bool calm : 1;     /* conn_in_order() has looked at all of it, and only that function took segments since */
	bool troubled : 1; /* its streams' struct trouble has values */
	struct stream streams[2];
};

static_assert(sizeof(struct conn) == 192, "three lines of the cache; with its slots, 400 bytes are what it may take");

static inline enum dir conn_dir(const struct conn *conn, unsigned side)
{
	return side == conn->client_side ? DIR_C2S : DIR_S2C;
}

/* Times are a stranger's too: both of these stay within int64_t. */
static inline int64_t time_since(int64_t now, int64_t then)
{
	int64_t passed;

	if (__builtin_sub_overflow(now, then, &passed))
		return now > then ? INT64_MAX : INT64_MIN;
	return passed;
}

static inline int64_t time_after(int64_t time, int64_t delay)
{
	int64_t after;

	return __builtin_add_overflow(time, delay, &after) ? INT64_MAX : after;
}

/* A number that no other stream has. */
static inline uint64_t stream_id(const struct conn *conn, unsigned side)
{
	return conn->number << 1 | side;
}

/* Nobody wants its bytes any more: ignored, or closed. */
static inline bool conn_quiet(const struct conn *conn)
{
	return conn->ignored || conn->closed;
}

/* conn_table.c: what a connection needs from its table. */
const struct conn_sink *conn_table_sink(const struct conn_table *table);
const struct limits *conn_table_limits(const struct conn_table *table);
struct waiting_account *conn_table_account(struct conn_table *table);
struct conn_stats *conn_table_counters(struct conn_table *table);
struct recent *conn_table_recent(struct conn_table *table); /* may be NULL */
uint32_t *conn_table_restless(struct conn_table *table);    /* how many are open and not calm */
void conn_table_closed(struct conn *conn);                  /* it waits among the closed ones from now on */
/* Its troubles: room for them, with any content until conn->troubled. */
struct troubles *conn_table_troubles(const struct conn *conn);
/* Calls conn_settle() at that time, INT64_MAX: never. */
void conn_table_watch(struct conn *conn, int64_t deadline);

/* conn->calm is changed here only, but for one that is closed and never calm any more. */
static inline void conn_set_calm(struct conn *conn, bool calm)
{
	if (conn->calm == calm)
		return;
	*conn_table_restless(conn->table) += calm ? UINT32_MAX : 1;
	conn->calm = calm;
}

/* conn.c */
void conn_init(struct conn *conn, struct conn_table *table, const struct conn_key *key, uint64_t number,
	       unsigned client_side);
/* Looks at what is waited for, and sets when to look again. Closes it when both directions ended. */
void conn_settle(struct conn *conn, int64_t now);
/* Everything that waits is delivered behind its gaps. */
void conn_flush(struct conn *conn);
void conn_close_as(struct conn *conn, enum conn_close how);
/* …and its table forgets it next. */
void conn_end_as(struct conn *conn, enum conn_close how);
void conn_set_mid_stream(struct conn *conn, bool mid_stream);

/* conn_segment.c */
/* Does a SYN belong to this connection, or is it another's on the same ports? */
bool conn_has_syn(const struct conn *conn, unsigned side, const struct tcp *tcp);
/* A segment that cannot be this connection's: its ports were reused and the SYN was not captured, or more was missed
 * than sequence numbers can tell. */
bool conn_is_strange(struct conn *conn, unsigned side, const struct tcp *tcp);
/* What the SYN of side says of the windows to come. */
void conn_take_scale(struct conn *conn, unsigned side, const struct tcp *tcp);
void conn_segment(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);

/* The window that a segment of side advertises, and no SYN, in bytes where the scale is known. */
static inline uint32_t conn_scaled(const struct conn *conn, unsigned side, uint16_t window)
{
	uint8_t mine = conn->scales[side], other = conn->scales[!side];

	return mine > SCALE_MAX || other > SCALE_MAX ? window : (uint32_t)window << mine;
}

/* …any segment. */
static inline uint32_t conn_scaled_window(const struct conn *conn, unsigned side, const struct tcp *tcp)
{
	return tcp->flags & TCP_SYN ? tcp->window : conn_scaled(conn, side, tcp->window);
}

/* conn_in_order.c */
/* The same, and as conn_is_strange() and conn_has_syn() have it: it is the connection's. False, and nothing happened,
 * where it is not as plain as most. */
bool conn_in_order(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);

/* conn_opening.c */
/* Is it a plain SYN: one that a connection begins with, and nothing more? */
bool conn_opens(const struct tcp *tcp);
/* …then this is conn_segment() for it, of a connection that was made for it, now, by its sender as the client. */
void conn_opened(struct conn *conn, unsigned side, const struct tcp *tcp, struct segment *ret);
/* The same for the two that follow it, and as conn_is_strange() and conn_has_syn() have it: it is the connection's.
 * False, and nothing happened, where it is not as plain as most. */
bool conn_opening(struct conn *conn, int64_t now, unsigned side, const struct tcp *tcp, struct segment *ret);

/* conn_facts.c: what a segment is, before it changes anything. */
struct place {
	unsigned side;
	int64_t begin, end; /* of its payload, as stream offsets */
	int64_t silent;     /* time since the connection's packet before it */
	int64_t now;
};
void conn_ack_facts(struct conn *conn, const struct place *place, const struct tcp *tcp, struct segment *ret);
void conn_data_facts(const struct conn *conn, const struct place *place, const struct tcp *tcp, struct segment *ret);
void conn_window_facts(struct conn *conn, const struct place *place, const struct tcp *tcp, struct segment *ret);

/* stream.c */
/* What is remembered of a connection's troubles: zeroes, where there were none. */
const struct troubles *conn_troubles(const struct conn *conn);
/* …to be written. */
struct troubles *conn_troubles_set(struct conn *conn);

static inline const struct trouble *stream_trouble(const struct conn *conn, unsigned side)
{
	return &conn_troubles(conn)->streams[side];
}

static inline struct trouble *stream_trouble_set(struct conn *conn, unsigned side)
{
	return &conn_troubles_set(conn)->streams[side];
}

/* A guess of where offsets are counted from, until the stream begins. */
void stream_guess(struct stream *stream, uint32_t seq);
/* False when seq cannot be placed: nothing is known, or it is too far away to be believed. */
bool stream_place(const struct stream *stream, uint32_t seq, int64_t *ret);
static inline uint32_t stream_seq(const struct stream *stream, int64_t offset)
{
	return stream->base + (uint32_t)offset;
}

/* Is there no segment in flight any more, or was the first one that was acknowledged since? */
static inline bool stream_flight_is_over(const struct stream *stream)
{
	return stream->flight_time == INT64_MIN || seq_before(stream->flight_seq, stream_seq(stream, stream->acked));
}

/* What waits of it; NULL: nothing. */
static inline struct waiting *stream_waiting(const struct conn *conn, unsigned side)
{
	return conn->streams[side].has_waiting ? stream_trouble(conn, side)->waiting : NULL;
}

/* Where its FIN stands; INT64_MAX: not seen. */
static inline int64_t stream_fin_at(const struct conn *conn, unsigned side)
{
	const struct stream *stream = &conn->streams[side];

	if (!stream->fin)
		return INT64_MAX;
	return stream->fin == FIN_AHEAD ? stream_trouble(conn, side)->fin : stream->next;
}

/* The lowest offset that it has bytes of, or its next one. */
int64_t stream_lowest(const struct conn *conn, unsigned side);
/* Behind the last byte that was captured. */
int64_t stream_highest(const struct conn *conn, unsigned side);
/* How far the receiver has it, FIN not counted. */
int64_t stream_acked(const struct conn *conn, unsigned side);
/* From now on offset `at` is 0, and the stream begins there. */
void stream_begin(struct conn *conn, unsigned side, int64_t at);
/* Payload at offset begin: bytes were captured, len there were. */
void stream_receive(struct conn *conn, unsigned side, int64_t begin, struct ws_span bytes, uint32_t len);
/* Gives bytes that are next, and were counted, to who decodes them. disputed: as struct versions has it. */
void stream_tell(struct conn *conn, unsigned side, int64_t offset, struct ws_span bytes, bool disputed);
void stream_tell_gap(struct conn *conn, unsigned side, int64_t offset, uint64_t len);
/* …that a limit was met. */
void stream_tell_limit(struct conn *conn, unsigned side, enum waiting_result result);
/* What of the segment came before with other contents is told, and chosen. */
void stream_compare(struct conn *conn, unsigned side, int64_t begin, struct ws_span bytes);
/* What the receiver says in its SACK option that it has. */
void stream_taken(struct conn *conn, unsigned side, const struct tcp *tcp);
/* …and of what was read: what it said that it missed. */
void stream_missed(struct conn *conn, unsigned side, const struct tcp *tcp);
/* What waits, for a missing piece or for an ACK, is freed. */
void stream_free_waiting(struct conn *conn, unsigned side);
/* FIN at that offset. */
void stream_fin(struct conn *conn, unsigned side, int64_t at);
/* What is missing before offset `to` becomes a gap. */
void stream_give_up(struct conn *conn, unsigned side, int64_t to);
/* Begins there, its lowest byte, without its SYN. */
void stream_begin_mid(struct conn *conn, unsigned side, int64_t at);
/* What waits now fits, or the FIN was reached. */
void stream_advance(struct conn *conn, unsigned side);

/* stream_unread.c */
/* The same as stream_tell() and stream_tell_gap(), now, or with --acknowledged when the receiver has them. */
void stream_read(struct conn *conn, unsigned side, int64_t offset, struct ws_span bytes, bool disputed);
void stream_read_gap(struct conn *conn, unsigned side, int64_t offset, uint64_t len);
/* What waits for that, and lies before `to`, is told. */
void stream_release(struct conn *conn, unsigned side, int64_t to);
bool stream_has_unread(const struct conn *conn, unsigned side);

/* An HTTP head at which a stream can begin (RFC 9112): before an answer something was asked, and not captured. */
enum stream_head {
	STREAM_HEAD_NONE,
	STREAM_HEAD_REQUEST,
	STREAM_HEAD_ANSWER,
};
/* Which one do these bytes begin with? */
enum stream_head stream_http_head(struct ws_span bytes);
/* …and which one stands at the lowest byte that waits? */
enum stream_head stream_head_waits(const struct conn *conn, unsigned side);

#endif
