#include "wschat/origin.h"

#include <fnmatch.h>
#include <stdio.h>

enum {
	ORIGIN_MAX = 512, /* bytes of an origin that is looked at; a longer one is nobody's */
};

/* "chat.example.org" of "https://chat.example.org:55151" or of "chat.example.org:7272"; brackets of IPv6 stay. */
static struct ws_span host_of(struct ws_span text)
{
	size_t len = 0;

	for (size_t i = 0; i + 3 <= text.len; i++) {
		if (memcmp(text.data + i, "://", 3) == 0) {
			text = ws_span_from(text, i + 3);
			break;
		}
	}
	if (text.len && text.data[0] == '[')
		while (len < text.len && text.data[len] != ']')
			len++;
	while (len < text.len && text.data[len] != ':' && text.data[len] != '/')
		len++;
	return ws_span_first(text, len);
}

bool origin_allowed(const struct options *options, const struct ws_http_head *request)
{
	struct ws_span origin = ws_http_field(request, "Origin");
	struct ws_span host = ws_http_field(request, "Host");
	char text[ORIGIN_MAX];

	if (!origin.data)
		return true;
	if (ws_http_field_count(request, "Origin") != 1 || origin.len >= sizeof(text) ||
	    memchr(origin.data, '\0', origin.len))
		return false;
	if (host.len && ws_span_equal_nocase(host_of(origin), host_of(host)))
		return true;
	memcpy(text, origin.data, origin.len);
	text[origin.len] = '\0';
	for (size_t i = 0; i < options->origins.count; i++)
		if (fnmatch(options->origins.at[i], text, FNM_CASEFOLD) == 0)
			return true;
	return false;
}
