#include "wscap/tcp.h"

enum {
	TCP_HEADER_MIN = 20,
	PROTOCOL_TCP = 6,

	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WINDOW_SCALE = 3,
	OPTION_SACK = 5,
	OPTION_TIMESTAMPS = 8,

	WINDOW_SHIFT_MAX = 14, /* RFC 7323, section 2.3: more is taken as this */
};

void tcp_parse(const struct ip *ip, struct tcp *ret)
{
	struct ws_cursor in = ws_cursor_of(ip->payload);
	uint16_t offset_and_flags;
	size_t options_len;

	*ret = (struct tcp){.status = LAYER_OTHER};
	if (ip->status != LAYER_OK || ip->protocol != PROTOCOL_TCP || ip->fragment_offset)
		return;
	if (!ws_take_u16(&in, &ret->src_port) || !ws_take_u16(&in, &ret->dst_port) || !ws_take_u32(&in, &ret->seq) ||
	    !ws_take_u32(&in, &ret->ack) || !ws_take_u16(&in, &offset_and_flags) || !ws_take_u16(&in, &ret->window) ||
	    !ws_take_u16(&in, &ret->checksum) || !ws_take_u16(&in, &ret->urgent)) {
		ret->status = ip->payload_wire_len < TCP_HEADER_MIN ? LAYER_BAD : LAYER_TRUNCATED;
		return;
	}
	ret->header_len = (uint8_t)((offset_and_flags >> 12) * 4);
	ret->flags = offset_and_flags & 0x1ff;
	if (ret->header_len < TCP_HEADER_MIN || ret->header_len > ip->payload_wire_len) {
		ret->status = LAYER_BAD;
		return;
	}
	ret->status = LAYER_OK;
	options_len = ret->header_len - (size_t)TCP_HEADER_MIN;
	ret->options = ws_span_first(ws_span_of(in.at, ws_cursor_left(&in)), options_len);
	ret->payload = ws_span_from(ip->payload, ret->header_len);
	ret->payload_len = ip->payload_wire_len - ret->header_len;
}

/* The value of the first option of this kind; false where it is absent or cut off. */
static bool find_any(const struct tcp *tcp, uint8_t wanted, struct ws_cursor *ret)
{
	struct ws_cursor in = ws_cursor_of(tcp->options);
	uint8_t kind;

	while (ws_take_u8(&in, &kind) && kind != OPTION_END) {
		struct ws_span value;
		uint8_t whole;

		if (kind == OPTION_NOP)
			continue;
		if (!ws_take_u8(&in, &whole) || whole < 2 || !ws_take_span(&in, whole - 2u, &value))
			return false;
		if (kind == wanted) {
			*ret = ws_cursor_of(value);
			return true;
		}
	}
	return false;
}

/* …or of another length. */
static bool find_option(const struct tcp *tcp, uint8_t wanted, size_t len, struct ws_cursor *ret)
{
	return find_any(tcp, wanted, ret) && ws_cursor_left(ret) == len;
}

unsigned tcp_option_sack(const struct tcp *tcp, uint32_t ret_edges[static TCP_SACK_MAX][2])
{
	struct ws_cursor value;
	unsigned count = 0;

	if (!find_any(tcp, OPTION_SACK, &value))
		return 0;
	while (count < TCP_SACK_MAX && ws_take_u32(&value, &ret_edges[count][0]) &&
	       ws_take_u32(&value, &ret_edges[count][1]))
		count++;
	return count;
}

bool tcp_option_timestamps(const struct tcp *tcp, uint32_t *ret_value, uint32_t *ret_echo)
{
	struct ws_cursor value;

	return find_option(tcp, OPTION_TIMESTAMPS, 8, &value) && ws_take_u32(&value, ret_value) &&
	       ws_take_u32(&value, ret_echo);
}

bool tcp_option_window_scale(const struct tcp *tcp, uint8_t *ret_shift)
{
	struct ws_cursor value;

	if (!find_option(tcp, OPTION_WINDOW_SCALE, 1, &value) || !ws_take_u8(&value, ret_shift))
		return false;
	if (*ret_shift > WINDOW_SHIFT_MAX)
		*ret_shift = WINDOW_SHIFT_MAX;
	return true;
}

bool tcp_option_mss(const struct tcp *tcp, uint16_t *ret_mss)
{
	struct ws_cursor value;

	return find_option(tcp, OPTION_MSS, 2, &value) && ws_take_u16(&value, ret_mss);
}
