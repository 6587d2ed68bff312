/* Linux' netfilter log: an address family, then attributes of which one is the packet. */
#include "wscap/tunnel.h"

#include <arpa/inet.h>

enum {
	NFLOG_VERSION = 0,
	ATTRIBUTE_HEADER = 4,
	ATTRIBUTE_PACKET = 9,
};

/* In the byte order of the machine that captured, which libpcap made this one's. */
static bool take_u16_native(struct ws_cursor *in, uint16_t *ret)
{
	if (!ws_take_u16(in, ret))
		return false;
	*ret = htons(*ret);
	return true;
}

enum layer_status tunnel_nflog(struct tunnel *tunnel)
{
	uint8_t family, version;
	uint16_t resource;

	if (!ws_take_u8(&tunnel->in, &family) || !ws_take_u8(&tunnel->in, &version) ||
	    !ws_take_u16(&tunnel->in, &resource))
		return LAYER_TRUNCATED;
	if (version != NFLOG_VERSION)
		return LAYER_OTHER;
	while (tunnel_len(tunnel)) {
		enum layer_status status;
		uint16_t len, type;

		if (!take_u16_native(&tunnel->in, &len) || !take_u16_native(&tunnel->in, &type))
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
