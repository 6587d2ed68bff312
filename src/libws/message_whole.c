/* The message that nearly all are: one frame, whole in the input, uncompressed, in which nothing is wrong. No state is
 * needed for it, and no decoder. */
#include "ws/mask.h"
#include "ws/message.h"
#include "ws/utf8.h"

enum {
	FIN = 0x80,
	MASKED = 0x80,
	LENGTH_16 = 126, /* longer ones take a second look */
};

struct header {
	uint8_t opcode;
	uint8_t mask[4];
	size_t len; /* of the payload */
};

/* Section 5.2. False for all that is not usual. */
static bool take_header(struct ws_cursor *in, bool from_client, struct header *ret)
{
	uint16_t first, more;
	struct ws_span key;

	if (!ws_take_u16(in, &first) || !!(first & MASKED) != from_client)
		return false;
	ret->opcode = first >> 8 & 0xf;
	ret->len = first & 0x7f;
	if (first >> 12 != FIN >> 4 || ret->len > LENGTH_16)
		return false;
	if (ret->opcode == WS_PING || ret->opcode == WS_PONG) {
		if (ret->len == LENGTH_16)
			return false;
	} else if (ret->opcode != WS_TEXT && ret->opcode != WS_BINARY) {
		return false;
	}
	if (ret->len == LENGTH_16) {
		if (!ws_take_u16(in, &more) || more < LENGTH_16)
			return false;
		ret->len = more;
	}
	if (!from_client)
		return true;
	if (!ws_take_span(in, sizeof(ret->mask), &key))
		return false;
	memcpy(ret->mask, key.data, sizeof(ret->mask));
	return true;
}

/* In the scratch buffer; *ret_utf8 whether it is UTF-8. */
static bool unmask(const struct header *header, struct ws_buf *scratch, struct ws_span *payload, bool *ret_utf8)
{
	ws_buf_clear(scratch);
	if (ws_buf_reserve(scratch, header->len) < 0)
		return false;
	*ret_utf8 = ws_mask_ascii(scratch->data, payload->data, header->len, header->mask);
	scratch->len = header->len;
	*payload = ws_buf_span(scratch);
	if (!*ret_utf8)
		*ret_utf8 = ws_utf8_valid(*payload);
	return true;
}

size_t ws_message_whole(struct ws_span in, const struct ws_whole_config *config, uint64_t begin, struct ws_item *ret)
{
	struct ws_cursor cursor = ws_cursor_of(in);
	struct header header = {0};
	struct ws_span payload;
	bool utf8;

	if (!take_header(&cursor, config->from_client, &header) || header.len > config->message_max ||
	    !ws_take_span(&cursor, header.len, &payload))
		return 0;
	if (!config->from_client)
		utf8 = ws_utf8_valid_ascii(payload);
	else if (!unmask(&header, config->scratch, &payload, &utf8))
		return 0;
	if (header.opcode == WS_TEXT && !utf8)
		return 0;
	*ret = (struct ws_item){
	    .kind = ws_opcode_is_control(header.opcode) ? WS_ITEM_CONTROL : WS_ITEM_MESSAGE,
	    .opcode = header.opcode,
	    .masked = config->from_client,
	    .utf8 = utf8,
	    .frames = 1,
	    .wire_len = header.len,
	    .len = header.len,
	    .payload = payload,
	    .close_code = WS_CLOSE_NO_STATUS,
	    .begin = begin,
	    .end = begin + (uint64_t)(cursor.at - in.data),
	};
	memcpy(ret->mask, header.mask, sizeof(ret->mask));
	return (size_t)(cursor.at - in.data);
}
