/* What was told of a whole capture, and what is told of a damaged one, held against it.
 *
 * A speaker is one end of a connection, or of an HTTP/2 stream in it, that says something to the other: known by both
 * addresses and ports, and by which connection of the whole capture its packets are, so that it is the same one in
 * either: speakers.h. Of a damaged capture each speaker may say only what it said in the whole one, in that order; and
 * where that is not all, something has to say that it is not.
 *
 * Where bytes were sent twice, with other contents, both versions were really sent, and either may be all that is left.
 * So the whole capture is read again with the second version first: what a speaker says then it may say, too. */
#ifndef DAMAGE_TOLD_H
#define DAMAGE_TOLD_H

#include "wscap/decode.h"

struct told;

/* packets: how many the whole capture has. */
struct told *told_create(size_t packets);
void told_destroy(struct told *told);

/* A packet of the whole capture comes, by its place there: what follows is of it. */
void told_packet(struct told *told, size_t place);

/* The whole capture's events. */
void told_learn(struct told *told, const struct event *event);
/* …and packets, decoded. */
void told_learn_packet(struct told *told, const struct packet_view *view);

/* What of the whole capture has other contents than something before it: the packet at *ret_from contradicts, and the
 * first that it contradicts is at *ret_to. False: there are no more than i of these. */
bool told_contradiction(const struct told *told, size_t i, size_t *ret_from, size_t *ret_to);
/* It will be learned once more, with packets in another order. False: that was often enough. */
bool told_learn_again(struct told *told);

/* What complaints are of, from now on; what lives as long. */
void told_name(struct told *told, const char *what, size_t place);
/* A damaged capture begins. */
void told_begin(struct told *told);
/* One of its events: a complaint where it is noise. */
void told_judge(struct told *told, const struct event *event);
/* One of its packets, decoded: whoever sent bytes is known to have been there. */
void told_saw(struct told *told, const struct packet_view *view);
/* It is over: what the whole one told before its packet at that place has to be there; a complaint of each loss that is
 * not named. */
void told_end(struct told *told, size_t place);

/* Another complaint; a child process's counts, too. */
void told_complain(struct told *told, const char *format, ...) __attribute__((format(printf, 2, 3)));
size_t told_complaints(const struct told *told);
size_t told_frames(const struct told *told);

#endif
