/* What the story remembers, so that it can say what belongs together: whose connection this is, which message an ACK
 * acknowledges, which ping a pong answers, that one message goes out to several connections, and whose message it
 * carries. No words here: narrate*.c finds those.
 *
 * Everything has a named limit. What falls out at a limit is what is oldest, and then the story just says less. */
#ifndef WSCAP_RECALL_H
#define WSCAP_RECALL_H

#include <stdalign.h>

#include "wscap/conn.h"
#include "wscap/label.h"

enum {
	RECALL_CONNS = 16384,  /* connections that are remembered: port scans */
	RECALL_SENT = 8,       /* whole messages of a direction that wait for their ACK: a receiver that never ACKs */
	RECALL_LABEL = 32,     /* bytes of their labels */
	RECALL_PINGS = 8,      /* pings of a direction that wait for their pong: pings that nobody answers */
	RECALL_COPIES = 512,   /* messages of servers whose copies are looked for */
	RECALL_OWN_COPIES = 8, /* the latest of those that went out on a connection */
	RECALL_SAID = 512,     /* values in messages of clients that a server's message may carry */
	RECALL_FIELDS = 8,     /* fields of a message that are looked at */
	MEMORY_LINE = 64,      /* bytes of the processor's cache that come at once */
};

#define RECALL_SAID_NS INT64_C(2000000000) /* how much later a server's message is said to carry a client's */

/* Something whole that one side sent. */
enum sent_kind {
	SENT_REQUEST,
	SENT_ANSWER,  /* 101, with which the WebSocket is open */
	SENT_REFUSAL, /* any other answer to the request */
	SENT_MESSAGE,
	SENT_PING,
	SENT_PONG,
	SENT_CLOSE,
};

struct sent {
	int64_t end; /* stream offset behind it */
	int64_t time;
	uint64_t copies; /* of a server's message: its recall_copies's id, or 0 */
	enum sent_kind kind;
	uint8_t label_len;
	char label[RECALL_LABEL]; /* of a message; may be empty */
};

static inline struct ws_span sent_label(const struct sent *sent)
{
	return ws_span_of(sent->label, sent->label_len);
}

/* From then to now. A capture's times are a stranger's: what does not fit stays at the end of what does. */
static inline int64_t recall_since(int64_t now, int64_t then)
{
	int64_t passed;

	if (__builtin_sub_overflow(now, then, &passed))
		return now > then ? INT64_MAX : INT64_MIN;
	return passed;
}

struct recall;

/* One connection. What the sink knows goes in here too. Very many may be under way, each with a packet now and then:
 * what each packet asks for is one line of the processor's cache, what is asked when a memory is made and forgotten is
 * in the next one, and the others are not touched before there is something to say. */
struct memory {
	alignas(MEMORY_LINE) uint64_t number;
	uint64_t stream;                  /* of HTTP/2, as events have it; 0: the connection itself */
	struct memory *chain;             /* recall's own, as what follows */
	uint64_t turn;                    /* recall's count when it became the newest */
	struct recall_sent_ring *sent[2]; /* NULL where nothing waits for an ACK */
	int64_t opened;                   /* time of the SYN; -1 */
	bool ends_known;
	bool browser;
	bool answered;      /* the server agreed to the TCP connection */
	bool websocket;     /* there was a request, an answer or a frame */
	bool open;          /* frames are what comes now */
	bool not_websocket; /* it was said that it is none */
	bool fin_sent[2];

	struct memory *newer, *older; /* recall's own */
	uint64_t server;              /* stands for the server's endpoint: the same for all its connections */
	struct recall_pings *pings;   /* NULL: there was none */
	uint64_t user_told_by;        /* private to recall_name() */
	uint32_t copies_end;          /* how many copies there were, as recall_copy() counts */
	uint16_t port;                /* the client's */
	bool close_sent[2];
	struct label_text user;
	uint64_t copies[RECALL_OWN_COPIES]; /* ids, of the first copies_end of them */
};

/* copy_window: nanoseconds within which the same payload from the same server to another connection is a copy. NULL
 * when out of memory. */
struct recall *recall_create(int64_t copy_window);
void recall_destroy(struct recall *recall);

/* The connection with this number, made when it is new. NULL when out of memory. */
struct memory *recall_conn(struct recall *recall, const struct conn *conn);
void recall_forget(struct recall *recall, uint64_t number);

/* The same for a stream of HTTP/2 on it. What waits for its ACK is the connection's to remember, all else the stream's.
 * Its memory is forgotten when others need the room. */
struct memory *recall_stream(struct recall *recall, const struct conn *conn, uint64_t stream);

/* A client's message with this label says that its user has this name. The first that says so is believed, and who said
 * it first may say another later. Returns whether the name is new. */
bool recall_name(struct recall *recall, struct memory *memory, const struct label *label);

/* Remembers what was sent in dir until it is acknowledged. Out of memory, it is forgotten at once. */
void recall_sent(struct recall *recall, struct memory *memory, enum dir dir, const struct sent *sent);

/* The same, of what the caller fills in now: kind and label_len are not set, nor the label; copies is 0. What is
 * written elsewhere and copied would be waited for. NULL when out of memory. */
struct sent *recall_sending(struct recall *recall, struct memory *memory, enum dir dir, int64_t end, int64_t time);

/* How many of what was sent in dir are acknowledged by an ACK up to `to`: at most RECALL_SENT. ret_last is the latest
 * of them, until something more is sent on any connection; unchanged where there is none. ret_all is how many
 * connections the last of them went to when, with this ACK, all of them have it, and more than one; else 0. */
size_t recall_acked(struct recall *recall, struct memory *memory, enum dir dir, int64_t to,
		    const struct sent **ret_last, uint32_t *ret_all);

/* A server's message, seen before on another connection? */
struct copy {
	uint64_t id;     /* for struct sent */
	uint32_t number; /* 1: it is the first of its kind */
	uint64_t packet; /* of the first */
	int64_t since;   /* nanoseconds since the first */
};
struct copy recall_copy(struct recall *recall, struct memory *memory, struct ws_span payload, int64_t time,
			uint64_t packet);
uint64_t recall_copies_seen(const struct recall *recall); /* how many were not the first */

/* What a message calls itself, and its first list. Copies say the same: it is read in the first of them, and kept. */
struct says {
	struct label_text label;
	size_t list_begin, list_end; /* where in the payload the list's key stands; both 0: there is no list */
	uint64_t list_len;
	bool list_of_users;
};
void recall_copy_keep(struct recall *recall, uint64_t id, const struct says *says);
const struct says *recall_copy_says(const struct recall *recall, uint64_t id); /* NULL where none is kept */

/* What the fields of a message say. */
struct fields {
	size_t count;
	struct {
		struct ws_span key;
		uint64_t hash; /* of key and value */
		size_t len;    /* of the value */
	} field[RECALL_FIELDS];
	struct ws_span list; /* the key of its first list; data NULL where there is none */
	uint64_t list_len;   /* how many values are in it */
	bool list_of_users;  /* as its key tells: user_list, clients */
};
static inline void recall_fields_init(struct fields *fields) /* there is none; the array is not touched */
{
	fields->count = 0;
	fields->list = ws_span_of(NULL, 0);
	fields->list_len = 0;
	fields->list_of_users = false;
}

void recall_fields(const struct recall *recall, struct ws_span payload, struct ws_span label, struct fields *ret);

/* A client's message, remembered for what the server will say; and what a server's message carries of one. */
void recall_said(struct recall *recall, const struct memory *memory, struct ws_span payload,
		 const struct fields *fields, int64_t time, uint64_t packet);
struct carried {
	uint64_t conn;   /* number of the client's; 0: it carries nothing that is known, and the rest is not set */
	uint64_t packet; /* in which the client sent it */
	int64_t since;
	bool whole;         /* the whole payload */
	struct ws_span key; /* else of the field whose value is the same */
	uint16_t port;      /* the client's */
	bool browser;
	struct label_text user;
};
void recall_carried(const struct recall *recall, const struct memory *memory, struct ws_span payload,
		    const struct fields *fields, int64_t time, struct carried *ret);

/* A ping, and how long ago the ping was that a pong in dir answers; -1 where none is known. */
void recall_ping(struct recall *recall, struct memory *memory, enum dir dir, struct ws_span payload, int64_t time);
int64_t recall_pong(struct recall *recall, struct memory *memory, enum dir dir, struct ws_span payload, int64_t time);

#endif
