/* Does a compressed payload, of which nothing before is known, inflate?
 *
 * What an earlier message had is taken for zeroes: so a reference to it is no error, wherever it leads, and nothing is
 * learned of the content. But that bytes are valid deflate, and stand between two blocks where they end, is hardly ever
 * so by chance: of random ones, two or more of them, less than once in 7,000 times (-log2: 13 bits), as was counted. */
#ifndef WSCAP_TRIAL_H
#define WSCAP_TRIAL_H

#include "ws/span.h"

enum trial {
	TRIAL_FAILS,    /* it is no deflate */
	TRIAL_UNKNOWN,  /* nothing speaks against it */
	TRIAL_SUCCEEDS, /* it is deflate, and ends as a message does (RFC 7692, section 7.2.1), or goes on for long */
};

enum {
	TRIAL_LOOK = 1024, /* bytes of a payload that are worth a look */
	TRIAL_BITS = 12,   /* that success speaks for it */
};

/* The beginning of a payload, unmasked, or all of it: up to the end of a message. UNKNOWN also where memory is out. */
enum trial trial_inflate(struct ws_span begin, bool all);

#endif
