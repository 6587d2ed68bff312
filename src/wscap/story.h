/* The story's two halves, which may run on two threads.
 *
 *     event, packet ─► story: recall, in the packets' order ─► account: what is to be told ─► its words, and the line
 *
 * The first half remembers, and decides what is told; of the second one all that counts is the account. With a press,
 * the account is left on its page with all that it needs; without, it is printed at once. Most events are rare, and put
 * into words by the first half already; a message is left as it is where there is a press. */
#ifndef WSCAP_STORY_H
#define WSCAP_STORY_H

#include "base/seldom.h"
#include "wscap/decode.h"
#include "wscap/narrate.h"
#include "wscap/press.h"
#include "wscap/recall.h"

enum {
	STORY_EVENTS = 16,      /* told one by one for a packet: segments that are nothing but tiny frames */
	STORY_LATE = 64 * 1024, /* bytes of what no packet is waited for, until they are printed */
};

struct line;
struct options;

/* What is told of events of a packet: words that are there, or a message. */
struct telling {
	struct telling *next;
	struct ws_span words; /* empty: it is a message */
	size_t title;         /* so many bytes of words are its title; 0: its first line is */
	struct scene scene;
	enum dir dir;
	struct ws_item item;
	struct ties ties;
};

/* All that is told of a packet. */
struct account {
	bool below;                      /* something was printed before */
	struct ws_span before;           /* words about what was before this packet */
	const struct telling *events;    /* the segment's facts stand under the first one's title */
	const struct segment *segment;   /* NULL: nothing is told of one */
	struct scene scene;              /* of the segment, as */
	struct tidings tidings;          /* these */
	const struct fragment *fragment; /* NULL: it is none */
	bool is_segment;                 /* the packet was one */
};

struct story {
	struct narrator narrator;
	struct press *press; /* NULL: everything is printed at once */
	struct recall *recall;
	struct memory *carrier;                /* of the event that is told: its connection, whatever stream it is of */
	struct line *line;                     /* with a press, it only says what a line needs */
	bool bare;                             /* nothing but words */
	bool printed;                          /* anything */
	struct out *out;                       /* where to, without a press */
	struct out before, events, late_words; /* words that wait for the packet */
	struct telling *first, *last;          /* of the events: those that are on the press's page already */
	size_t title;                          /* so many bytes of events are the first one's; 0: not known */
	uint64_t told, untold;                 /* events of this packet */
	bool late;                             /* these words wait for no packet: theirs was printed before */
	uint64_t packet;                       /* number of the last packet that was printed */
	uint64_t closing;                      /* connection that ended with this packet, or 0 */
	bool closed_by_fin;
	struct gaps gaps; /* that wait too: both directions' are told together */
	struct scene gaps_scene;
};

/* Who is who on memory's connection. Points into memory. */
void story_scene(const struct memory *memory, const struct conn *conn, int64_t time, struct scene *ret);

/* Remembers what the event tells, and keeps its words, or what they need, for the packet. */
void story_event(struct story *story, const struct event *event);

/* Puts the gaps that wait into words. */
void story_tell_waiting_gaps(struct story *story);
static inline void story_tell_gaps(struct story *story)
{
	if (story->gaps_scene.conn)
		story_tell_waiting_gaps(story);
}

/* Prints words that wait for no packet as a block of their own. */
void story_print_late(struct story *story);

/* The narrator's words go to what gathers them in before, events or late_words. */
void story_narrate_into(struct story *story, struct out *words);

/* Do any words about events wait? */
static inline bool story_has_events(const struct story *story)
{
	return story->events.len || story->first;
}

/* Nothing waits any more. */
void story_forget(struct story *story);

/* account_print.c: the block of an account, if it has anything to tell. */
void account_print(struct narrator *narrator, const struct account *account, struct out *out);

/* story_leave.c: what is left on the press's page, and printed there, in order, by a teller. What is out of memory is
 * not printed, as the press says. `how` outlives the teller's making. */
struct story_teller {
	const struct options *options;
	const struct block_signs *signs;
};
struct press_printers story_teller(struct story_teller *how);

/* A message of the packet that is under way. */
void story_leave_message(struct story *story, const struct scene *scene, enum dir dir, const struct ws_item *item,
			 const struct ties *ties);
bool story_may_leave(const struct story *story, const struct ws_item *item);

/* The words about events so far, so that what is left next stands behind them. */
void story_leave_events(struct story *story);

/* An account, whose events are there already, and the packet's line; packet is NULL where there is none. */
void story_leave(struct story *story, const struct account *account, const struct packet *packet);

#endif
