#include "wscap/twice.h"

/* One multiplication, folded: wide enough to mix, quick enough for each packet. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15) * (b ^ 0xd6e8feb86659fd93);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t mix_options(uint64_t hash, struct ws_span options)
{
	struct ws_cursor cursor = ws_cursor_of(options);
	struct ws_span part;
	uint64_t word;

	while (ws_take_span(&cursor, sizeof(word), &part)) {
		memcpy(&word, part.data, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	if (ws_take_span(&cursor, ws_cursor_left(&cursor), &part) && part.len)
		memcpy(&word, part.data, part.len);
	return mix(hash, word);
}

static uint64_t fingerprint(const struct twice *twice, uint64_t hash, const struct ip *ip, const struct tcp *tcp)
{
	hash = mix(hash ^ twice->seed[0], (uint64_t)tcp->seq << 32 | tcp->ack);
	hash = mix(hash ^ twice->seed[1], (uint64_t)tcp->payload_len << 32 | (uint64_t)tcp->window << 16 | tcp->flags);
	hash = mix(hash, (uint64_t)ip->id << 32 | (uint64_t)tcp->urgent << 8 | tcp->header_len);
	return mix_options(hash, tcp->options);
}

/* Without the seed, so that one capture is told the same each time. Who makes packets meet here makes us forget one. */
static size_t place(const struct tcp *tcp)
{
	uint64_t hash = mix((uint64_t)tcp->seq << 32 | tcp->ack, (uint64_t)tcp->payload_len << 16 | tcp->flags);

	return hash >> (64 - TWICE_BITS);
}

static int64_t within(const struct ip *ip, const struct tcp *tcp)
{
	uint32_t value, echo;

	if (ip->id)
		return TWICE_NS;
	if (tcp_option_timestamps(tcp, &value, &echo))
		return TWICE_NS_NO_ID;
	return tcp->payload_len || tcp->flags & (TCP_SYN | TCP_FIN | TCP_RST) ? TWICE_NS_NOTHING : 0;
}

bool twice_seen(struct twice *twice, int64_t now, uint64_t hash, const struct ip *ip, const struct tcp *tcp)
{
	uint64_t print = fingerprint(twice, hash, ip, tcp);
	struct twice_entry *entry = &twice->entries[place(tcp)];
	bool same = entry->fingerprint == print;
	int64_t passed;

	if (__builtin_sub_overflow(now, entry->time, &passed))
		passed = INT64_MAX;
	*entry = (struct twice_entry){.fingerprint = print, .time = now};
	return same && passed < within(ip, tcp) && passed > -TWICE_NS;
}
