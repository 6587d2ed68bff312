/* IEEE 802.11: a frame's header, and what is in data frames. Management and control frames: line_wifi_frames.c. */
#include "wscap/line_wifi.h"

enum {
	CONTROL_LEN = 2, /* of the frame control field */
	DATA_HEADER = 24,
	FOURTH_ADDRESS = 6,
	QUALITY_CONTROL = 2,
	MANAGEMENT_HEADER = 24,
	PADDED_TO = 4,

	/* A data frame's subtype. */
	DATA_ACK = 1,
	DATA_POLL = 2,
	DATA_NULL = 4,
	DATA_QUALITY = 8,

	INITIALIZATION = 4, /* what stands before encrypted content: the vector, and the key's number */
};

bool line_take_u16_little(struct ws_cursor *in, uint16_t *ret)
{
	uint16_t value;

	if (!ws_take_u16(in, &value))
		return false;
	*ret = __builtin_bswap16(value);
	return true;
}

bool line_take_u32_little(struct ws_cursor *in, uint32_t *ret)
{
	uint32_t value;

	if (!ws_take_u32(in, &value))
		return false;
	*ret = __builtin_bswap32(value);
	return true;
}

static bool is_data(const struct line_wifi *frame, unsigned bit)
{
	return frame->type == WIFI_DATA && frame->subtype & bit;
}

/* How long the header is; 0, and that is said, where tcpdump does not know. A field for high throughput is not looked
 * for: neither does it. */
static size_t header_len(struct walk *walk, const struct line_wifi *frame)
{
	bool bridges = (frame->flags & WIFI_TO_NETWORK) && (frame->flags & WIFI_FROM_NETWORK);
	size_t len;

	switch (frame->type) {
	case WIFI_MANAGEMENT:
		return MANAGEMENT_HEADER;
	case WIFI_CONTROL:
		len = line_wifi_control_len(frame);
		if (!len)
			out_printf(walk->out, "unknown 802.11 ctrl frame subtype (%u)", frame->subtype);
		return len;
	case WIFI_DATA:
		return (size_t)DATA_HEADER + (bridges ? FOURTH_ADDRESS : 0) +
		       (is_data(frame, DATA_QUALITY) ? QUALITY_CONTROL : 0);
	default:
		out_printf(walk->out, "unknown 802.11 frame type (%u)", frame->type);
		return 0;
	}
}

void line_wifi_address(struct walk *walk, const char *name, const struct line_wifi *frame, size_t at)
{
	out_str(walk->out, name);
	line_ether_address(walk, ws_span_first(ws_span_from(frame->header, at), WIFI_ADDRESS));
	out_char(walk->out, ' ');
}

static void print_data_header(struct walk *walk, const struct line_wifi *frame)
{
	static const char *const names[4][4] = {
	    {"DA:", "SA:", "BSSID:"},
	    {"BSSID:", "SA:", "DA:"}, /* to the network */
	    {"DA:", "BSSID:", "SA:"}, /* from it */
	    {"RA:", "TA:", "DA:", "SA:"},
	};
	static const size_t at[4] = {4, 10, 16, 24};
	const char *const *name = names[frame->flags & (WIFI_TO_NETWORK | WIFI_FROM_NETWORK)];
	unsigned polls = frame->subtype & (DATA_ACK | DATA_POLL);

	if (frame->subtype & (DATA_ACK | DATA_POLL | DATA_QUALITY)) {
		out_lit(walk->out, "CF ");
		if (polls)
			out_str(walk->out, polls == DATA_ACK ? "Ack" : polls == DATA_POLL ? "Poll" : "Ack/Poll");
		if (frame->subtype & DATA_QUALITY)
			out_lit(walk->out, "+QoS");
		out_char(walk->out, ' ');
	}
	for (size_t i = 0; i < 4 && name[i]; i++)
		line_wifi_address(walk, name[i], frame, at[i]);
}

/* What -e shows. */
static void print_header(struct walk *walk, const struct line_wifi *frame)
{
	static const struct {
		uint8_t flag;
		const char *name;
	} flags[] = {
	    {WIFI_MORE_DATA, "More Data "}, {WIFI_MORE_FRAGMENTS, "More Fragments "}, {WIFI_POWER, "Pwr Mgmt "},
	    {WIFI_AGAIN, "Retry "},         {WIFI_ORDER, "Strictly Ordered "},        {WIFI_PROTECTED, "Protected "},
	};
	struct ws_cursor at = ws_cursor_of(ws_span_from(frame->header, CONTROL_LEN));
	uint16_t duration = 0;

	for (size_t i = 0; walk->options->verbose && i < sizeof(flags) / sizeof(*flags); i++)
		if (frame->flags & flags[i].flag)
			out_str(walk->out, flags[i].name);
	if (walk->options->verbose && !(frame->type == WIFI_CONTROL && frame->subtype == WIFI_POWER_SAVE_POLL)) {
		line_take_u16_little(&at, &duration);
		out_printf(walk->out, "%uus ", duration);
	}
	if (frame->type == WIFI_MANAGEMENT) {
		line_wifi_address(walk, "BSSID:", frame, 16);
		line_wifi_address(walk, "DA:", frame, 4);
		line_wifi_address(walk, "SA:", frame, 10);
	} else if (frame->type == WIFI_CONTROL) {
		line_wifi_control_header(walk, frame);
	} else {
		print_data_header(walk, frame);
	}
}

bool line_wifi_sealed(struct walk *walk, struct ws_cursor in)
{
	uint32_t vector;

	if (ws_cursor_left(&in) < INITIALIZATION || !line_take_u32_little(&in, &vector))
		return false;
	out_printf(walk->out, " IV:%3x Pad %x KeyID %x", vector & 0xffffff, vector >> 24 & 0x3f, vector >> 30);
	return true;
}

/* Who sends a data frame, and to whom, whoever carries it on. */
static struct line_cards cards_of(const struct line_wifi *frame)
{
	static const struct {
		uint8_t src, dst;
	} at[4] = {{10, 4}, {10, 16}, {16, 4}, {24, 16}};
	unsigned way = frame->flags & (WIFI_TO_NETWORK | WIFI_FROM_NETWORK);

	return (struct line_cards){
	    .src = ws_span_first(ws_span_from(frame->header, at[way].src), WIFI_ADDRESS),
	    .dst = ws_span_first(ws_span_from(frame->header, at[way].dst), WIFI_ADDRESS),
	};
}

/* False: a byte is missing. in moves on behind the headers. */
static bool print_data(struct walk *walk, const struct line_wifi *frame, struct ws_cursor *in, uint32_t length)
{
	const struct line_cards cards = cards_of(frame);
	bool known;

	if (is_data(frame, DATA_NULL))
		return true;
	if (frame->flags & WIFI_PROTECTED) {
		out_lit(walk->out, "Data");
		if (!line_wifi_sealed(walk, *in))
			line_truncated(walk);
		return true;
	}
	if (!line_snap(walk, in, length, &cards, &known))
		return false;
	if (!known)
		line_unread(walk, "802.2", in);
	return true;
}

bool line_wifi(struct walk *walk, struct ws_cursor in, uint32_t length, const struct line_wifi_tail *tail)
{
	struct line_wifi frame;
	struct ws_cursor begin = in;
	uint8_t first;
	size_t len;

	walk->protocol = "802.11";
	walk->link_header_len = walk->captured.len;
	if (length < tail->check_sequence) {
		line_truncated(walk);
		return true;
	}
	length -= tail->check_sequence;
	in = begin = line_within(in, length);
	if (!ws_take_u8(&in, &first) || !ws_take_u8(&in, &frame.flags)) {
		line_truncated(walk);
		return true;
	}
	frame.type = first >> 2 & 3;
	frame.subtype = first >> 4;
	walk->link_header_len = line_behind(walk, &begin);
	len = header_len(walk, &frame);
	if (!len)
		return true;
	if (tail->padded)
		len = (len + PADDED_TO - 1) & ~(size_t)(PADDED_TO - 1);
	walk->link_header_len += len;
	in = begin;
	if (!ws_take_span(&in, len, &frame.header)) {
		line_truncated(walk);
		return true;
	}
	length -= (uint32_t)len;
	if (walk->options->link_header)
		print_header(walk, &frame);
	if (frame.type == WIFI_DATA) {
		struct ws_cursor behind = in;

		if (!print_data(walk, &frame, &behind, length))
			return false;
		walk->link_header_len += (size_t)(behind.at - in.at);
	} else if (frame.type == WIFI_MANAGEMENT) {
		line_wifi_management(walk, &frame, in, length);
	} else {
		line_wifi_control(walk, &frame);
	}
	return true;
}
