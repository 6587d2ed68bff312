#include "wscap/drops.h"

#include <stdio.h>
#include <time.h>

#include "base/i18n.h"

static int64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

static void tell_kernel(uint64_t more)
{
	log_line(ngettext("wscap: the kernel dropped %llu packet for want of room; a larger ring is -B",
			  "wscap: the kernel dropped %llu packets for want of room; a larger ring is -B",
			  (unsigned long)more),
		 (unsigned long long)more);
}

void drops_say_ours(char ret[static SENTENCE_SIZE], uint64_t count)
{
	snprintf(ret, SENTENCE_SIZE,
		 ngettext("wscap: %llu packet was left out, because printing is too slow; more can wait with "
			  "--backlog",
			  "wscap: %llu packets were left out, because printing is too slow; more can wait with "
			  "--backlog",
			  (unsigned long)count),
		 (unsigned long long)count);
}

static void tell_ours(uint64_t more)
{
	char sentence[SENTENCE_SIZE];

	drops_say_ours(sentence, more);
	log_line("%s", sentence);
}

void drops_tell(struct drops *drops, uint64_t kernel, uint64_t ours)
{
	int64_t now;

	if (kernel <= drops->kernel && ours <= drops->ours)
		return;
	now = seconds();
	if (now < drops->next || !log_is_heard())
		return;
	if (kernel > drops->kernel)
		tell_kernel(kernel - drops->kernel);
	if (ours > drops->ours)
		tell_ours(ours - drops->ours);
	drops->kernel = kernel;
	drops->ours = ours;
	drops->pause = drops->pause ? 2 * drops->pause : DROPS_PAUSE_S;
	if (drops->pause > DROPS_PAUSE_MAX_S)
		drops->pause = DROPS_PAUSE_MAX_S;
	drops->next = now + drops->pause;
}
