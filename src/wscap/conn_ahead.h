/* Connections of segments that will come, fetched before they do, and known when they come.
 *
 * With very many of them, neither the slot where a connection is looked for, nor itself, nor what lives on it is near
 * the processor, and each is found only through the one before. So segments are looked at a batch ahead, and each of
 * these is asked for a batch before it is needed. Nothing is changed by it.
 *
 * Segments of one connection mostly come in runs. A run holds the ends of its segments, as they stand in their headers,
 * and the connection that was fetched; when its first segment has its turn it is seen whether the connection is that
 * one, and then the others of the run are found by a look at the ends. What is not found so is looked for in the table.
 * A connection that leaves the table leaves its runs, too (conn_ahead_forget()). */
#ifndef WSCAP_CONN_AHEAD_H
#define WSCAP_CONN_AHEAD_H

#include "wscap/conn_ends.h"
#include "wscap/conn_slots.h"

enum {
	AHEAD_RUNS = 32,
};

static_assert(AHEAD_RUNS > CONN_AHEAD + CONN_BATCH, "none is overwritten before its turn");

struct conn_run {
	struct conn_ends_entry ways[2]; /* by the side of the sender */
};

/* Numbers of runs, each from 0 on and in this order: whose segments come now; up to which what lives on them was asked
 * for; the connections; the slots. */
struct conn_ahead {
	uint32_t turn, users, conns, slots;
	struct conn_run runs[AHEAD_RUNS];
};

/* A batch of segments will be looked at: of those before it, what is found by now is asked for; with a connection that
 * is to be moved in its list by now, its neighbours. */
struct conn_lists;
void conn_ahead_begin(struct conn_ahead *ahead, const struct conn_slots *slots, const struct conn_lists *lists,
		      int64_t now);

/* One of them, the first of a run, is between these ends; about has the sender's side and the hash. */
void conn_ahead_add(struct conn_ahead *ahead, const struct conn_slots *slots, const struct ip *ip,
		    const struct tcp *tcp, const struct conn_ends_entry *about);

/* conn_ahead_find(), where the run before is over. */
const struct conn_ends_entry *conn_ahead_turn(struct conn_ahead *ahead, uint64_t addresses, uint32_t ports);

/* about: whose segment it is. The next ones of its run are found. */
void conn_ahead_learn(struct conn_ahead *ahead, const struct ip *ip, const struct tcp *tcp,
		      const struct conn_ends_entry *about);

/* A connection began with the segment whose turn it is: if that is in a run, it is the run's. */
void conn_ahead_began(struct conn_ahead *ahead, struct conn *conn);

/* It leaves the table. */
void conn_ahead_forget(struct conn_ahead *ahead, const struct conn *conn);

/* The way of a segment in the run that has its turn, or NULL. Which one it is changes with nearly every segment:
 * nothing here branches on it. */
static inline const struct conn_ends_entry *conn_run_way(const struct conn_run *run, uint64_t addresses, uint32_t ports)
{
	const struct conn_ends_entry *ways = run->ways;
	bool low = (ways[0].addresses == addresses) & (ways[0].ports == ports);
	bool high = (ways[1].addresses == addresses) & (ways[1].ports == ports);

	return (low | high) ? &ways[!low] : NULL;
}

/* Whose segment it is, where that is known here; or NULL. */
static inline const struct conn_ends_entry *conn_ahead_find(struct conn_ahead *ahead, const struct ip *ip,
							    const struct tcp *tcp)
{
	uint64_t addresses = conn_ends_addresses(ip);
	uint32_t ports = conn_ends_ports(tcp);
	const struct conn_ends_entry *way = conn_run_way(&ahead->runs[ahead->turn % AHEAD_RUNS], addresses, ports);

	if (ip->version != 4)
		return NULL;
	if (!way)
		way = conn_ahead_turn(ahead, addresses, ports);
	return way && way->conn ? way : NULL;
}

#endif
