/* IP fragments in any order, under a small limit. Six bytes make one: which packet and whether more follow, where it
 * begins and how long it is in eights, what was captured of it, the time that passed, what its bytes are.
 *
 * Each byte follows from its packet and its place, but for fragments that lie: what is put together holds no byte twice
 * and none of another packet's, and what is kept stays below the limit. */
#include "wscap/fragments.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	RECORD = 6,
	LEN_MAX = 256 * 8,
	MEMORY = 6000,
	MS = 1000000,
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static uint8_t byte_at(uint8_t id, size_t place)
{
	return (uint8_t)(id * 37u + place * 11u + (place >> 8));
}

static void play(struct fragments *fragments, const uint8_t *record, int64_t now, uint64_t number, bool *liars)
{
	static uint8_t bytes[LEN_MAX];
	uint8_t id = record[0] & 7;
	struct fragments_stats stats;
	struct fragment fragment;
	struct ip ip = {
	    .status = LAYER_OTHER,
	    .version = record[0] & 8 ? 6 : 4,
	    .protocol = 17,
	    .fragment = true,
	    .more_fragments = record[0] & 0x10,
	    .fragment_id = id,
	    .fragment_offset = (uint16_t)(record[1] * (record[0] & 0x20 ? 256u : 8u)),
	    .payload_wire_len = record[2] * 8u + (record[0] & 0x40 ? 3 : 0),
	};
	size_t captured = record[3] & 1 ? ip.payload_wire_len : record[3] * 8u;

	for (size_t i = 0; i < ip.payload_wire_len && i < sizeof(bytes); i++)
		bytes[i] = byte_at(id, ip.fragment_offset + i);
	if (record[5] & 1) {
		bytes[0] ^= 0xff;
		liars[record[0] & 15] = true;
	}
	ip.payload = ws_span_first(
	    ws_span_of(bytes, ip.payload_wire_len < sizeof(bytes) ? ip.payload_wire_len : sizeof(bytes)), captured);
	fragments_take(fragments, now, number, &ip, &fragment);
	check(fragment.result != FRAGMENT_NONE && fragment.first_packet <= number);
	fragments_stats(fragments, &stats);
	check(stats.held <= MEMORY);
	if (fragment.result != FRAGMENT_WHOLE)
		return;
	check(fragment.packet.len <= fragment.wire_len && fragment.wire_len <= FRAGMENTS_PACKET_MAX);
	check(fragment.protocol == 17);
	if (!liars[record[0] & 15])
		for (size_t i = 0; i < fragment.packet.len; i++)
			check(fragment.packet.data[i] == byte_at(id, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fragments *fragments = fragments_create(MEMORY);
	struct fragments_stats stats;
	bool liars[16] = {0};
	int64_t now = (int64_t)1 << 60;
	uint64_t number = 0;

	check(fragments != NULL);
	for (; size >= RECORD; data += RECORD, size -= RECORD) {
		now += (int64_t)(int8_t)data[4] * (data[5] & 2 ? 1000 * (int64_t)MS : MS);
		play(fragments, data, now, ++number, liars);
	}
	fragments_stats(fragments, &stats);
	check(stats.put_together + stats.dropped <= number);
	fragments_destroy(fragments);
	return 0;
}
