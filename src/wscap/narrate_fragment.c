/* A piece of an IP packet: what it is part of. */
#include "wscap/narrate_words.h"

static void tell_result(struct narrator *narrator, const struct fragment *fragment)
{
	switch (fragment->result) {
	case FRAGMENT_WAITS:
		if (fragment->count == 1)
			SENTENCE(narrator, "It waits for the others.");
		else
			SENTENCE(narrator,
				 "%1$s fragments are here, the first is packet %2$s; it waits for the others.",
				 ARG_NUMBER(fragment->count), ARG_PLAIN(fragment->first_packet));
		break;
	case FRAGMENT_WHOLE:
		SENTENCE(narrator, "The packet is whole now: %1$s fragments, %2$s, since packet %3$s.",
			 ARG_NUMBER(fragment->count), ARG_BYTES(fragment->wire_len), ARG_PLAIN(fragment->first_packet));
		break;
	case FRAGMENT_REPEATED:
		SENTENCE(narrator, "The same fragment was captured before.");
		break;
	case FRAGMENT_OVERLAPS:
		SENTENCE(narrator, "It overlaps with another one, and receivers disagree about which of them counts: "
				   "the packet is dropped (RFC 5722).");
		break;
	case FRAGMENT_BAD:
		SENTENCE(narrator, "It cannot be right beside the others, or by itself: the packet is dropped.");
		break;
	case FRAGMENT_DROPPED:
		SENTENCE(narrator, "The packet was dropped before.");
		break;
	case FRAGMENT_LIMIT:
		SENTENCE(narrator, "There is no room for it: the limit --max-fragments is met.");
		break;
	case FRAGMENT_NONE:
		break;
	}
}

void narrate_fragment(struct narrator *narrator, const struct fragment *fragment, bool alone)
{
	if (alone)
		TITLE(narrator, "IP fragment · identification %1$s", ARG_PLAIN(fragment->id));
	SENTENCE(narrator, "A part of an IP packet that was cut on its way: %1$s, from byte %2$s on.",
		 ARG_BYTES(fragment->len), ARG_NUMBER(fragment->begin));
	tell_result(narrator, fragment);
	narrate_end_line(narrator);
}
