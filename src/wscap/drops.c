#include "wscap/drops.h"

#include <time.h>

#include "base/i18n.h"
#include "base/log.h"

static int64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

void drops_tell(struct drops *drops, struct source *source)
{
	struct source_counters counters;
	int64_t now = seconds();
	uint64_t more;

	if (now < drops->next || !source_counters(source, &counters) || counters.dropped <= drops->told)
		return;
	more = counters.dropped - drops->told;
	log_line(ngettext("wscap: the kernel dropped %llu packet for want of room; a larger ring is -B",
			  "wscap: the kernel dropped %llu packets for want of room; a larger ring is -B",
			  (unsigned long)more),
		 (unsigned long long)more);
	drops->told = counters.dropped;
	drops->pause = drops->pause ? 2 * drops->pause : DROPS_PAUSE_S;
	if (drops->pause > DROPS_PAUSE_MAX_S)
		drops->pause = DROPS_PAUSE_MAX_S;
	drops->next = now + drops->pause;
}
