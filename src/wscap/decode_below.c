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

bool decode_below(struct decode *decode, const struct packet *packet, struct packet_view *ret)
{
	struct tunnel tunnel;
	enum tunnel_end end;

	if (!tunnel_begin(&tunnel, packet, &ret->link, &ret->ip))
		return false;
	do {
		end = tunnel_walk(&tunnel);
	} while (end == TUNNEL_AT_FRAGMENT && take_fragment(decode, packet, &tunnel, &ret->fragment));
	if (end != TUNNEL_AT_TCP)
		return false;
	ret->ip = tunnel.ip;
	tcp_parse(&ret->ip, &ret->tcp);
	return ret->tcp.status == LAYER_OK;
}
