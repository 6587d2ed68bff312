/* When connections are to be looked at again: a heap by capture time. Only those that wait for something are in it. */
#ifndef WSCAP_WATCH_H
#define WSCAP_WATCH_H

#include "wscap/conn_internal.h"

struct watch_entry {
	int64_t deadline;
	struct conn *conn; /* whose troubles say where this entry is */
};

struct watch {
	struct watch_entry *entries;
	uint32_t count, cap;
};

/* Puts conn in, moves it, or with INT64_MAX takes it out. Without memory it is not watched: then its own next packet
 * looks. */
void watch_set(struct watch *watch, struct conn *conn, int64_t deadline);

/* The connection that is due first, or NULL when none is due by now. */
struct conn *watch_due(const struct watch *watch, int64_t now);

void watch_finish(struct watch *watch);

#endif
