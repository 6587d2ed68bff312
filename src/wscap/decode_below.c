/* Packets in which TCP does not lie right behind link and IP: wrapped ones, and fragments. */
#include "wscap/decode_internal.h"

/* The fragment that the walk stands at: true when it was the last one, and the walk goes on with the whole. A fragment
 * of a packet that wraps others may end in one of those it carries: the sink is told of the innermost. */
static bool take_fragment(struct decode *decode, const struct packet *packet, struct tunnel *tunnel,
			  struct fragment *ret)
{
	fragments_take(decode->fragments, packet->time, packet->number, &tunnel->ip, ret);
	if (ret->result != FRAGMENT_WHOLE)
		return false;
	tunnel_whole(tunnel, ret->protocol, ret->packet, ret->wire_len);
	return true;
}

/* The piece of an 802.11 frame that the walk stands at: true when it was the last one. */
static bool take_piece(struct decode *decode, const struct packet *packet, struct tunnel *tunnel)
{
	struct ws_span bytes = ws_span_of(tunnel->in.at, ws_cursor_left(&tunnel->in)), body;

	if (!decode->wifi)
		decode->wifi = wifi_join_create();
	if (!decode->wifi || tunnel->cut || !wifi_join_take(decode->wifi, packet->time, &tunnel->piece, bytes, &body))
		return false;
	tunnel_whole_frame(tunnel, body);
	return true;
}

/* Up to TCP? Over everything that has to be put together on the way. */
static bool walk(struct decode *decode, const struct packet *packet, struct tunnel *tunnel, struct fragment *fragment)
{
	for (;;) {
		enum tunnel_end end = tunnel_walk(tunnel);

		if (end == TUNNEL_AT_FRAGMENT && take_fragment(decode, packet, tunnel, fragment))
			continue;
		if (end == TUNNEL_AT_PIECE && take_piece(decode, packet, tunnel))
			continue;
		return end == TUNNEL_AT_TCP;
	}
}

/* Another one follows: what the view has of this one is told now, as its connection may be gone then. */
static void tell_segment(struct decode *decode, struct packet_view *view)
{
	if (view->is_segment && decode->sink.segment)
		decode->sink.segment(decode->sink.context, view);
	view->is_segment = false;
}

void decode_below(struct decode *decode, const struct packet *packet, struct packet_view *ret)
{
	struct tunnel tunnel;

	if (!tunnel_begin(&tunnel, packet, &ret->link, &ret->ip))
		return;
	do {
		if (!walk(decode, packet, &tunnel, &ret->fragment))
			continue;
		tell_segment(decode, ret);
		ret->ip = tunnel.ip;
		tcp_parse(&ret->ip, &ret->tcp);
		if (ret->tcp.status == LAYER_OK)
			decode_segment(decode, packet, ret);
	} while (tunnel_beside(&tunnel));
}
