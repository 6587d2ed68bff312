#include "histogram.h"

#include <stdlib.h>
#include <string.h>

int histogram_init(struct histogram *histogram)
{
	histogram->count = 0;
	histogram->buckets = calloc(HISTOGRAM_BUCKETS, sizeof(*histogram->buckets));
	return histogram->buckets ? 0 : -1;
}

void histogram_clear(struct histogram *histogram)
{
	histogram->count = 0;
	memset(histogram->buckets, 0, HISTOGRAM_BUCKETS * sizeof(*histogram->buckets));
}

/* The first two times HISTOGRAM_SUB have a bucket each; from there on, each doubling has HISTOGRAM_SUB. */
static unsigned bucket_of(uint64_t value)
{
	unsigned shift;

	if (value < 2 * HISTOGRAM_SUB)
		return (unsigned)value;
	shift = 63 - (unsigned)__builtin_clzll(value) - 7;
	return shift * HISTOGRAM_SUB + (unsigned)(value >> shift);
}

static uint64_t value_of(unsigned bucket)
{
	unsigned shift;

	if (bucket < 2 * HISTOGRAM_SUB)
		return bucket;
	shift = bucket / HISTOGRAM_SUB - 1;
	return (uint64_t)(bucket - shift * HISTOGRAM_SUB) << shift;
}

void histogram_add(struct histogram *histogram, int64_t nanoseconds)
{
	histogram->buckets[bucket_of(nanoseconds > 0 ? (uint64_t)nanoseconds : 0)]++;
	histogram->count++;
}

int64_t histogram_at(const struct histogram *histogram, double share)
{
	uint64_t rank = (uint64_t)((double)histogram->count * share), passed = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		passed += histogram->buckets[i];
		if (passed && passed >= rank)
			return (int64_t)value_of(i);
	}
	return 0;
}
