#include "wscap/twice.h"

#include "base/fetch.h"

/* One multiplication, folded: wide enough to mix, quick enough for each packet. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15) * (b ^ 0xd6e8feb86659fd93);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The product of two words that secret ones hide, as conn_hash.h has it. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word_at(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static uint64_t word_of(struct ws_span bytes)
{
	uint64_t word = 0;

	if (bytes.len >= sizeof(word))
		return word_at(bytes.data);
	if (bytes.len)
		memcpy(&word, bytes.data, bytes.len);
	return word;
}

/* Words of them; the last one ends where they do, and begins among what is in the one before. */
static uint64_t mix_options(uint64_t hash, struct ws_span options)
{
	while (options.len > sizeof(uint64_t)) {
		size_t rest = options.len - sizeof(uint64_t);

		hash = mix(hash, word_of(options));
		options = ws_span_from(options, rest < sizeof(uint64_t) ? rest : sizeof(uint64_t));
	}
	return mix(hash, word_of(options));
}

/* Most have none, or as many as two words that have some bytes in common reach over: that is one product more. */
static uint64_t fold_options(const uint64_t seeds[static 2], struct ws_span options)
{
	enum {
		WORD = sizeof(uint64_t),
	};

	if (!options.len)
		return 0;
	if (options.len < WORD || options.len > 2 * WORD)
		return mix_options(seeds[0], options);
	return fold(word_at(options.data) + seeds[0], word_at(options.data + options.len - WORD) + seeds[1]);
}

/* None of the three waits for another. */
static uint64_t fingerprint(const struct twice *twice, uint64_t hash, const struct ip *ip, const struct tcp *tcp)
{
	const uint64_t *seeds = twice->seeds;
	uint64_t place = (uint64_t)tcp->seq << 32 | tcp->ack;
	uint64_t about = (uint64_t)tcp->payload_len << 32 | (uint64_t)tcp->window << 16 | tcp->flags;
	uint64_t rest = (uint64_t)ip->id << 32 | (uint64_t)tcp->urgent << 8 | tcp->header_len;

	return fold(hash + seeds[0], place + seeds[1]) ^ fold(about + seeds[2], rest + seeds[3]) ^
	       fold_options(seeds + 4, tcp->options);
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

static __attribute__((noinline, cold)) bool is_soon(int64_t before, int64_t now, const struct ip *ip,
						    const struct tcp *tcp)
{
	int64_t passed;

	if (__builtin_sub_overflow(now, before, &passed))
		passed = INT64_MAX;
	return passed < within(ip, tcp) && passed > -TWICE_NS;
}

struct twice_entry *twice_place(struct twice *twice, const struct tcp *tcp)
{
	uint64_t place = (uint64_t)tcp->seq << 32 | tcp->ack;
	uint64_t about = (uint64_t)tcp->payload_len << 32 | (uint64_t)tcp->window << 16 | tcp->flags;
	uint64_t hash = (place ^ about * 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;
	struct twice_entry *entry = &twice->entries[hash >> (64 - TWICE_BITS)];

	fetch_write(entry);
	return entry;
}

bool twice_seen(const struct twice *twice, struct twice_entry *entry, int64_t now, uint64_t hash, const struct ip *ip,
		const struct tcp *tcp)
{
	uint64_t print = fingerprint(twice, hash, ip, tcp);
	struct twice_entry before = *entry;

	*entry = (struct twice_entry){.fingerprint = print, .time = now};
	return before.fingerprint == print && is_soon(before.time, now, ip, tcp);
}
