/* Pieces of TCP's line, written into room that is there (base/put.h): what line_tcp.c, which prints any segment, shares
 * with line_usual.c. */
#ifndef WSCAP_LINE_PUT_H
#define WSCAP_LINE_PUT_H

#include "base/put.h"
#include "wscap/line_internal.h"
#include "wscap/tcp.h"

enum {
	LINE_TCP_HEADER = 20,
	LINE_TIMESTAMPS = 12, /* the option, with the two bytes that it is aligned with */
	LINE_TCP_ROOM = 512,  /* what the longest of the lines that are made of these pieces takes */
};

/* A TCP header as it is on the wire. */
struct line_tcp_bytes {
	uint16_t src_port, dst_port;
	uint32_t seq, ack;
	uint8_t offset, flags;
	uint16_t window, checksum, urgent;
};

/* "Flags [P.]"; the order is tcpdump's. */
static inline char *line_put_flags(char *at, uint8_t flags)
{
#define FLAGS(letters)                                                                                                 \
	{                                                                                                              \
		letters "]", sizeof(letters)                                                                           \
	}
	/* by the five bits that nearly all segments do with */
	static const struct {
		char text[7];
		uint8_t len;
	} usual[32] = {
	    FLAGS("none"), FLAGS("F"),    FLAGS("S"),    FLAGS("FS"),    FLAGS("R"),   FLAGS("FR"),  FLAGS("SR"),
	    FLAGS("FSR"),  FLAGS("P"),    FLAGS("FP"),   FLAGS("SP"),    FLAGS("FSP"), FLAGS("RP"),  FLAGS("FRP"),
	    FLAGS("SRP"),  FLAGS("FSRP"), FLAGS("."),    FLAGS("F."),    FLAGS("S."),  FLAGS("FS."), FLAGS("R."),
	    FLAGS("FR."),  FLAGS("SR."),  FLAGS("FSR."), FLAGS("P."),    FLAGS("FP."), FLAGS("SP."), FLAGS("FSP."),
	    FLAGS("RP."),  FLAGS("FRP."), FLAGS("SRP."), FLAGS("FSRP."),
	};
#undef FLAGS
	static const char letters[] = "FSRP.UEW";

	at = put_lit(at, "Flags [");
	if (flags < 32) {
		memcpy(at, &usual[flags], sizeof(usual[flags]));
		return at + usual[flags].len;
	}
	for (unsigned bit = 0; bit < 8; bit++) {
		*at = letters[bit];
		at += flags >> bit & 1;
	}
	return put_char(at, ']');
}

/* ", seq 1:130, ack 198, win 502"; with_seq: although there is no payload. */
static inline char *line_put_numbers(char *at, const struct relseq_view *numbers, uint8_t flags, uint16_t window,
				     uint32_t length, bool with_seq)
{
	if (length || with_seq || flags & (TCP_SYN | TCP_FIN | TCP_RST)) {
		at = put_u32(put_lit(at, ", seq "), numbers->seq);
		if (length)
			at = put_u32(put_char(at, ':'), numbers->seq + length);
	}
	if (flags & TCP_ACK)
		at = put_u32(put_lit(at, ", ack "), numbers->ack);
	return put_short(put_lit(at, ", win "), window);
}

struct line_timestamps {
	uint32_t value, echo;
};

/* Two bytes that do nothing and the timestamps behind them (RFC 7323, appendix A), and nothing else: what nearly all
 * segments of nearly all connections have. in: from the first option. false: it is something else. */
static inline bool line_take_timestamps(struct ws_cursor in, size_t options_len, struct line_timestamps *ret)
{
	static const uint8_t kinds[] = {1, 1, 8, 10};
	struct ws_span begin;

	return options_len == LINE_TIMESTAMPS && ws_take_span(&in, sizeof(kinds), &begin) &&
	       memcmp(begin.data, kinds, sizeof(kinds)) == 0 && ws_take_u32(&in, &ret->value) &&
	       ws_take_u32(&in, &ret->echo);
}

/* Twelve bytes, of which a number takes ten at most. */
static inline char *line_put_stamp(struct line *line, char *at, uint32_t value)
{
	struct line_known_number *known = &line->stamps[value % LINE_KNOWN_STAMPS];

	if (known->value != value || !known->len) {
		char text[2 * PUT_ROOM];

		known->value = value;
		known->len = (uint8_t)(put_u32(text, value) - text);
		memcpy(known->text, text, sizeof(known->text));
		return put_u32(at, value);
	}
	memcpy(at, known->text, sizeof(known->text));
	return at + known->len;
}

static inline char *line_put_timestamps(struct line *line, char *at, const struct line_timestamps *stamps)
{
	at = line_put_stamp(line, put_lit(at, ", options [nop,nop,TS val "), stamps->value);
	at = line_put_stamp(line, put_lit(at, " ecr "), stamps->echo);
	return put_char(at, ']');
}

static inline char *line_put_length(char *at, uint32_t length)
{
	return put_u32(put_lit(at, ", length "), length);
}

#endif
