/* What the files of TLS share.
 *
 *     tls_hello.c     ClientHello, ServerHello, EncryptedExtensions
 *     tls_keyring.c   secrets, from key logs
 *     tls_schedule.c  keys, from secrets
 *     tls_suite.c     the table of suites
 *     tls_record.c    a record's header, and how it is opened
 *     tls.c           the layer: what its carrier brings, and what it carries
 *     tls_frame.c     records out of bytes
 *     tls_wait.c      records that wait for their keys
 *     tls_closed.c    …and that outlive their connection
 *     tls_session.c   which keys open what, and what comes out
 *     tls_forged.c    …and where bytes of a record were sent twice, not the same
 *     tls_message.c   handshake messages
 *     tls_tell.c      events */
#ifndef WSCAP_TLS_INTERNAL_H
#define WSCAP_TLS_INTERNAL_H

#include "wscap/decode_internal.h"
#include "wscap/tls.h"
#include "wscap/tls_record.h"

enum {
	TLS_TRIES = 4096,          /* record numbers that are tried after a gap */
	TLS_TRIES_ALL = 1 << 16,   /* …in all of a connection: gaps that only cost time */
	TLS_BAD_MAX = 3,           /* records in a row that do not open: then the secret is wrong */
	TLS_MESSAGE_MAX = 1 << 16, /* bytes of a handshake message that is looked at: endless hellos */
	TLS_SESSION_ID_MAX = 32,
	TLS_OTHERS_MAX = 8, /* versions of bytes that are remembered in case a record is authentic with them alone */
	TLS_CLOSED_COST = 4096, /* bytes that one which outlives its connection is counted with, besides its records */
};

/* Which keys protect what one side sends. */
enum tls_epoch {
	TLS_CLEAR,
	TLS_EARLY,           /* TLS 1.3, client: 0-RTT */
	TLS_HANDSHAKE_EPOCH, /* TLS 1.3 */
	TLS_TRAFFIC,
};

struct tls_record {
	enum dir dir;
	int64_t begin, end; /* in the TCP stream */
	int64_t lost_begin; /* …what was lost before it */
	uint64_t lost;    /* bytes right before it that were not captured, or not understood: its number is not known */
	uint64_t skipped; /* …and so many records among them that were only passed over */
	struct tls_header header;
	struct ws_span body;
};

struct tls_other;
struct tls_failed;

struct tls_side {
	/* framing: tls_frame.c */
	int64_t next;          /* offset of the next byte of partial, or of what comes next */
	struct ws_buf partial; /* a record that is not whole; when seeking, what was searched */
	uint64_t skip;         /* bytes to pass over until the next record begins */
	uint64_t skipped;      /* records that were passed over since lost_begin */
	bool seeking;          /* where a record begins is not known */
	int64_t lost_begin;    /* from here to the next record nothing can be read; -1 */

	/* keys: tls_session.c */
	uint8_t epoch;            /* enum tls_epoch */
	uint8_t bad;              /* records in a row that did not open */
	struct tls_opener opener; /* of this epoch, once its secret is there */
	struct tls_secret secret; /* …of TLS 1.3 */
	uint64_t seq;             /* of the next record */

	/* content */
	struct ws_buf message; /* a handshake message under way: type, length, body */
	uint64_t message_left; /* bytes of one that nobody reads */
	bool torn;             /* bytes of the handshake are missing: where a message begins is not known */
	bool ended;            /* close_notify */
	int64_t plain;         /* offset, in the seat above, of the next byte */
	bool waits;            /* some of its records do: those behind them have to */
	bool begun;            /* the seat above was given bytes of it */

	/* forged: tls_forged.c */
	struct tls_other *others;  /* versions of bytes that do not count */
	struct tls_failed *failed; /* the last record that did not open */
	uint8_t others_count;
	int64_t proven_begin, proven_end; /* all records there are authentic, as they came first; in the TCP stream */
};

struct tls {
	struct layer layer;
	struct layer_link link;
	struct seat seat; /* what it carries: one */
	struct layer *above;
	struct places places;
	struct tls_side sides[2];
	struct tls_facts facts;
	uint8_t depth; /* of this one: tls_depth() of its seat */
	uint8_t server_random[TLS_RANDOM_LEN];
	bool both_hellos; /* what waited for one of them can be looked at again */
	bool server_hello, full, encrypt_then_mac;
	bool told_open, told_locked;
	bool turned;         /* the roles were, while a record was looked at */
	bool no_room;        /* no more records of it can wait: those that come are lost */
	bool closed;         /* its connection is over, and it lives on by itself: tls_closed.c */
	bool ready;          /* …and a secret of it has come */
	bool done;           /* to be destroyed, and the connection ignored */
	struct ws_buf early; /* 0-RTT data until it is known whether it was accepted */
	int64_t early_begin, early_end;

	/* waiting: tls_wait.c */
	struct ws_buf waiting; /* records, each behind its struct waiting_record */
	size_t charged;
	size_t forged; /* bytes that tls_forged.c keeps */
	int64_t waiting_since;
	uint64_t keys_seen; /* tls_keyring_added() when keys were looked for last */
	uint8_t missing;    /* enum tls_label */
	uint8_t secrets;    /* a bit for each label whose secret was told to decode->on_secrets */
	uint32_t tries;

	/* closed: tls_closed.c */
	int64_t closed_time;
	uint64_t closed_packet;
	struct tls *older, *newer;
};

static inline struct tls *tls_of(struct layer *layer)
{
	return (struct tls *)layer;
}

static inline bool tls_is_13(const struct tls *tls)
{
	return tls->facts.suite && tls_suite_is_13(tls->facts.suite);
}

/* tls_frame.c: the next bytes of dir, and a gap: the record that it is in is lost as a whole. tls may be done. */
void tls_frame(struct decode *decode, struct tls *tls, enum dir dir, int64_t offset, struct ws_span in);
void tls_frame_gap(struct tls *tls, enum dir dir, int64_t offset, uint64_t len);
/* One byte at offset, and nobody knows how many after it, will not come: the next record is sought. */
void tls_frame_lost(struct tls *tls, enum dir dir, int64_t offset);
/* It is lost, as if it had not been captured. */
void tls_pass_over(struct tls_side *side, const struct tls_record *record);

/* tls_wait.c: a whole record: opened now, or kept until its key is there. */
void tls_take_record(struct decode *decode, struct tls *tls, struct tls_record *record);
/* Opens what can be opened now; at_end also what stands behind something that cannot. */
void tls_retry(struct decode *decode, struct tls *tls, bool at_end);
void tls_wait_finish(struct decode *decode, struct tls *tls);
/* Counts the bytes that it keeps. */
void tls_wait_charge(struct decode *decode, struct tls *tls);

/* tls_forged.c: bytes of the TCP stream were sent twice: overlap says, afterwards, which of them are authentic. */
void tls_forged_overlap(struct decode *decode, struct tls *tls, enum dir dir, struct conn_overlap *overlap);
/* The record's body, that was copied, with the versions that do not count. False: there are none of it. */
bool tls_forged_patch(const struct tls *tls, const struct tls_record *record, uint8_t *body);
/* It opened, patched or not; or with number seq it did not. */
void tls_forged_opened(struct decode *decode, struct tls *tls, const struct tls_record *record, bool patched);
void tls_forged_failed(struct decode *decode, struct tls *tls, const struct tls_record *record, uint64_t seq);
void tls_forged_finish(struct decode *decode, struct tls *tls);

/* tls_closed.c: its connection, or the stream that carries it, is over. True: it cannot be opened by what is known, and
 * waits on by itself. */
bool tls_close(struct decode *decode, struct tls *tls);
/* It is destroyed. */
void tls_closed_leave(struct decode *decode, struct tls *tls);
/* Closed ones go until len more bytes fit into limits.tls_waiting_total. Returns whether they do. */
bool tls_closed_make_room(struct decode *decode, size_t len);

/* tls.c */
/* Nothing more comes: what waits is opened as far as that is possible, and what is above ends. It may be done. */
void tls_over(struct decode *decode, struct tls *tls);
void tls_destroy(struct decode *decode, struct tls *tls);

/* tls_session.c: false: its key is missing (tls->missing says which), nothing was changed. */
bool tls_open_record(struct decode *decode, struct tls *tls, struct tls_record *record);
/* Is it protected, while a hello is missing that would tell by what? */
bool tls_waits_for_hello(const struct tls *tls, const struct tls_record *record);
/* Bytes of its handshake are missing. */
void tls_tear(struct tls_side *side);
/* A new epoch: keys are looked for at its first record. */
void tls_set_epoch(struct tls_side *side, enum tls_epoch epoch);
void tls_key_update(struct decode *decode, struct tls *tls, struct tls_side *side);
/* 0-RTT data that waits is told, or forgotten. */
void tls_early_decided(struct decode *decode, struct tls *tls, bool accepted);
/* len bytes of application data of dir will not come; what they were in has its place in the TCP stream. */
void tls_lose(struct decode *decode, struct tls *tls, enum dir dir, int64_t begin, int64_t end, uint64_t len,
	      bool exact);

/* tls_message.c: content of type handshake. */
void tls_take_handshake(struct decode *decode, struct tls *tls, const struct tls_record *record,
			struct ws_span content);

/* tls_tell.c */
void tls_tell_hello(struct decode *decode, struct tls *tls);
void tls_tell_open(struct decode *decode, struct tls *tls); /* once */
void tls_tell_alert(struct decode *decode, struct tls *tls, enum dir dir, struct ws_span content);
void tls_tell_overlap(struct decode *decode, struct tls *tls, enum dir dir, const struct conn_overlap *overlap);
/* Secrets of it are used: whoever writes them is told of those that are new. */
void tls_tell_secrets(struct decode *decode, struct tls *tls);
/* It cannot be read any more; what is above ends. */
void tls_lock(struct decode *decode, struct tls *tls, enum tls_lock why);
void tls_tell_locked(struct decode *decode, struct tls *tls, enum tls_lock why); /* once; the connection goes on */
/* It can be read after all: a secret came. */
void tls_tell_readable(struct decode *decode, struct tls *tls);

#endif
