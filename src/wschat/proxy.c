#include "wschat/proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum {
	ADDRESS_TEXT_MAX = INET6_ADDRSTRLEN + 8,
	MAPPED_BITS = 96, /* before the IPv4 address in a mapped one */
};

/* An IPv4 address becomes a mapped one, so that there is one kind to compare. */
static bool parse_address(const char *text, uint8_t ret[16], bool *ret_v4)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	*ret_v4 = inet_pton(AF_INET, text, ret + sizeof(mapped)) == 1;
	if (!*ret_v4)
		return inet_pton(AF_INET6, text, ret) == 1;
	memcpy(ret, mapped, sizeof(mapped));
	return true;
}

bool proxy_parse(const char *text, struct network *ret)
{
	char address[ADDRESS_TEXT_MAX] = "";
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned long bits, most;
	char *end;
	bool v4;

	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	if (!parse_address(address, ret->address, &v4))
		return false;
	most = v4 ? 32 : 128;
	bits = slash ? strtoul(slash + 1, &end, 10) : most;
	if (slash && (*end || end == slash + 1 || bits > most))
		return false;
	ret->bits = (unsigned)bits + (v4 ? MAPPED_BITS : 0);
	return true;
}

static bool is_in(const struct network *network, const uint8_t address[16])
{
	unsigned bytes = network->bits / 8, bits = network->bits % 8;

	if (memcmp(network->address, address, bytes) != 0)
		return false;
	return !bits || (network->address[bytes] ^ address[bytes]) >> (8 - bits) == 0;
}

bool proxy_is_trusted(const struct options *options, const uint8_t address[16])
{
	for (size_t i = 0; i < options->proxy_count; i++)
		if (is_in(&options->proxies[i], address))
			return true;
	return false;
}

/* "203.0.113.7", "203.0.113.7:4711", "2001:db8::1" or "[2001:db8::1]:4711". */
static bool parse_member(struct ws_span member, uint8_t ret[16])
{
	char text[ADDRESS_TEXT_MAX] = "";
	char *begin = text, *colon;
	bool v4;

	if (member.len >= sizeof(text))
		return false;
	memcpy(text, member.data, member.len);
	if (*begin == '[') {
		begin++;
		begin[strcspn(begin, "]")] = '\0';
	} else {
		colon = strchr(begin, ':');
		if (colon && !strchr(colon + 1, ':'))
			*colon = '\0';
	}
	return parse_address(begin, ret, &v4);
}

bool proxy_client_address(const struct options *options, const struct ws_http_head *request, uint8_t ret[16])
{
	struct ws_http_list list = {0};
	struct ws_span member;
	uint8_t address[16], last_trusted[16] = {0};
	bool found = false, trusted = false;

	/* Each proxy appends who it was asked by, so the last stranger in the list is the one that ours have seen. */
	while (ws_http_list_next(request, ws_http_name("X-Forwarded-For"), &list, &member)) {
		if (!parse_member(member, address)) {
			found = false;
		} else if (proxy_is_trusted(options, address)) {
			memcpy(last_trusted, address, sizeof(address));
			trusted = true;
		} else {
			memcpy(ret, address, sizeof(address));
			found = true;
		}
	}
	if (!found && trusted)
		memcpy(ret, last_trusted, sizeof(last_trusted));
	return found || trusted;
}
