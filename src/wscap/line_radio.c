/* What drivers put in front of frames of 802.11: radiotap, of which all is shown, AVS and Prism.
 *
 * A radiotap header begins with words whose bits say which fields follow, in the order of the bits, each at a multiple
 * of its size from the header's beginning; a word's last bit says that another word follows (radiotap.org). */
#include "wscap/line_radio.h"

enum {
	RADIOTAP_FIXED = 8, /* version, padding, length, and the first word */
	RADIOTAP_WORD = 4,
	BIT_NAMESPACE = 29, /* back to the fields below */
	BIT_VENDOR = 30,    /* to fields that nobody knows but their vendor */
	BIT_MORE = 31,

	FLAG_CHECK_SEQUENCE = 0x10,
	FLAG_PADDED = 0x20,
	CHECK_SEQUENCE = 4,

	AVS_FIXED = 8,
	PRISM_HEADER = 144,
};
#define AVS_VERSION_1 0x80211001u
#define AVS_VERSION_2 0x80211002u

/* The fields of one word; first: the number of its first bit. */
static bool print_word(struct radiotap *tap, unsigned first)
{
	for (unsigned bit = 0; bit < BIT_NAMESPACE; bit++)
		if (tap->present >> bit & 1 && !radiotap_field(tap, first + bit))
			return false;
	return true;
}

/* Whose fields they are, and how many bytes of them are to be passed over. */
static void take_vendor(struct radiotap *tap, uint64_t *ret_skip)
{
	uint64_t vendor;

	if ((tap->at + 1) / 2 * 2 + 2 > tap->header.len || !radiotap_number(tap, 1, &vendor) ||
	    !radiotap_number(tap, 1, &vendor) || !radiotap_number(tap, 1, &vendor) ||
	    !radiotap_number(tap, 1, &vendor) || !radiotap_number(tap, 2, ret_skip))
		line_truncated(tap->walk);
}

/* All words' fields, up to one that cannot be found. */
static void print_fields(struct radiotap *tap, struct ws_cursor words)
{
	unsigned first = 0;
	bool vendor = false;
	uint64_t skip = 0;

	while (line_take_u32_little(&words, &tap->present)) {
		if (vendor && tap->at + skip > tap->header.len)
			return;
		if (!vendor && !print_word(tap, first))
			return;
		if (vendor)
			tap->at += skip;
		skip = vendor ? 0 : skip;
		switch (tap->present >> BIT_NAMESPACE & 3) {
		case 0:
			first += 32;
			break;
		case 1:
			first = 0;
			vendor = false;
			skip = 0;
			break;
		case 2:
			first = 0;
			vendor = true;
			take_vendor(tap, &skip);
			break;
		default:
			break;
		}
	}
}

/* The words that say which fields there are. False: they reach behind the header. */
static bool take_words(struct radiotap *tap, struct ws_cursor *ret)
{
	struct ws_cursor in = ws_cursor_of(ws_span_from(tap->header, RADIOTAP_FIXED - RADIOTAP_WORD));
	uint32_t word;

	*ret = in;
	do {
		if (!line_take_u32_little(&in, &word))
			return false;
	} while (word >> BIT_MORE);
	ret->end = in.at;
	tap->at = (size_t)(in.at - tap->header.data);
	return true;
}

bool line_radiotap(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	struct ws_cursor fixed = in, words;
	struct radiotap tap = {.walk = walk};
	struct line_wifi_tail tail;
	uint16_t version, len;

	walk->protocol = "802.11_radio";
	walk->link_header_len = walk->captured.len;
	if (ws_cursor_left(&in) < RADIOTAP_FIXED || !ws_take_u16(&fixed, &version) ||
	    !line_take_u16_little(&fixed, &len) || len < RADIOTAP_FIXED || !ws_take_span(&in, len, &tap.header) ||
	    !take_words(&tap, &words)) {
		line_truncated(walk);
		return true;
	}
	print_fields(&tap, words);
	tail = (struct line_wifi_tail){
	    .padded = tap.flags & FLAG_PADDED,
	    .check_sequence = tap.flags & FLAG_CHECK_SEQUENCE ? CHECK_SEQUENCE : 0,
	};
	return line_wifi(walk, in, length - len, &tail);
}

/* What is behind a header of so many bytes. */
static bool print_behind(struct walk *walk, uint32_t len)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	struct ws_span header;

	if (!ws_take_span(&in, len, &header)) {
		line_truncated(walk);
		walk->link_header_len = walk->captured.len;
		return true;
	}
	return line_wifi(walk, in, walk->wire_len - len, &(struct line_wifi_tail){0});
}

bool line_avs(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	uint32_t magic, len;

	walk->protocol = "802.11_radio_avs";
	if (!ws_take_u32(&in, &magic) || !ws_take_u32(&in, &len) || len < AVS_FIXED)
		len = UINT32_MAX; /* it is cut off, or says nothing */
	return print_behind(walk, len);
}

/* Linux has AVS under this link type, too. */
bool line_prism(struct walk *walk)
{
	struct ws_cursor in = ws_cursor_of(walk->captured);
	uint32_t magic;

	walk->protocol = "prism";
	if (ws_take_u32(&in, &magic) && (magic == AVS_VERSION_1 || magic == AVS_VERSION_2))
		return line_avs(walk);
	return print_behind(walk, PRISM_HEADER);
}
