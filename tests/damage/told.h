/* What was told of a whole capture, and what is told of a damaged one, held against it.
 *
 * A speaker is one end of a connection, or of an HTTP/2 stream in it, that says something to the other: known by both
 * addresses and ports, so that it is the same one in either capture. Of a damaged capture each speaker may say only
 * what it said in the whole one, in that order; and where that is not all, something has to say that it is not. */
#ifndef DAMAGE_TOLD_H
#define DAMAGE_TOLD_H

#include "wscap/decode.h"

struct told;

/* Whether noise is looked for, and losses. */
struct told *told_create(bool noise, bool losses);
void told_destroy(struct told *told);

/* The whole capture's events. */
void told_learn(struct told *told, const struct event *event);

/* A damaged capture begins. what is its name in complaints, and lives as long. */
void told_begin(struct told *told, const char *what, size_t place);
/* One of its events: a complaint where it is noise. */
void told_judge(struct told *told, const struct event *event);
/* One of its packets, decoded: whoever sent bytes is known to have been there. */
void told_saw(struct told *told, const struct packet_view *view);
/* It is over: a complaint of each loss that is not named; unless nobody can know of one, because it is at the end. */
void told_end(struct told *told, bool may_lose);

/* Another complaint. */
void told_complain(struct told *told, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t told_complaints(const struct told *told);
size_t told_frames(const struct told *told);

#endif
