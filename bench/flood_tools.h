/* What both floods need: the time, and an end. */
#ifndef BENCH_FLOOD_TOOLS_H
#define BENCH_FLOOD_TOOLS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Says which call failed, and why, and ends. */
static inline void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* Seconds since some time. */
static inline double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

#endif
