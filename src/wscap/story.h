/* What sink_story.c and story_event.c share. */
#ifndef WSCAP_STORY_H
#define WSCAP_STORY_H

#include "wscap/narrate.h"
#include "wscap/recall.h"
#include "wscap/story_block.h"

enum {
	STORY_EVENTS = 16,      /* told one by one for a packet: segments that are nothing but tiny frames */
	STORY_LATE = 64 * 1024, /* bytes of what no packet is waited for, until they are printed */
};

struct line;

struct story {
	struct narrator narrator;
	struct recall *recall;
	struct memory *carrier; /* of the event that is told: its connection, whatever stream it is of */
	struct line *line;
	struct story_block block;
	struct out before, events, facts; /* words that wait for the packet */
	uint64_t told, untold;            /* events of this packet */
	bool late;                        /* these words wait for no packet: theirs was printed before */
	uint64_t printed;                 /* number of the last packet that was */
	uint64_t closing;                 /* connection that ended with this packet, or 0 */
	bool closed_by_fin;
	struct gaps gaps; /* that wait too: both directions' are told together */
	struct scene gaps_scene;
};

/* Who is who on memory's connection. Points into memory. */
void story_scene(const struct memory *memory, const struct conn *conn, int64_t time, struct scene *ret);

/* Remembers what the event tells, and puts its words where they wait for the packet. */
void story_event(struct story *story, const struct event *event);

/* Puts the gaps that wait into words. */
void story_tell_gaps(struct story *story);

/* Prints words that wait for no packet as a block of their own. */
void story_print_late(struct story *story);

#endif
