/* Linux' netfilter log: an address family, then attributes of which one is the packet. */
#include "wscap/tunnel.h"

#include <arpa/inet.h>

enum {
	NFLOG_VERSION = 0,
	ATTRIBUTE_HEADER = 4,
	ATTRIBUTE_PACKET = 9,
};

/* Lengths and types are in the byte order of the machine that captured, which libpcap made this one's, as it does with
 * the file's. A file that another program has written anew may have another order than its packets: turned. */
static bool take_field(struct ws_cursor *in, bool turned, uint16_t *ret)
{
	if (!ws_take_u16(in, ret))
		return false;
	*ret = turned ? ntohs(__builtin_bswap16(*ret)) : ntohs(*ret);
	return true;
}

/* Up to the packet. */
static enum layer_status take_attributes(struct tunnel *tunnel, bool turned)
{
	while (tunnel_len(tunnel)) {
		enum layer_status status;
		uint16_t len, type;

		if (!take_field(&tunnel->in, turned, &len) || !take_field(&tunnel->in, turned, &type))
			return LAYER_TRUNCATED;
		if (len < ATTRIBUTE_HEADER)
			return LAYER_BAD;
		if (type == ATTRIBUTE_PACKET) {
			tunnel_within(tunnel, len - (size_t)ATTRIBUTE_HEADER);
			return tunnel_next(tunnel, TUNNEL_IP, 0);
		}
		status = tunnel_skip(tunnel, (len + 3u) / 4 * 4 - ATTRIBUTE_HEADER);
		if (status != LAYER_OK)
			return status;
	}
	return LAYER_OTHER;
}

enum layer_status tunnel_nflog(struct tunnel *tunnel)
{
	enum layer_status status;
	struct ws_cursor begin;
	uint8_t family, version;
	uint16_t resource;

	if (!ws_take_u8(&tunnel->in, &family) || !ws_take_u8(&tunnel->in, &version) ||
	    !ws_take_u16(&tunnel->in, &resource))
		return LAYER_TRUNCATED;
	if (version != NFLOG_VERSION)
		return LAYER_OTHER;
	begin = tunnel->in;
	status = take_attributes(tunnel, false);
	if (status == LAYER_OK)
		return status;
	tunnel->in = begin;
	return take_attributes(tunnel, true);
}
