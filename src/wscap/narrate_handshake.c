/* The opening handshake: the request and its answer. */
#include "wscap/narrate_words.h"

static void tell_who_asks(struct narrator *narrator, const struct scene *scene, const struct ws_http_head *request,
			  const struct user_agent *agent)
{
	struct ws_span host = ws_http_field(request, "Host");

	if (agent->browser && agent->system)
		SENTENCE(narrator, "%1$s %2$s on %3$s asks %4$s for a WebSocket at %5$s.", ARG_TEXT(agent->browser),
			 ARG_STRANGER(agent->version), ARG_TEXT(agent->system), ARG_STRANGER(host),
			 ARG_STRANGER(request->target));
	else if (agent->browser)
		SENTENCE(narrator, "%1$s %2$s asks %3$s for a WebSocket at %4$s.", ARG_TEXT(agent->browser),
			 ARG_STRANGER(agent->version), ARG_STRANGER(host), ARG_STRANGER(request->target));
	else if (agent->product.len)
		SENTENCE(narrator, "%1$s (%2$s) asks %3$s for a WebSocket at %4$s.",
			 ARG_PARTY(&scene->client, PARTY_START), ARG_STRANGER(agent->product), ARG_STRANGER(host),
			 ARG_STRANGER(request->target));
	else
		SENTENCE(narrator, "%1$s asks %2$s for a WebSocket at %3$s.", ARG_PARTY(&scene->client, PARTY_START),
			 ARG_STRANGER(host), ARG_STRANGER(request->target));
}

void narrate_request(struct narrator *narrator, const struct scene *scene, const struct event *event,
		     const struct user_agent *agent)
{
	const struct ws_http_head *request = event->as.handshake.request;
	struct ws_span origin = ws_http_field(request, "Origin");
	struct ws_span protocols = ws_http_field(request, "Sec-WebSocket-Protocol");
	struct ws_span extensions = ws_http_field(request, "Sec-WebSocket-Extensions");

	TITLE(narrator, "WebSocket handshake, the request · %1$s %2$s", ARG_FROM(scene, DIR_C2S),
	      ARG_TO(scene, DIR_C2S));
	tell_who_asks(narrator, scene, request, agent);
	if (origin.len)
		SENTENCE(narrator, "The page comes from %1$s.", ARG_STRANGER(origin));
	narrate_end_line(narrator);
	if (request->version_major >= 2)
		SENTENCE(narrator, "Version %1$s, on stream #%2$s of HTTP/2, where no key is needed.",
			 ARG_STRANGER(ws_http_field(request, "Sec-WebSocket-Version")), ARG_CONN(scene));
	else
		SENTENCE(narrator, "Version %1$s, key %2$s.",
			 ARG_STRANGER(ws_http_field(request, "Sec-WebSocket-Version")),
			 ARG_STRANGER(ws_http_field(request, "Sec-WebSocket-Key")));
	if (protocols.len)
		SENTENCE(narrator, "It offers the subprotocols %1$s.", ARG_STRANGER(protocols));
	if (extensions.len)
		SENTENCE(narrator, "It offers the extensions %1$s.", ARG_STRANGER(extensions));
	narrate_end_line(narrator);
	narrate_head(narrator, request->all);
}

static void tell_accept(struct narrator *narrator, const struct event *event)
{
	if (event->as.handshake.response->version_major >= 2)
		SENTENCE(narrator, "Over HTTP/2 no accept value is needed.");
	else if (event->as.handshake.accept_known && event->as.handshake.accept_ok)
		SENTENCE(narrator, "The accept value belongs to the key.");
	else if (event->as.handshake.accept_known)
		SENTENCE(narrator, "The accept value does not belong to the key: a client must not go on.");
	else if (!event->as.handshake.request)
		SENTENCE(narrator, "The request was not captured, so its accept value cannot be checked.");
	else
		SENTENCE(narrator, "It cannot be checked: the key or the accept value is missing.");
}

/* "without context takeover" and the windows are in the head below: here only what it means. */
static void tell_agreed(struct narrator *narrator, const struct event *event)
{
	struct ws_span protocol = ws_http_field(event->as.handshake.response, "Sec-WebSocket-Protocol");
	struct ws_span extensions = ws_http_field(event->as.handshake.response, "Sec-WebSocket-Extensions");

	if (protocol.len)
		SENTENCE(narrator, "Subprotocol agreed on: %1$s.", ARG_STRANGER(protocol));
	if (extensions.len)
		SENTENCE(narrator, "Extensions agreed on: %1$s.", ARG_STRANGER(extensions));
	if (event->as.handshake.deflate.enabled)
		SENTENCE(narrator, "Messages may be compressed.");
}

void narrate_answer(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	const struct ws_http_head *response = event->as.handshake.response;
	int64_t took = event->as.handshake.took;
	bool agrees = event_opens(response);

	TITLE(narrator, "WebSocket handshake, the answer · %1$s %2$s", ARG_FROM(scene, DIR_S2C),
	      ARG_TO(scene, DIR_S2C));
	if (agrees && took >= 0)
		SENTENCE(narrator, "%1$s: the server agrees, %2$s after the request.", ARG_PLAIN(response->status),
			 ARG_DURATION(took));
	else if (agrees)
		SENTENCE(narrator, "%1$s: the server agrees.", ARG_PLAIN(response->status));
	else if (took >= 0)
		SENTENCE(narrator, "%1$s %2$s: the server refuses, %3$s after the request.",
			 ARG_PLAIN(response->status), ARG_STRANGER(response->reason), ARG_DURATION(took));
	else
		SENTENCE(narrator, "%1$s %2$s: the server refuses.", ARG_PLAIN(response->status),
			 ARG_STRANGER(response->reason));
	if (agrees) {
		tell_accept(narrator, event);
		tell_agreed(narrator, event);
	} else {
		narrate_refusal(narrator, response);
	}
	narrate_end_line(narrator);
	narrate_head(narrator, response->all);
}
