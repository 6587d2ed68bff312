/* What the files of decode share.
 *
 *     decode.c         packets in, events out
 *     decode_below.c   wrapped packets, and fragments
 *     layer.c          which layer takes a connection's bytes: layer.h
 *     decode_conn.c    a channel's life: where it is, and what its carrier tells of it
 *     decode_state.c   what its states turn into
 *     decode_gap.c     bytes of it that will not come
 *     decode_pending.c what it has only until it is open, or in trouble
 *     decode_feed.c    how bytes reach the step of their stream, and what waits for what
 *     decode_http.c    request and response heads
 *     decode_head.c    …as they are, with all that is odd about them
 *     decode_handshake.c those that open a WebSocket, told and judged
 *     decode_body.c    their content, which is passed over
 *     decode_h2.c      HTTP/2 as a layer; h2_internal.h has its own files
 *     decode_h2_seats.c …a channel for each of its WebSockets
 *     decode_switch.c  when a channel's bytes turn out to be HTTP/2
 *     decode_seek.c    a frame boundary in the middle of a stream
 *     decode_weigh.c   …and what speaks for one
 *     decode_frames.c  frames, and what libws makes of them
 *
 * A decode_conn is a channel: two streams that may become one WebSocket. It is a layer, on a connection, in TLS or on
 * an HTTP/2 stream. There is one only while it may become a WebSocket, or is one. Between the requests of plain HTTP,
 * and before its first byte, its seat is empty: that means that both streams stand where a new one would. An open one,
 * between whole messages, is at rest: then it has nothing but a small part of its state. */
#ifndef WSCAP_DECODE_INTERNAL_H
#define WSCAP_DECODE_INTERNAL_H

#include "wscap/alike.h"
#include "wscap/decode.h"
#include "wscap/head_places.h"
#include "wscap/layer.h"
#include "wscap/pool.h"
#include "wscap/tls_closed.h"
#include "wscap/tunnel.h"

#include <assert.h>

enum {
	/* Bytes of a connection that are looked at for a frame boundary without finding one that can be trusted: stops
	 * other protocols, joined in their middle, from being searched for ever. */
	LIMIT_UNDECIDED_BYTES = 1 << 20,
	/* Items that a boundary found in the middle has to give before a broken header is held against the sender, and
	 * not against the boundary. */
	DOUBT_ITEMS = 8,
};

enum stage {
	STAGE_HTTP,    /* heads, or bytes of unknown kind: nothing says yet that this is a WebSocket */
	STAGE_OPENING, /* the request was seen; its answer was not */
	STAGE_OPEN,    /* frames */
} __attribute__((packed));

/* What the next bytes of a stream are. Which step takes them: decode_feed.c. */
enum stream_state {
	STREAM_HEAD,    /* an HTTP head; its beginning may be kept */
	STREAM_BODY,    /* the content of a plain request, or of an EARLIER answer: passed over */
	STREAM_ANSWERS, /* of the server: answers to plain requests, passed over until one begins with a 101 */
	STREAM_EARLIER, /* of the server: answers to requests that did not wait, before the one to the upgrade */
	STREAM_HELD,    /* not known before the other stream has told: they are kept */
	STREAM_SEEK,    /* the middle of something: a frame boundary is looked for; kept begins with a candidate */
	STREAM_FRAMES,  /* for decoder */
	STREAM_CLOSED,  /* nothing is expected: close frames went both ways */
} __attribute__((packed));

/* What comes next of a message's content. */
enum body_part {
	BODY_NONE,
	BODY_LENGTH,    /* body_left bytes, and that is all */
	BODY_SIZE,      /* the line with a chunk's size */
	BODY_CHUNK,     /* body_left bytes of it */
	BODY_CHUNK_END, /* the line end behind them */
	BODY_TRAILER,   /* fields behind the last chunk, up to an empty line */
};

/* How bytes begin. */
enum match {
	MATCH_NO,
	MATCH_MORE, /* as far as they go */
	MATCH_YES,
};

/* What of a stream is not done yet. */
struct stream_pending {
	struct ws_buf kept;         /* bytes that could not be used yet */
	struct ws_decoder *decoder; /* NULL: between two messages that need none */
	size_t held;                /* bytes, by it, as they were counted last */
	int64_t kept_offset;
	size_t looked;       /* SEEK: so much of what is kept was looked at; the next segment begins behind it */
	enum body_part body; /* BODY */
	uint64_t body_left;
	int64_t gap_offset; /* gaps that were not told yet, because this may be no WebSocket: where the first begins */
	uint64_t gap_len;   /* …and how long they are together; 0: none */
	int64_t lost_from;  /* SEEK: from here on no frame was found; -1 where that is no loss */
	uint32_t bits;      /* SEEK: what speaks for the candidate: decode_seek.c */
	uint32_t bits_turned; /* …with the roles the other way round, while they are only guessed */
	uint32_t tried;       /* SEEK: candidates so far */
	uint32_t place;       /* …among them: this one's, from 1 */
	uint32_t ends;        /* …and how many ends of segments were looked at until one fits */
};

/* …and of a channel: all that one has only until it is open, or while something is wrong with it. */
struct decode_pending {
	struct layer_link link;
	struct stream_pending streams[2];
	struct ws_buf request; /* its head, until the answer is there; in STAGE_HTTP a CONNECT's, or that was refused */
	int64_t request_begin; /* stream offset */
	int64_t request_time;
	int64_t waiting_since;
	uint64_t sought;         /* bytes in which no boundary was found */
	size_t charged;          /* what it keeps, as it was counted last */
	uint32_t number;         /* its place in decode->pending */
	struct alike_head *like; /* request is like this one, as long as that has this stamp; or NULL */
	uint64_t like_stamp;
	uint32_t earlier_head; /* a bit for each of the requests in earlier, the latest the lowest: HEAD, or CONNECT */
	uint8_t earlier;       /* requests that are not answered yet, as far as that is known */
	bool h2c;              /* a 101 to HTTP/2: what follows goes to another layer */
	/* Where things are in request, if that is one for a WebSocket. Last: of what follows `known` only what is said
	 * to be there has a value. */
	struct head_places places;
};

/* Both of these are small, and in the order that leaves no holes: there may be a million. */
struct decode_stream {
	enum stream_state state;
	uint8_t doubt;       /* items until the boundary is beyond doubt; 0 when it is */
	bool fed : 1;        /* some of its bytes came: they are no other layer's */
	bool wake : 1;       /* what is kept can go on */
	bool restart : 1;    /* frames begin anew here, without what came before */
	bool close_seen : 1; /* its sender's close frame */
	bool silent : 1;     /* CLOSED: what still comes was told, or is not to be */
	bool joined : 1;     /* EVENT_MID_STREAM was told */
	bool unseen : 1;     /* nothing of it was captured, only the other side: its gaps wait for its first byte */
};

struct decode_conn {
	struct layer layer;
	struct decode_pending *pending; /* NULL: at rest. Whatever the carrier tells of it ends that: decode_conn.c */
	struct label_text *user;        /* NULL: nobody has told it */
	uint32_t began;                 /* the how-manieth layer it is */
	struct decode_stream streams[2];
	struct ws_deflate_params deflate;
	enum stage stage : 2;
	bool gone : 1;           /* it is no WebSocket: to be ignored and freed */
	bool turned : 1;         /* the roles were guessed the wrong way round: to be turned */
	bool mid_stream : 1;     /* of one stream or both, EVENT_MID_STREAM was told */
	bool handshake_seen : 1; /* a 101 */
	bool waiting : 1;        /* a stream is HELD and has bytes that wait */
	bool refused : 1;        /* what was taken for the answer was none that opens it; no request came since */
};

static_assert(sizeof(struct decode_conn) <= 64, "one line of the cache for a WebSocket at rest");

struct decode {
	struct limits limits;
	enum decode_depth depth;
	struct decode_sink sink;
	struct conn_table *table;
	struct fragments *fragments;
	struct wifi_join *wifi; /* NULL until there is a piece of a frame */
	struct pool channels;
	struct pool pending;    /* what those of them have that are not at rest */
	struct ws_buf request;  /* room for the next one that is kept; one handshake mostly follows the other */
	struct ws_buf scratch;  /* of all decoders */
	struct ws_buf unfolded; /* the head that was read last, if a field in it went on over several lines */
	bool folded;            /* …and it was so */
	struct alike *alike;    /* heads as most are */
	struct decode_stats stats;
	uint32_t layers;             /* so many began */
	struct layer_link *awake;    /* the latest first */
	size_t kept;                 /* bytes that they keep, against limits.waiting_total */
	size_t decoding;             /* …and that their decoders hold, against limits.message_total */
	struct tls_keyring *keyring; /* the caller's; NULL: none */
	void (*refresh_keys)(void *context, bool now); /* asks for what was added since; may be NULL */
	void *refresh_context;
	void (*on_secrets)(void *context, struct ws_span lines); /* may be NULL */
	void *secrets_context;
	enum decode_keys keys;             /* are records without their key worth keeping? */
	size_t tls_waiting;                /* bytes of records that wait for a key, against limits.tls_waiting_total */
	struct tls_closed tls_closed;      /* of connections that are over */
	uint8_t *tls_plain[TLS_DEPTH_MAX]; /* room for one opened record of each depth; of all connections */
	bool ending;                       /* no secret comes any more: nothing outlives its carrier */
	int64_t now;                       /* of the packet, or of the tick */
	uint64_t packet;                   /* its number */
	uint64_t ahead;                    /* whom the packet that was looked at ahead last is between */
};

/* Nanoseconds from then to now; times are a stranger's, too, and this stays within int64_t. */
static inline int64_t decode_since(const struct decode *decode, int64_t then)
{
	int64_t passed;

	if (__builtin_sub_overflow(decode->now, then, &passed))
		return decode->now > then ? INT64_MAX : INT64_MIN;
	return passed;
}

/* An event of this moment. */
struct event decode_event(const struct decode *decode, const struct decode_conn *c, enum event_kind kind, enum dir dir);

/* The same, but for ret->as, which stays as it is: it is large, and of most events it is filled anyway. */
void decode_event_set(const struct decode *decode, const struct decode_conn *c, enum event_kind kind, enum dir dir,
		      struct event *ret);
/* Asks for secrets that were added since; now: just now, too, as what waits for them is given up else. */
void decode_refresh_keys(struct decode *decode, bool now);
/* Counts it and tells it. Its offsets are the channel's, and become the TCP stream's. */
void decode_emit(struct decode *decode, struct event *event);
void decode_violation(struct decode *decode, struct decode_conn *c, enum dir dir, enum ws_rule rule);
void decode_limit(struct decode *decode, struct decode_conn *c, enum dir dir, const char *name);
void decode_gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len);

/* A step takes bytes from the front of in, which stands at offset of its stream, and returns how many; 0 without a
 * change of state: the rest is kept, and given again with more behind it. */
typedef size_t decode_step(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			   struct ws_span in);
decode_step decode_step_head, decode_step_body, decode_step_answers, decode_step_earlier, decode_step_seek,
    decode_step_frames, decode_step_closed;

/* decode_conn.c */
/* What comes to a seat that is empty. */
void decode_conn_data(struct decode *decode, const struct seat *seat, enum dir dir, int64_t offset,
		      struct ws_span bytes);
void decode_conn_gap(struct decode *decode, const struct seat *seat, enum dir dir, int64_t offset, uint64_t len);
void decode_conn_mid_stream(struct decode *decode, const struct seat *seat, enum dir dir);
/* A channel, in its seat. NULL when out of memory. */
struct decode_conn *decode_conn_create(struct decode *decode, const struct seat *seat);
/* Nothing is made of c any more: it is freed, with what it holds, and its seat is empty. */
void decode_conn_forget(struct decode *decode, struct decode_conn *c);
/* Its states were changed from outside: what is kept is looked at again, and c may be gone afterwards. */
void decode_conn_run(struct decode *decode, struct decode_conn *c);

/* decode_state.c */
/* Gaps that were not told are told. */
void decode_tell_gaps(struct decode *decode, struct decode_conn *c);

/* From here on it is a WebSocket. */
static inline void decode_conn_known(struct decode *decode, struct decode_conn *c)
{
	if (c->pending->streams[DIR_C2S].gap_len || c->pending->streams[DIR_S2C].gap_len)
		decode_tell_gaps(decode, c);
}

/* Its frames begin; each stream whose place is known goes on with them, the other one seeks. */
void decode_conn_open(struct decode *decode, struct decode_conn *c);
/* …without its answer, which was not captured: both streams seek. */
void decode_conn_open_unanswered(struct decode *decode, struct decode_conn *c);
/* The upgrade was refused: plain HTTP again. Its request is kept until the next one, if that was another's answer. */
void decode_conn_refused(struct decode_conn *c);
/* The state of stream dir changes; what it keeps is looked at again. */
void decode_stream_set(struct decode_conn *c, enum dir dir, enum stream_state state);
/* Forgets what is kept of a stream. */
void decode_stream_drop(struct decode_conn *c, enum dir dir);

/* decode_gap.c: len bytes at offset of dir will not come. c is not at rest; afterwards it is to be settled. */
void decode_take_gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len);

/* decode_pending.c */
/* One for a channel that begins: nothing is pending. False when out of memory. */
bool decode_pending_take(struct decode *decode, struct decode_conn *c);
/* Frees what c has, if it has one, and gives it back. */
void decode_pending_give(struct decode *decode, struct decode_conn *c);
/* Where it is open, between whole messages, and nothing is pending: gives it back. */
void decode_rest(struct decode *decode, struct decode_conn *c);
/* The request of a channel that begins has room at once, if the one before it has left its own. */
void decode_request_begin(struct decode *decode, struct decode_pending *pending);
/* It is not needed any more: it is forgotten. */
void decode_request_end(struct decode *decode, struct decode_pending *pending);

/* decode_feed.c */
/* The next bytes of a stream: through its step, or kept. */
void decode_feed(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes);
/* What is kept of streams whose state has changed is looked at again. */
void decode_run_awake(struct decode *decode, struct decode_conn *c);
/* Bytes that wait for the other stream go on without it; and, if they have waited for limits.reorder. */
void decode_stop_waiting(struct decode *decode, struct decode_conn *c);
void decode_end_long_wait(struct decode *decode, struct decode_conn *c);
/* Turns the roles round. */
void decode_turn(struct decode *decode, struct decode_conn *c);

/* decode_body.c */
/* What stands behind a head, for STREAM_BODY; BODY_NONE where nothing does. False: only the connection's end, or
 * nobody, tells how much. */
bool decode_body_begin(struct stream_pending *pending, const struct ws_http_head *head);
/* len bytes will not come. True where they all were content. */
bool decode_body_gap(struct decode_conn *c, enum dir dir, uint64_t len);

/* decode_h2.c */
/* The layer, in its seat; on the heap. joined: its beginning was not captured. NULL when out of memory. */
struct layer *decode_h2_create(struct decode *decode, const struct seat *seat, bool joined);

/* decode_switch.c */
/* Are a stream's next bytes, behind what is kept of it, HTTP/2? MATCH_MORE: they may be. */
enum match decode_match_h2(const struct decode_conn *c, enum dir dir, int64_t offset, struct ws_span bytes);
/* Joined late: do these frames, of dir as the roles are guessed, tell that the guess is wrong? */
bool decode_h2_is_turned(const struct seat *seat, enum dir dir, struct ws_span bytes);
/* It is HTTP/2: another layer takes c's seat, and what is kept, and then the bytes that told so. c is freed. */
void decode_switch_to_h2(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			 struct ws_span bytes);

/* A head that was read. */
struct decode_head {
	const struct ws_http_head *head; /* in one of these */
	struct alike_head *like;         /* NULL: it is like none before */
	struct ws_http_head own;
};

/* decode_handshake.c */
/* A request for a WebSocket, at c->pending->request_begin: told, and each rule that it breaks. */
void decode_handshake_asked(struct decode *decode, struct decode_conn *c, const struct decode_head *request);
/* Its answer, at offset: what both heads say, and what c's deflate is from now on; request is NULL where it was not
 * captured. */
void decode_handshake(struct decode *decode, struct decode_conn *c, int64_t offset, const struct decode_head *request,
		      const struct decode_head *response);
/* A request and its answer on an HTTP/2 stream (RFC 8441), at offset of the channel's streams. head is NULL where it
 * could not be read. */
void decode_h2_request(struct decode *decode, struct decode_conn *c, int64_t offset, const struct ws_http_head *head);
void decode_h2_answer(struct decode *decode, struct decode_conn *c, int64_t offset, const struct ws_http_head *head);

/* decode_head.c */
/* As ws_http_head_parse(); where lines were folded ret points into decode, until the next call. */
long decode_head_parse(struct decode *decode, struct ws_span in, struct ws_http_head *ret);
/* The same, of a head that may be an opening handshake's: nearly all that are have been read before. */
long decode_head_read(struct decode *decode, enum dir dir, struct ws_span in, struct decode_head *ret);
/* At the front of in stands a head that cannot be read, or is too long: what is behind it is looked for. Returns how
 * many bytes it takes. */
size_t decode_head_lose(struct decode *decode, struct decode_conn *c, enum dir dir, struct ws_span in);

/* decode_http.c: how bytes begin. */
enum match decode_match_get(struct ws_span in);     /* "GET " */
enum match decode_match_answer(struct ws_span in);  /* "HTTP/" */
enum match decode_match_upgrade(struct ws_span in); /* "HTTP/1.x 101" */

/* decode_seek.c: the boundary is lost at offset: what comes until the next one is found cannot be read. */
void decode_seek_from(struct decode_conn *c, enum dir dir, int64_t offset);
/* …and this is where it ends: at a boundary, a gap, or the end of all. */
void decode_seek_to(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset);

/* decode_weigh.c: what speaks for bytes in being whole frames. */
enum {
	TRUST_UNKNOWN = 20, /* bits that it takes where nothing says that it is a WebSocket */
	TRUST_KNOWN = 13,   /* …and where it is known to be one */
	WEIGHED_MAX = 32,   /* frames of a chain that are weighed */
};
struct decode_weighed {
	size_t len;    /* of the frame */
	uint32_t bits; /* its own, and of those before it */
	uint32_t fit;  /* …and what it says that it ends where another begins */
};
struct decode_weight {
	uint32_t bits;  /* of all together; 0 when something speaks against it */
	uint32_t exact; /* …among them: that they end where the bytes do */
	const char *why;
	uint32_t count;
	struct decode_weighed frames[WEIGHED_MAX];
};
void decode_weigh(struct ws_span in, bool masked, struct decode_weight *ret);
/* At which of them do so many bits speak for a boundary? ret: offset in what was weighed. False: at none. */
bool decode_weight_begin(const struct decode_weight *weight, uint32_t bits, size_t *ret);

/* decode.c: ret->ip and ret->tcp are of a segment; what comes of it goes into ret too. */
void decode_segment(struct decode *decode, const struct packet *packet, struct packet_view *ret);

/* decode_below.c: a packet that link_parse(), ip_parse() and tcp_parse() did not follow to a whole segment. Is there
 * one further inside, or is one whole now? Then ret->ip and ret->tcp are its; where there are several beside each other
 * (subframes of 802.11), the last one's; the sink is told of those before. */
void decode_below(struct decode *decode, const struct packet *packet, struct packet_view *ret);

/* decode_frames.c */
/* Messages that need no decoder, as far as there are any at the front of in; returns how many bytes they take. The
 * stream stands at frames. */
size_t decode_frames_usual(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset,
			   struct ws_span in);
/* len bytes at offset of a stream that stands at frames will not come. */
void decode_frames_gap(struct decode *decode, struct decode_conn *c, enum dir dir, int64_t offset, uint64_t len);
/* A message under way is told as far as it came; the decoder is given back. */
void decode_frames_end(struct decode *decode, struct decode_conn *c, enum dir dir);
/* The same at limits.message_total, where its decoder holds more than its own size: the frames behind it are sought. */
void decode_frames_give_up(struct decode *decode, struct decode_conn *c, enum dir dir);

#endif
