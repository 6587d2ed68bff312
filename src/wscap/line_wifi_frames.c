/* Management and control frames of 802.11, as tcpdump shows them. */
#include "wscap/line_wifi.h"

enum {
	ASSOCIATION_REQUEST = 0,
	ASSOCIATION_RESPONSE = 1,
	REASSOCIATION_REQUEST = 2,
	REASSOCIATION_RESPONSE = 3,
	PROBE_REQUEST = 4,
	PROBE_RESPONSE = 5,
	BEACON = 8,
	TRAFFIC_ANNOUNCEMENT = 9,
	DISASSOCIATION = 10,
	AUTHENTICATION = 11,
	DEAUTHENTICATION = 12,
	ACTION = 13,

	CONTROL_WRAPPER = 7,
	BLOCK_ACK_REQUEST = 8,
	BLOCK_ACK = 9,
	REQUEST_TO_SEND = 11,
	CLEAR_TO_SEND = 12,
	ACKNOWLEDGMENT = 13,
	CONTENTION_FREE_END = 14,
	CONTENTION_FREE_END_ACK = 15,

	ELEMENT_NAME = 0,
	ELEMENT_RATES = 1,
	ELEMENT_CHANNEL = 3,
	ELEMENT_CONTENTION_FREE = 4,
	ELEMENT_TRAFFIC = 5,
	ELEMENT_CHALLENGE = 16,
	NAME_MAX_LEN = 32,
	RATES_MAX = 16,
	TRAFFIC_MAX = 254,
	CHALLENGE_MAX = 253,

	HAS_NETWORK = 0x01, /* of the capabilities: ESS */
	HAS_PRIVACY = 0x10,

	RECEIVER = 4, /* in a header */
	TRANSMITTER = 10,
};

static const struct {
	const char *name;
	size_t len; /* of the header */
} controls[16] = {
    [CONTROL_WRAPPER] = {"Control Wrapper", 16},
    [BLOCK_ACK_REQUEST] = {"BAR", 20},
    [BLOCK_ACK] = {"BA", 10},
    [WIFI_POWER_SAVE_POLL] = {"Power Save-Poll", 16},
    [REQUEST_TO_SEND] = {"Request-To-Send", 16},
    [CLEAR_TO_SEND] = {"Clear-To-Send", 10},
    [ACKNOWLEDGMENT] = {"Acknowledgment", 10},
    [CONTENTION_FREE_END] = {"CF-End", 16},
    [CONTENTION_FREE_END_ACK] = {"CF-End+CF-Ack", 16},
};

size_t line_wifi_control_len(const struct line_wifi *frame)
{
	return controls[frame->subtype].len;
}

/* A number of two bytes that stands so far into the header. */
static unsigned number_at(const struct line_wifi *frame, size_t at)
{
	struct ws_cursor in = ws_cursor_of(ws_span_from(frame->header, at));
	uint16_t value = 0;

	line_take_u16_little(&in, &value);
	return value;
}

static void print_block_ack_request(struct walk *walk, const struct line_wifi *frame)
{
	line_wifi_address(walk, " RA:", frame, RECEIVER);
	line_wifi_address(walk, "TA:", frame, TRANSMITTER);
	out_printf(walk->out, "CTL(%x) SEQ(%u) ", number_at(frame, 16), number_at(frame, 18));
}

void line_wifi_control_header(struct walk *walk, const struct line_wifi *frame)
{
	switch (frame->subtype) {
	case BLOCK_ACK_REQUEST:
		print_block_ack_request(walk, frame);
		break;
	case WIFI_POWER_SAVE_POLL:
		line_wifi_address(walk, "BSSID:", frame, RECEIVER);
		line_wifi_address(walk, "TA:", frame, TRANSMITTER);
		break;
	case REQUEST_TO_SEND:
		line_wifi_address(walk, "RA:", frame, RECEIVER);
		line_wifi_address(walk, "TA:", frame, TRANSMITTER);
		break;
	case CONTENTION_FREE_END:
	case CONTENTION_FREE_END_ACK:
		line_wifi_address(walk, "RA:", frame, RECEIVER);
		line_wifi_address(walk, "BSSID:", frame, TRANSMITTER);
		break;
	case CONTROL_WRAPPER:
		break;
	default:
		line_wifi_address(walk, "RA:", frame, RECEIVER);
		break;
	}
}

/* What -e has not shown. */
void line_wifi_control(struct walk *walk, const struct line_wifi *frame)
{
	out_str(walk->out, controls[frame->subtype].name);
	if (frame->subtype == WIFI_POWER_SAVE_POLL)
		out_printf(walk->out, " AID(%x)", number_at(frame, 2));
	else if (walk->options->link_header || frame->subtype == CONTROL_WRAPPER)
		return;
	else if (frame->subtype == BLOCK_ACK_REQUEST)
		print_block_ack_request(walk, frame);
	else if (frame->subtype == REQUEST_TO_SEND)
		line_wifi_address(walk, " TA:", frame, TRANSMITTER);
	else
		line_wifi_address(walk, " RA:", frame, RECEIVER);
}

/* What is shown of a management frame's elements: the first of each. */
struct elements {
	bool has_name, has_channel;
	struct ws_span name, rates;
	uint8_t channel;
};

/* Does tcpdump end there? */
static bool is_too_long(uint8_t kind, size_t len)
{
	return (kind == ELEMENT_NAME && len > NAME_MAX_LEN) || (kind == ELEMENT_RATES && len > RATES_MAX) ||
	       (kind == ELEMENT_CHALLENGE && len > CHALLENGE_MAX) || (kind == ELEMENT_TRAFFIC && len > TRAFFIC_MAX);
}

/* False: they are cut off, or one is too long. */
static bool take_elements(struct ws_cursor *in, uint32_t length, struct elements *ret)
{
	while (length) {
		struct ws_span body;
		uint8_t kind, len;

		if (!ws_take_u8(in, &kind) || !ws_take_u8(in, &len) || length < 2 || !ws_take_span(in, len, &body) ||
		    length < len + 2U || is_too_long(kind, len))
			return false;
		length -= len + 2U;
		if (kind == ELEMENT_NAME && !ret->has_name) {
			ret->has_name = true;
			ret->name = body;
		} else if (kind == ELEMENT_RATES && !ret->rates.len) {
			ret->rates = body;
		} else if (kind == ELEMENT_CHANNEL && len == 1 && !ret->has_channel) {
			ret->has_channel = true;
			ret->channel = body.data[0];
		}
	}
	return true;
}

/* The network's name, up to a zero, with control characters as ^X and the eighth bit as M-. */
static void print_name(struct walk *walk, const struct elements *elements)
{
	struct ws_cursor in = ws_cursor_of(elements->name);
	uint8_t byte;

	if (!elements->has_name)
		return;
	out_lit(walk->out, " (");
	while (ws_take_u8(&in, &byte) && byte) {
		if (byte >= 0x80)
			out_lit(walk->out, "M-");
		byte &= 0x7f;
		if (byte < ' ' || byte > '~') {
			out_char(walk->out, '^');
			byte ^= 0x40;
		}
		out_char(walk->out, (char)byte);
	}
	out_char(walk->out, ')');
}

static void print_rates(struct walk *walk, const struct elements *elements)
{
	struct ws_cursor in = ws_cursor_of(elements->rates);
	const char *between = " [";
	uint8_t rate;

	while (ws_take_u8(&in, &rate)) { /* in halves of a megabit; the eighth bit: everybody has to know it */
		out_printf(walk->out, "%s%u.%u%s", between, (rate & 0x7f) / 2U, rate & 1 ? 5 : 0,
			   rate & 0x80 ? "*" : "");
		between = " ";
	}
	if (elements->rates.len)
		out_lit(walk->out, " Mbit]");
}

static void print_channel(struct walk *walk, const struct elements *elements, uint16_t capabilities)
{
	if (elements->has_channel)
		out_printf(walk->out, " CH: %u", elements->channel);
	if (capabilities & HAS_PRIVACY)
		out_lit(walk->out, ", PRIVACY");
}

/* Each of these takes a kind of frame's body. False: it is cut off. */

static bool print_announcement(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	enum {
		FIXED = 12,
		BEFORE_CAPABILITIES = 10,
	};
	struct elements elements = {0};
	struct ws_span fixed;
	uint16_t capabilities;
	bool whole;

	if (ws_cursor_left(&in) < FIXED || length < FIXED || !ws_take_span(&in, BEFORE_CAPABILITIES, &fixed) ||
	    !line_take_u16_little(&in, &capabilities))
		return false;
	whole = take_elements(&in, length - FIXED, &elements);
	print_name(walk, &elements);
	print_rates(walk, &elements);
	if (frame->subtype == BEACON)
		out_str(walk->out, capabilities & HAS_NETWORK ? " ESS" : " IBSS");
	print_channel(walk, &elements, capabilities);
	return whole;
}

static bool print_request(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	bool again = frame->subtype == REASSOCIATION_REQUEST;
	size_t fixed_len = frame->subtype == PROBE_REQUEST ? 0 : again ? 4 + WIFI_ADDRESS : 4;
	struct elements elements = {0};
	struct ws_span fixed;
	bool whole;

	if (length < fixed_len || !ws_take_span(&in, fixed_len, &fixed))
		return false;
	whole = take_elements(&in, length - (uint32_t)fixed_len, &elements);
	print_name(walk, &elements);
	if (again) {
		out_lit(walk->out, " AP : ");
		line_ether_address(walk, ws_span_from(fixed, 4));
	} else {
		print_rates(walk, &elements);
	}
	return whole;
}

static bool print_association(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	enum {
		FIXED = 6,
		NUMBER = 0x3fff, /* of an association: the two highest bits are always set */
	};
	struct elements elements = {0};
	uint16_t capabilities, status, association;
	bool whole;

	(void)frame;
	if (length < FIXED || !line_take_u16_little(&in, &capabilities) || !line_take_u16_little(&in, &status) ||
	    !line_take_u16_little(&in, &association))
		return false;
	whole = take_elements(&in, length - FIXED, &elements);
	out_printf(walk->out, " AID(%x) :%s: %s", association & NUMBER, capabilities & HAS_PRIVACY ? " PRIVACY " : "",
		   line_wifi_status(status));
	return whole;
}

/* The status is shown in the steps of the one who asks, where it is always 0, and not in answers: as tcpdump does. */
static bool print_authentication(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	enum {
		FIXED = 6,
		SHARED_KEY = 1,
	};
	static const char *const algorithms[] = {"Open System", "Shared Key", "EAP"};
	struct elements elements = {0};
	uint16_t algorithm, step, status;
	bool whole, challenge;

	(void)frame;
	if (length < FIXED || !line_take_u16_little(&in, &algorithm) || !line_take_u16_little(&in, &step) ||
	    !line_take_u16_little(&in, &status))
		return false;
	whole = take_elements(&in, length - FIXED, &elements);
	challenge = algorithm == SHARED_KEY && (step == 2 || step == 3);
	out_printf(walk->out, " (%s)-%x%s ",
		   algorithm < sizeof(algorithms) / sizeof(*algorithms) ? algorithms[algorithm] : "Reserved", step,
		   challenge ? " [Challenge Text]" : ":");
	if (step % 2)
		out_str(walk->out, line_wifi_status(status));
	return whole;
}

void line_wifi_sender(struct walk *walk, const struct line_wifi *frame)
{
	if (!walk->options->link_header) {
		out_lit(walk->out, " (");
		line_ether_address(walk, ws_span_first(ws_span_from(frame->header, TRANSMITTER), WIFI_ADDRESS));
		out_char(walk->out, ')');
	}
	out_lit(walk->out, ": ");
}

static bool print_end(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	uint16_t reason;

	(void)length;
	if (!line_take_u16_little(&in, &reason))
		return false;
	if (frame->subtype == DEAUTHENTICATION)
		line_wifi_sender(walk, frame);
	else
		out_lit(walk->out, ": ");
	out_str(walk->out, line_wifi_reason(reason));
	return true;
}

static bool print_nothing(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	(void)walk;
	(void)frame;
	(void)in;
	(void)length;
	return true;
}

void line_wifi_management(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length)
{
	static const struct {
		const char *name;
		bool (*print)(struct walk *walk, const struct line_wifi *frame, struct ws_cursor in, uint32_t length);
	} kinds[16] = {
	    [ASSOCIATION_REQUEST] = {"Assoc Request", print_request},
	    [ASSOCIATION_RESPONSE] = {"Assoc Response", print_association},
	    [REASSOCIATION_REQUEST] = {"ReAssoc Request", print_request},
	    [REASSOCIATION_RESPONSE] = {"ReAssoc Response", print_association},
	    [PROBE_REQUEST] = {"Probe Request", print_request},
	    [PROBE_RESPONSE] = {"Probe Response", print_announcement},
	    [BEACON] = {"Beacon", print_announcement},
	    [TRAFFIC_ANNOUNCEMENT] = {"ATIM", print_nothing},
	    [DISASSOCIATION] = {"Disassociation", print_end},
	    [AUTHENTICATION] = {"Authentication", print_authentication},
	    [DEAUTHENTICATION] = {"DeAuthentication", print_end},
	    [ACTION] = {"Action", line_wifi_action},
	};
	const char *name = kinds[frame->subtype].name;

	if (!name) {
		out_printf(walk->out, "Unhandled Management subtype(%x)", frame->subtype);
		if ((frame->flags & WIFI_PROTECTED) && !line_wifi_sealed(walk, in))
			line_truncated(walk);
	} else if (frame->flags & WIFI_PROTECTED) {
		out_str(walk->out, name);
		if (!line_wifi_sealed(walk, in))
			line_truncated(walk);
	} else {
		out_str(walk->out, name);
		if (!kinds[frame->subtype].print(walk, frame, in, length))
			line_truncated(walk);
	}
}
