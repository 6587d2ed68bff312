/* Two tables that are told the same segments, one of them without the short ways (conn_in_order(), conn_opening()):
 * what each tells, and all that it knows of its connections, as text to be compared.
 *
 * The program is linked with --wrap for each short way; see tests/unit/meson.build. */
#ifndef CONN_TWINS_H
#define CONN_TWINS_H

#include "base/out.h"
#include "wscap/conn.h"

/* What a table told. */
struct told {
	struct conn_table *table;
	struct out log;
	uint32_t open; /* connections that were opened and not closed */
	int64_t now;   /* of the last segment */
};

/* Are short ways taken? And how often they were, of those that go on and of those that open. */
extern bool twins_short_way;
extern unsigned twins_in_order, twins_opening;

void told_init(struct told *told, bool acknowledged);
void told_finish(struct told *told);
/* Logs what is told, what the segment is, and what is known of its connection behind it. */
void told_segment(struct told *told, int64_t now, const struct ip *ip, const struct tcp *tcp);

/* Plays with the short ways and without them: both must tell the same. */
void twins_compare(void (*play)(struct told *told, uint64_t seed, uint32_t kind), uint64_t seed, uint32_t kind,
		   bool acknowledged);

/* xorshift64*: the same numbers everywhere. */
void twins_seed(uint64_t seed);
uint32_t twins_below(uint32_t limit);

#endif
