/* What signals ask for, as tcpdump has them: INT, TERM and HUP end the capture, USR1 asks for the counters, USR2 for
 * what is written to reach the file. Handlers only set flags; the loop looks after each packet and whenever it waited.
 */
#ifndef WSCAP_SIGNALS_H
#define WSCAP_SIGNALS_H

#include <stdbool.h>

#include "wscap/source.h"

enum signal_request {
	REQUEST_COUNTERS, /* USR1 */
	REQUEST_FLUSH,    /* USR2 */
	REQUEST_PROGRESS, /* once a second, where signals_every_second() was called */
	REQUEST_COUNT,
};

/* From now on. What ends the capture is told to source with source_break(); whichever comes second ends the program at
 * once, should whoever reads our output hang. */
void signals_handle(struct source *source);
void signals_every_second(void);

/* Was anything asked for since the last call? */
bool signals_asked(void);
/* …and this? */
bool signals_take(enum signal_request request);

/* Did a signal end the capture? */
bool signals_ended(void);

#endif
