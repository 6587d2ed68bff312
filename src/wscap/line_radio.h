/* A radiotap header: line_radio.c finds its fields, line_radio_fields.c shows each. */
#ifndef WSCAP_LINE_RADIO_H
#define WSCAP_LINE_RADIO_H

#include "wscap/line_wifi.h"

/* A header on its way. */
struct radiotap {
	struct walk *walk;
	struct ws_span header; /* all of it */
	size_t at;             /* where the next field is looked for */
	uint32_t present;      /* the word that it stands in */
	uint8_t flags;
};

/* The next number, of up to eight bytes, the lowest first, at a multiple of its size. False: it is behind the header.
 */
bool radiotap_number(struct radiotap *tap, size_t len, uint64_t *ret);
/* Shows the field of this number. False: behind it none can be found. */
bool radiotap_field(struct radiotap *tap, unsigned number);

#endif
