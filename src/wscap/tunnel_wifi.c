/* IEEE 802.11 data frames, and what drivers put in front of them. Only what is not encrypted can be read. */
#include "wscap/tunnel.h"

enum {
	/* The first byte of frame control. */
	VERSION_AND_TYPE = 0x0f,
	DATA = 0x08,
	WITHOUT_DATA = 0x40,
	WITH_QUALITY = 0x80,
	/* The second. */
	TO_NETWORK = 0x01,
	FROM_NETWORK = 0x02,
	MORE_FRAGMENTS = 0x04,
	AGAIN = 0x08,
	PROTECTED = 0x40,
	WITH_THROUGHPUT = 0x80, /* in a QoS frame: an HT control field follows */

	DURATION = 2,
	ADDRESS = 6,
	FRAGMENT_NUMBER = 0x0f,
	FRAGMENT_BITS = 4,
	QUALITY_AGGREGATE = 0x80, /* in the first byte: several packets in one (A-MSDU) */
	QUALITY_TRAFFIC = 0x0f,
	NO_TRAFFIC_CLASS = 0x10,
	THROUGHPUT_CONTROL = 4,
	SUBFRAME_ADDRESSES = 12,
	SUBFRAME_HEADER = SUBFRAME_ADDRESSES + 2,

	RADIOTAP_TIMER = 1 << 0, /* TSFT */
	RADIOTAP_FLAGS = 1 << 1,
	RADIOTAP_MORE = 1 << 7, /* in the last byte of a word: another one follows */
	RADIOTAP_WORDS_MAX = 8,
	RADIOTAP_CHECKED = 0x10, /* the frame's check sequence is there */
	RADIOTAP_PADDED = 0x20,
	CHECK_SEQUENCE = 4,

	PRISM_HEADER = 144,
	PRISM_AVS_MAGIC = 0x802110,
};

static bool take_u16_little(struct ws_cursor *in, uint16_t *ret)
{
	uint8_t low, high;

	if (!ws_take_u8(in, &low) || !ws_take_u8(in, &high))
		return false;
	*ret = (uint16_t)(high << 8 | low);
	return true;
}

/* A packet of an aggregate, an A-MSDU: IEEE 802.11, section 9.3.2.2.2. The next one stands at a multiple of four behind
 * this one's beginning. */
enum layer_status tunnel_wifi_subframe(struct tunnel *tunnel)
{
	enum layer_status status = tunnel_skip(tunnel, SUBFRAME_ADDRESSES);
	struct ws_span before;
	uint16_t len;

	if (status != LAYER_OK)
		return status;
	if (!ws_take_u16(&tunnel->in, &len))
		return LAYER_TRUNCATED;
	tunnel->rest = tunnel->in;
	tunnel->rest_cut = tunnel->cut;
	if (!ws_take_span(&tunnel->rest, len + (-(size_t)(SUBFRAME_HEADER + len) & 3), &before))
		tunnel->rest.at = tunnel->rest.end;
	tunnel_within(tunnel, len);
	return tunnel_next(tunnel, TUNNEL_LLC, 0);
}

/* What of the header is needed when the frame is one of several pieces. */
static bool take_addresses(struct tunnel *tunnel, struct wifi_piece *piece, uint16_t *ret_sequence)
{
	struct ws_span duration, ends, third;

	if (!ws_take_span(&tunnel->in, DURATION, &duration) || !ws_take_span(&tunnel->in, 2 * ADDRESS, &ends) ||
	    !ws_take_span(&tunnel->in, ADDRESS, &third) || !take_u16_little(&tunnel->in, ret_sequence))
		return false;
	memcpy(piece->ends, ends.data, sizeof(piece->ends));
	piece->sequence = *ret_sequence >> FRAGMENT_BITS;
	piece->number = *ret_sequence & FRAGMENT_NUMBER;
	return true;
}

/* IEEE 802.11, section 9.2. padded: the driver filled the header up to a multiple of four. */
static enum layer_status take_wifi(struct tunnel *tunnel, bool padded)
{
	size_t before = ws_cursor_left(&tunnel->in), more = 0;
	struct wifi_piece *piece = &tunnel->piece;
	uint8_t kind, flags, quality = 0, quality_rest;
	uint16_t sequence;

	if (!ws_take_u8(&tunnel->in, &kind) || !ws_take_u8(&tunnel->in, &flags))
		return LAYER_TRUNCATED;
	if ((kind & VERSION_AND_TYPE) != DATA || kind & WITHOUT_DATA || flags & PROTECTED)
		return LAYER_OTHER;
	if (!take_addresses(tunnel, piece, &sequence))
		return LAYER_TRUNCATED;
	if (flags & TO_NETWORK && flags & FROM_NETWORK)
		more += ADDRESS;
	if (tunnel_skip(tunnel, more) != LAYER_OK)
		return LAYER_TRUNCATED;
	if (kind & WITH_QUALITY && (!ws_take_u8(&tunnel->in, &quality) || !ws_take_u8(&tunnel->in, &quality_rest)))
		return LAYER_TRUNCATED;
	more = kind & WITH_QUALITY && flags & WITH_THROUGHPUT ? THROUGHPUT_CONTROL : 0;
	if (padded)
		more += -(before - ws_cursor_left(&tunnel->in) + more) & 3;
	if (tunnel_skip(tunnel, more) != LAYER_OK)
		return LAYER_TRUNCATED;
	piece->traffic = kind & WITH_QUALITY ? QUALITY_TRAFFIC & quality : NO_TRAFFIC_CLASS;
	piece->more = flags & MORE_FRAGMENTS;
	piece->again = flags & AGAIN;
	if (quality & QUALITY_AGGREGATE)
		return tunnel_next(tunnel, TUNNEL_WIFI_SUBFRAME, 0);
	return tunnel_next(tunnel, piece->more || piece->number ? TUNNEL_WIFI_PIECE : TUNNEL_LLC, 0);
}

enum layer_status tunnel_wifi(struct tunnel *tunnel)
{
	return take_wifi(tunnel, false);
}

enum layer_status tunnel_wifi_padded(struct tunnel *tunnel)
{
	return take_wifi(tunnel, true);
}

/* The flags, 0 where there are none: behind the timer, which is aligned to its own eight bytes. */
static uint8_t radiotap_flags(struct ws_cursor header)
{
	const uint8_t *begin = header.at;
	uint8_t present[4] = {0}, first = 0, flags;
	struct ws_span skipped;

	if (!ws_take_span(&header, 4, &skipped)) /* version, padding, length */
		return 0;
	for (unsigned words = 0; words < RADIOTAP_WORDS_MAX; words++) {
		for (size_t i = 0; i < sizeof(present); i++)
			if (!ws_take_u8(&header, &present[i]))
				return 0;
		if (words == 0)
			first = present[0];
		if (!(present[3] & RADIOTAP_MORE))
			break;
	}
	if (!(first & RADIOTAP_FLAGS) || present[3] & RADIOTAP_MORE)
		return 0;
	if (first & RADIOTAP_TIMER &&
	    !ws_take_span(&header, (-(size_t)(header.at - begin) & 7) + sizeof(uint64_t), &skipped))
		return 0;
	return ws_take_u8(&header, &flags) ? flags : 0;
}

enum layer_status tunnel_radiotap(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	enum layer_status status;
	uint8_t version, padding, flags = 0;
	struct ws_span header;
	uint16_t len;

	if (!ws_take_u8(&look, &version) || !ws_take_u8(&look, &padding) || !take_u16_little(&look, &len))
		return LAYER_TRUNCATED;
	if (version != 0)
		return LAYER_OTHER;
	look = tunnel->in;
	if (ws_take_span(&look, len, &header))
		flags = radiotap_flags(ws_cursor_of(header));
	status = tunnel_skip(tunnel, len);
	if (flags & RADIOTAP_CHECKED && tunnel_len(tunnel) >= CHECK_SEQUENCE)
		tunnel_within(tunnel, tunnel_len(tunnel) - CHECK_SEQUENCE);
	tunnel_next(tunnel, flags & RADIOTAP_PADDED ? TUNNEL_WIFI_PADDED : TUNNEL_WIFI, 0);
	return status;
}

/* A fixed size; but a driver may write AVS's header instead, which has a magic number. */
enum layer_status tunnel_prism(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	uint32_t magic;

	if (!ws_take_u32(&look, &magic))
		return LAYER_TRUNCATED;
	if (magic >> 8 == PRISM_AVS_MAGIC)
		return tunnel_next(tunnel, TUNNEL_AVS, 0);
	tunnel_next(tunnel, TUNNEL_WIFI, 0);
	return tunnel_skip(tunnel, PRISM_HEADER);
}

enum layer_status tunnel_avs(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	uint32_t magic, len;

	if (!ws_take_u32(&look, &magic) || !ws_take_u32(&look, &len))
		return LAYER_TRUNCATED;
	tunnel_next(tunnel, TUNNEL_WIFI, 0);
	return len < 8 ? LAYER_BAD : tunnel_skip(tunnel, len);
}

/* CACE's: version, flags, length, then the link type of what follows. */
enum layer_status tunnel_ppi(struct tunnel *tunnel)
{
	struct ws_cursor look = tunnel->in;
	uint8_t version, flags;
	uint16_t len, type, type_high;

	if (!ws_take_u8(&look, &version) || !ws_take_u8(&look, &flags) || !take_u16_little(&look, &len) ||
	    !take_u16_little(&look, &type) || !take_u16_little(&look, &type_high))
		return LAYER_TRUNCATED;
	if (version != 0 || type_high || len < 8)
		return LAYER_OTHER;
	tunnel_next(tunnel, type == 1 ? TUNNEL_ETHERNET : tunnel_of_link(type), 0);
	return tunnel_skip(tunnel, len);
}
