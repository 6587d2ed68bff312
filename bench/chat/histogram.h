/* Durations, counted in buckets of less than one per cent each: constant memory, any number of them. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
	HISTOGRAM_SUB = 128, /* buckets for each doubling */
	HISTOGRAM_BUCKETS = 57 * HISTOGRAM_SUB + 2 * HISTOGRAM_SUB,
};

struct histogram {
	uint64_t *buckets;
	uint64_t count;
};

int histogram_init(struct histogram *histogram); /* 0 or -1 */

void histogram_clear(struct histogram *histogram);

/* A negative one counts as 0. */
void histogram_add(struct histogram *histogram, int64_t nanoseconds);

/* The duration that this share (0 to 1) of all of them does not pass; 0 when there are none. */
int64_t histogram_at(const struct histogram *histogram, double share);

#endif
