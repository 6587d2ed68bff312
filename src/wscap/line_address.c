/* Addresses and ports, as numbers or by name. */
#include "wscap/line_internal.h"

#include <assert.h>

#include "base/put.h"

enum {
	IPV6_WORDS = 8,
	ETHER_TEXT = 17,
};

static const char hex[16] = "0123456789abcdef";

/* A group without leading zeroes. */
static char *put_group(char *at, unsigned word)
{
	for (int shift = word > 0xfff ? 12 : word > 0xff ? 8 : word > 0xf ? 4 : 0; shift >= 0; shift -= 4)
		*at++ = hex[word >> shift & 0xf];
	return at;
}

/* The longest run of zero groups, the first where there are several; of one group it is none. */
static int longest_zeroes(const unsigned words[IPV6_WORDS], int *ret_len)
{
	int best = -1, best_len = 1;

	for (int i = 0; i < IPV6_WORDS; i++) {
		int len = 0;

		while (i + len < IPV6_WORDS && words[i + len] == 0)
			len++;
		if (len > best_len) {
			best = i;
			best_len = len;
		}
		i += len;
	}
	*ret_len = best_len;
	return best;
}

/* RFC 5952, with the last 32 bits as IPv4 in ::10.0.0.1 and ::ffff:10.0.0.1. */
static char *put_ipv6(char *at, const uint8_t addr[16])
{
	unsigned words[IPV6_WORDS];
	int zeroes, zeroes_len, i = 0;

	for (int word = 0; word < IPV6_WORDS; word++)
		words[word] = (unsigned)addr[2 * word] << 8 | addr[2 * word + 1];
	zeroes = longest_zeroes(words, &zeroes_len);
	while (i < IPV6_WORDS) {
		if (i == zeroes) {
			*at++ = ':';
			i += zeroes_len;
			if (i == IPV6_WORDS)
				*at++ = ':';
			continue;
		}
		if (i)
			*at++ = ':';
		if (i == 6 && zeroes == 0 && (zeroes_len == 6 || (zeroes_len == 5 && words[5] == 0xffff)))
			return put_ipv4(at, addr + 12);
		at = put_group(at, words[i++]);
	}
	return at;
}

/* Where the text of an address would be kept. Who picks addresses that share a place gets them made anew each time. */
static struct line_known_address *known_address(struct line *line, const uint8_t addr[16])
{
	uint64_t words[2];

	memcpy(words, addr, sizeof(words));
	words[0] = (words[0] ^ words[1] * 3) * UINT64_C(0x9e3779b97f4a7c15);
	return &line->known[words[0] >> 32 & (LINE_KNOWN_ADDRESSES - 1)];
}

char *line_put_address(struct line *line, char *at, struct ws_span addr)
{
	struct line_known_address *known;

	if (addr.len == 4)
		return put_ipv4(at, addr.data);
	known = known_address(line, addr.data);
	if (!known->len || memcmp(known->addr, addr.data, sizeof(known->addr)) != 0) {
		memcpy(known->addr, addr.data, sizeof(known->addr));
		known->len = (uint8_t)(put_ipv6(known->text, addr.data) - known->text);
	}
	memcpy(at, known->text, sizeof(known->text));
	return at + known->len;
}

/* As above, known by all that its text says. */
char *line_put_endpoint(struct line *line, char *at, struct ws_span addr, uint16_t port)
{
	struct line_known_endpoint *known;
	uint32_t number;
	uint64_t key;

	static_assert(LINE_KNOWN_ENDPOINTS == 1 << (64 - 54), "the shift leaves as many bits as there are places");
	if (addr.len != sizeof(number))
		return put_short(put_char(line_put_address(line, at, addr), '.'), port);
	memcpy(&number, addr.data, sizeof(number));
	key = UINT64_C(1) << 63 | (uint64_t)port << 32 | number;
	known = &line->endpoints[key * UINT64_C(0x9e3779b97f4a7c15) >> 54];
	if (known->key != key) {
		char text[2 * PUT_ROOM] = {0};

		known->key = key;
		known->len = (uint8_t)(put_short(put_char(put_ipv4(text, addr.data), '.'), port) - text);
		memcpy(known->text, text, sizeof(known->text));
	}
	memcpy(at, known->text, sizeof(known->text));
	return at + known->len;
}

static void print_address(struct line *line, struct ws_span addr, struct out *out)
{
	const char *name = line->names ? names_host(line->names, addr) : NULL;
	char *room;

	if (name) {
		out_str(out, name);
		return;
	}
	room = out_room(out, LINE_ADDRESS_ROOM);
	if (room)
		out_advance(out, (size_t)(line_put_address(line, room, addr) - room));
}

void line_address(struct walk *walk, struct ws_span addr)
{
	print_address(walk->line, addr, walk->out);
}

void line_addresses(struct walk *walk, const struct line_ip *ip, const char *behind)
{
	line_address(walk, ip->src);
	out_lit(walk->out, " > ");
	line_address(walk, ip->dst);
	out_str(walk->out, behind);
}

static void print_tcp_port(struct line *line, uint16_t port, struct out *out)
{
	const char *name = line->names ? names_tcp_port(line->names, port) : NULL;

	if (name)
		out_str(out, name);
	else
		out_u64(out, port);
}

void line_port(struct walk *walk, uint8_t protocol, uint16_t port)
{
	const char *name = NULL;

	if (protocol == PROTOCOL_TCP) {
		print_tcp_port(walk->line, port, walk->out);
		return;
	}
	if (walk->line->names)
		name = names_udp_port(walk->line->names, port);
	if (name)
		out_str(walk->out, name);
	else
		out_u64(walk->out, port);
}

void line_endpoint(struct line *line, const struct endpoint *at, struct out *out)
{
	print_address(line, ws_span_of(at->addr, at->version == 4 ? 4 : 16), out);
	out_char(out, '.');
	print_tcp_port(line, at->port, out);
}

bool line_has_names(const struct line *line)
{
	return line->names;
}

char *line_endpoint_put(struct line *line, const struct endpoint *endpoint, char *at)
{
	at = line_put_address(line, at, ws_span_of(endpoint->addr, endpoint->version == 4 ? 4 : 16));
	return put_short(put_char(at, '.'), endpoint->port);
}

static bool is_broadcast(const uint8_t addr[6])
{
	for (int i = 0; i < 6; i++)
		if (addr[i] != 0xff)
			return false;
	return true;
}

void line_ether_address(struct walk *walk, struct ws_span addr)
{
	struct names *names = walk->line->names;
	const char *name = names ? names_ether(names, addr) : NULL;
	char text[ETHER_TEXT];
	char *at = text;

	if (names && !name && is_broadcast(addr.data))
		name = "Broadcast";
	if (name) {
		out_str(walk->out, name);
		return;
	}
	for (size_t i = 0; i < addr.len; i++) {
		if (i)
			*at++ = ':';
		*at++ = hex[addr.data[i] >> 4];
		*at++ = hex[addr.data[i] & 0xf];
	}
	out_bytes(walk->out, text, (size_t)(at - text));
	if (names) {
		out_lit(walk->out, " (oui ");
		out_str(walk->out, line_ether_vendor(addr.data));
		out_char(walk->out, ')');
	}
}
