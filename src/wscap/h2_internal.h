/* What the files of HTTP/2 share.
 *
 *     h2_frame.c    one frame, and what it looks like
 *     h2_fields.c   header blocks, through HPACK
 *     h2_reader.c   bytes of a direction to whole frames
 *     h2_seek.c     after a gap, where they go on
 *     h2_conn.c     what each frame does
 *     h2_streams.c  the streams that are followed, and what heads make of them
 *     h2_flow.c     windows and settings
 *     h2_rule.c     the MUSTs */
#ifndef WSCAP_H2_INTERNAL_H
#define WSCAP_H2_INTERNAL_H

#include "wscap/h2_conn.h"
#include "wscap/h2_fields.h"
#include "wscap/h2_seek.h"

/* What the next bytes of a direction are. */
enum h2_reader_state {
	H2_READ_PREFACE,
	H2_READ_HEADER, /* begin has what is there of it */
	H2_READ_WHOLE,  /* a payload that is used when it is whole; kept has what is there of it */
	H2_READ_PADDED, /* DATA: the length of its padding */
	H2_READ_DATA,   /* left bytes of DATA, then padding */
	H2_READ_SKIP,   /* left bytes of no interest */
	H2_READ_LOST,   /* no frame boundary is known */
};

struct h2_side {
	enum h2_reader_state state;
	uint8_t begin_len;
	uint8_t begin[H2_PREFACE_LEN];
	struct h2_frame frame;
	int64_t frame_at; /* offset of its header */
	uint32_t left;
	uint32_t padding;
	struct ws_buf kept;
	struct h2_seek seek; /* LOST */
	bool guessed;        /* a boundary was found in the middle: what breaks a rule may be none */
	int64_t guessed_at;  /* …there, the latest */

	/* the header block under way */
	bool block_open;
	bool block_dropped; /* it cannot be read: a frame of it is missing */
	bool block_ends;    /* its HEADERS carries END_STREAM */
	bool block_pushed;  /* it is a PUSH_PROMISE's */
	uint32_t block_stream;
	int64_t block_at;
	struct h2_fields fields;
	bool unreadable_told;

	/* flow control of what is sent in this direction */
	int64_t window;       /* of the connection */
	int64_t window_first; /* of a new stream: as the receiver's settings say */
	uint32_t max_frame;   /* that the receiver takes */
	bool blocked;
	int64_t blocked_at;
};

struct h2_conn {
	struct h2_limits limits;
	struct h2_sink sink;
	int64_t now;
	struct h2_side sides[2];
	struct h2_stream **streams; /* in the order of their ids */
	size_t stream_count, stream_cap;
	uint32_t last;          /* the client's latest stream */
	uint32_t floor;         /* streams below it may have been opened unseen; 0: none */
	bool floor_open;        /* …it is the next that the client opens */
	bool windows_lost;      /* frames that change windows were not captured */
	bool settings_told;     /* the server's first */
	bool allowed;           /* SETTINGS_ENABLE_CONNECT_PROTOCOL */
	bool settings_lost;     /* …or that is not known */
	bool opened;            /* OPEN was told */
	bool joined, no_memory; /* no_memory: give up */
	uint64_t others;
};

/* h2_reader.c: what a whole frame, and pieces of DATA, are handed to. */
void h2_reader_lose(struct h2_conn *h2, enum dir dir);

/* h2_conn.c */
void h2_on_header(struct h2_conn *h2, enum dir dir);                        /* a frame begins */
void h2_on_frame(struct h2_conn *h2, enum dir dir, struct ws_span payload); /* …of a type that is wanted whole */
void h2_on_data(struct h2_conn *h2, enum dir dir, int64_t offset, struct ws_span bytes);
void h2_on_frame_end(struct h2_conn *h2, enum dir dir);  /* of DATA */
void h2_on_frame_lost(struct h2_conn *h2, enum dir dir); /* …of one that is wanted whole */
void h2_tell(struct h2_conn *h2, const struct h2_news *news);
void h2_violation(struct h2_conn *h2, enum dir dir, uint32_t stream, enum h2_rule rule);
void h2_limit(struct h2_conn *h2, enum dir dir, uint32_t stream, const char *name);

/* h2_streams.c */
struct h2_stream *h2_stream_find(const struct h2_conn *h2, uint32_t id);
/* …or a new one of unknown kind, where its request may have been missed. NULL: not followed. */
struct h2_stream *h2_stream_of_data(struct h2_conn *h2, enum dir dir, uint32_t id);
void h2_stream_end(struct h2_conn *h2, enum dir dir, uint32_t id);
void h2_stream_reset(struct h2_conn *h2, enum dir dir, uint32_t id, uint32_t code);
void h2_stream_forget(struct h2_conn *h2, struct h2_stream *stream);
/* What of the block that begins is wanted. */
enum h2_want h2_block_wants(const struct h2_conn *h2, enum dir dir, uint32_t stream);
/* A header block is whole; readable says whether its text can be used. [block_at, end) are its frames. */
void h2_block_end(struct h2_conn *h2, enum dir dir, bool readable, int64_t end);
/* Frames of the client were not captured: it may have opened streams. */
void h2_streams_missed(struct h2_conn *h2);

/* h2_flow.c */
void h2_flow_sent(struct h2_conn *h2, enum dir dir, const struct h2_frame *frame);
void h2_flow_update(struct h2_conn *h2, enum dir dir, uint32_t stream, uint32_t increment);
void h2_flow_settings(struct h2_conn *h2, enum dir dir, struct ws_span payload);

#endif
