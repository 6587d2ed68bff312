/* What the files of 802.11's lines share: line_wifi.c, the header and data frames; line_wifi_frames.c, management and
 * control frames; line_wifi_action.c and line_wifi_codes.c, what some of the former say; line_radio.c, what drivers put
 * in front of them. */
#ifndef WSCAP_LINE_WIFI_H
#define WSCAP_LINE_WIFI_H

#include "wscap/line_internal.h"

enum {
	WIFI_MANAGEMENT = 0,
	WIFI_CONTROL = 1,
	WIFI_DATA = 2,

	/* The second byte of frame control. */
	WIFI_TO_NETWORK = 0x01,
	WIFI_FROM_NETWORK = 0x02,
	WIFI_MORE_FRAGMENTS = 0x04,
	WIFI_AGAIN = 0x08,
	WIFI_POWER = 0x10,
	WIFI_MORE_DATA = 0x20,
	WIFI_PROTECTED = 0x40,
	WIFI_ORDER = 0x80,

	WIFI_ADDRESS = 6,
	WIFI_POWER_SAVE_POLL = 10, /* a control frame's subtype */
};

/* A frame's header. */
struct line_wifi {
	uint8_t type, subtype, flags;
	struct ws_span header; /* all of it; the padding behind it, too */
};

/* What its carrier says of a frame. */
struct line_wifi_tail {
	bool padded;            /* the header is, to four bytes */
	uint8_t check_sequence; /* bytes at its end that are none of it */
};

/* A frame at in, of length bytes on the wire. */
bool line_wifi(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_wifi_tail *tail);

/* line_wifi.c */
bool line_take_u16_little(struct ws_cursor *in, uint16_t *ret);
bool line_take_u32_little(struct ws_cursor *in, uint32_t *ret);
/* "DA:02:00:00:00:00:01 ", the address that stands so far into the header. */
void line_wifi_address(struct walk *walk, const char *name, const struct line_wifi *frame, size_t at);
/* " IV:123456 Pad 0 KeyID 1", or false: it is cut off. */
bool line_wifi_sealed(struct walk *walk, struct ws_cursor in);

/* line_wifi_frames.c */
size_t line_wifi_control_len(const struct line_wifi *frame); /* of its header; 0: it is not known */
void line_wifi_control_header(struct walk *walk, const struct line_wifi *frame);
void line_wifi_control(struct walk *walk, const struct line_wifi *frame);
void line_wifi_management(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length);
/* " (02:00:00:00:00:01): ", unless -e has shown who sends it. */
void line_wifi_sender(struct walk *walk, const struct line_wifi *frame);

/* line_wifi_action.c: an action frame's body. False: it is cut off. */
bool line_wifi_action(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length);

/* line_wifi_codes.c: what a status, or a reason, means. */
const char *line_wifi_status(unsigned code);
const char *line_wifi_reason(unsigned code);

/* line_radio.c */
bool line_radiotap(struct walk *walk, struct ws_cursor in, uint32_t length);
bool line_prism(struct walk *walk);
bool line_avs(struct walk *walk);

#endif
