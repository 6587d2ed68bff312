#include "wscap/sink_json_put.h"

#include <arpa/inet.h>

void json_seconds(struct out *out, int64_t time)
{
	char *room = out_room(out, FIELDS_MAX);

	if (room)
		out_advance(out, (size_t)(json_time(room, time) - room));
}

static char *put_address(char *at, const struct endpoint *endpoint)
{
	if (endpoint->version != 6)
		return put_ipv4(at, endpoint->addr);
	at = put_lit(at, "[");
	inet_ntop(AF_INET6, endpoint->addr, at, INET6_ADDRSTRLEN);
	return put_lit(at + strlen(at), "]");
}

void json_endpoint(struct out *out, struct endpoint endpoint)
{
	char *room = out_room(out, INET6_ADDRSTRLEN + 2 * PUT_ROOM), *at;

	if (!room)
		return;
	at = put_char(put_address(put_char(room, '"'), &endpoint), ':');
	out_advance(out, (size_t)(put_char(put_short(at, endpoint.port), '"') - room));
}

void json_base64(struct out *out, struct ws_span bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct ws_cursor in = ws_cursor_of(bytes);
	size_t left;

	out_char(out, '"');
	while ((left = ws_cursor_left(&in)) > 0) {
		uint8_t three[3] = {0};
		struct ws_span piece;
		char four[4];

		if (!ws_take_span(&in, left < 3 ? left : 3, &piece))
			break;
		memcpy(three, piece.data, piece.len);
		four[0] = digits[three[0] >> 2];
		four[1] = digits[(three[0] & 0x3) << 4 | three[1] >> 4];
		four[2] = piece.len < 2 ? '=' : digits[(three[1] & 0xf) << 2 | three[2] >> 6];
		four[3] = piece.len < 3 ? '=' : digits[three[2] & 0x3f];
		out_bytes(out, four, sizeof(four));
	}
	out_char(out, '"');
}
