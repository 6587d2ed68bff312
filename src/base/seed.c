#include "base/seed.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static void make_from_time(void *seed, size_t len)
{
	struct timespec now;
	uint64_t words[2];

	clock_gettime(CLOCK_MONOTONIC, &now);
	words[0] = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	words[1] = (uintptr_t)seed;
	memset(seed, (int)(now.tv_nsec & 0xff), len);
	memcpy(seed, words, len < sizeof(words) ? len : sizeof(words));
}

void seed_make(void *seed, size_t len)
{
	if (getrandom(seed, len, GRND_NONBLOCK) != (ssize_t)len)
		make_from_time(seed, len);
}
