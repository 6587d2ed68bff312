#include "wscap/sink_json_put.h"

#include <arpa/inet.h>

void json_seconds(struct out *out, int64_t time)
{
	char *room = out_room(out, FIELDS_MAX);

	if (room)
		out_advance(out, (size_t)(json_time(room, time) - room));
}

void json_endpoint(struct out *out, struct endpoint at)
{
	char text[INET6_ADDRSTRLEN] = "";
	bool six = at.version == 6;

	inet_ntop(six ? AF_INET6 : AF_INET, at.addr, text, sizeof(text));
	out_str(out, six ? "\"[" : "\"");
	out_str(out, text);
	out_str(out, six ? "]:" : ":");
	out_u64(out, at.port);
	out_char(out, '"');
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
