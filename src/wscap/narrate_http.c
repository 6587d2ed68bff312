/* HTTP besides the handshake that opens a WebSocket: why one is refused, tunnels, and upgrades to other protocols. */
#include "wscap/narrate_words.h"

static bool is_number(struct ws_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.len;
}

void narrate_refusal(struct narrator *narrator, const struct ws_http_head *response)
{
	struct ws_span location = ws_http_field(response, "Location");
	struct ws_span again = ws_http_field(response, "Retry-After");
	struct ws_span who = ws_http_field(response, "WWW-Authenticate");
	struct ws_span version = ws_http_field(response, "Sec-WebSocket-Version");

	if (location.len && response->status / 100 == 3)
		SENTENCE(narrator, "It sends the client to %1$s.", ARG_STRANGER(location));
	if (is_number(again))
		SENTENCE(narrator, "It asks the client to come back after %1$s seconds.", ARG_STRANGER(again));
	else if (again.len)
		SENTENCE(narrator, "It asks the client to come back after %1$s.", ARG_STRANGER(again));
	if (who.len)
		SENTENCE(narrator, "It wants to know who asks: %1$s.", ARG_STRANGER(who));
	if (version.len)
		SENTENCE(narrator, "It speaks version %1$s of the protocol.", ARG_STRANGER(version));
}

void narrate_tunnel(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	const struct ws_http_head *response = event->as.tunnel.response;

	TITLE(narrator, "Tunnel through a proxy · %1$s %2$s", ARG_FROM(scene, DIR_S2C), ARG_TO(scene, DIR_S2C));
	if (response->status / 100 == 2)
		SENTENCE(narrator, "The proxy is connected with %1$s. What follows goes there and comes from there.",
			 ARG_STRANGER(event->as.tunnel.target));
	else if (!response->reason.len) /* HTTP/2 */
		SENTENCE(narrator, "%1$s: the proxy opens no tunnel to %2$s.", ARG_PLAIN(response->status),
			 ARG_STRANGER(event->as.tunnel.target));
	else
		SENTENCE(narrator, "%1$s %2$s: the proxy opens no tunnel to %3$s.", ARG_PLAIN(response->status),
			 ARG_STRANGER(response->reason), ARG_STRANGER(event->as.tunnel.target));
	narrate_end_line(narrator);
}

void narrate_upgrade(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	struct ws_span protocol = event->as.upgrade.protocol;

	TITLE(narrator, "Another protocol · %1$s %2$s", ARG_FROM(scene, DIR_S2C), ARG_TO(scene, DIR_S2C));
	if (protocol.len)
		SENTENCE(narrator, "101: from here on both sides speak %1$s. That is no WebSocket.",
			 ARG_STRANGER(protocol));
	else
		SENTENCE(narrator, "101: from here on both sides speak something that is not named, and no WebSocket.");
	narrate_end_line(narrator);
}
