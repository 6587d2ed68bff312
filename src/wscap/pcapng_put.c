#include "wscap/pcapng_put.h"

enum {
	HOST_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
};

/* What has a byte order in the options of a block; all others are texts and bytes. */
static const struct {
	uint32_t block;
	uint16_t code;
	uint8_t width; /* of each number in it; 0: it is left out */
} numbers[] = {
    {PCAPNG_INTERFACE, 8, 8},  /* if_speed */
    {PCAPNG_INTERFACE, 10, 4}, /* if_tzone */
    {PCAPNG_INTERFACE, 16, 8}, /* if_txspeed */
    {PCAPNG_INTERFACE, 17, 8}, /* if_rxspeed */
    {PCAPNG_INTERFACE, PCAPNG_OPTION_RESOLUTION, 0},
    {PCAPNG_INTERFACE, PCAPNG_OPTION_OFFSET, 0},
    {PCAPNG_PACKET, 2, 4},     /* epb_flags */
    {PCAPNG_PACKET, 4, 8},     /* epb_dropcount */
    {PCAPNG_PACKET, 5, 8},     /* epb_packetid */
    {PCAPNG_PACKET, 6, 4},     /* epb_queue */
    {PCAPNG_PACKET, 8, 4},     /* epb_processid_threadid */
    {PCAPNG_STATISTICS, 2, 0}, /* isb_starttime */
    {PCAPNG_STATISTICS, 3, 0}, /* isb_endtime */
    {PCAPNG_STATISTICS, 4, 8}, /* isb_ifrecv */
    {PCAPNG_STATISTICS, 5, 8}, /* isb_ifdrop */
    {PCAPNG_STATISTICS, 6, 8}, /* isb_filteraccept */
    {PCAPNG_STATISTICS, 7, 8}, /* isb_osdrop */
    {PCAPNG_STATISTICS, 8, 8}, /* isb_usrdeliv */
};

enum {
	OPTION_HEAD = 4,    /* bytes: code and length */
	TEXT_LAST = 18,     /* if_iana_tzname: the highest code that is known, of all these blocks */
	CUSTOM_TEXT = 2988, /* 3.5.1: the number of who made it, and text */
	VERDICT = 7,        /* epb_verdict: its kind, and a number or bytes */
	VERDICT_LEN = 1 + sizeof(uint64_t),
	RECORD_LAST = 4, /* nrb_record_eui64 */
	RECORD_END = 0,
};

void pcapng_put_u16(struct out *out, uint16_t value)
{
	out_bytes(out, &value, sizeof(value));
}

void pcapng_put_u32(struct out *out, uint32_t value)
{
	out_bytes(out, &value, sizeof(value));
}

void pcapng_put_u64(struct out *out, uint64_t value)
{
	out_bytes(out, &value, sizeof(value));
}

void pcapng_put_padded(struct out *out, struct ws_span bytes)
{
	static const uint8_t zeroes[3];

	out_bytes(out, bytes.data, bytes.len);
	out_bytes(out, zeroes, -bytes.len & 3);
}

void pcapng_put_option(struct out *out, uint16_t code, struct ws_span value)
{
	value = ws_span_first(value, PCAPNG_VALUE_MAX);
	pcapng_put_u16(out, code);
	pcapng_put_u16(out, (uint16_t)value.len);
	pcapng_put_padded(out, value);
}

void pcapng_put_option_u64(struct out *out, uint16_t code, uint64_t value)
{
	pcapng_put_option(out, code, ws_span_of(&value, sizeof(value)));
}

static uint8_t width_of(uint32_t type, uint16_t code)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (numbers[i].block == type && numbers[i].code == code)
			return numbers[i].width;
	}
	return 1;
}

static void put_turned(struct out *out, uint16_t code, uint8_t width, struct ws_span value)
{
	uint8_t turned[16];

	if (value.len > sizeof(turned) || value.len % width)
		return;
	for (size_t i = 0; i < value.len; i++)
		turned[i] = value.data[i / width * width + (width - 1 - i % width)];
	pcapng_put_option(out, code, ws_span_of(turned, value.len));
}

/* Its first (or, behind the first `from`, its next) `width` bytes are a number; all others have no order. */
static void put_part_turned(struct out *out, uint16_t code, size_t from, size_t width, struct ws_span value)
{
	size_t begin = out->len;

	if (value.len < from + width)
		return;
	pcapng_put_option(out, code, value);
	for (size_t i = 0; i < width && out->len > begin; i++)
		out->text[begin + OPTION_HEAD + from + i] = (char)value.data[from + width - 1 - i];
}

/* An option of the other byte order. What is not known by its code may have numbers in it, and is left out. */
static void put_other_order(struct out *out, uint32_t type, uint16_t code, uint8_t width, struct ws_span value)
{
	if (width > 1)
		put_turned(out, code, width, value);
	else if (code == CUSTOM_TEXT)
		put_part_turned(out, code, 0, sizeof(uint32_t), value);
	else if (type == PCAPNG_PACKET && code == VERDICT && value.len == VERDICT_LEN)
		put_part_turned(out, code, 1, sizeof(uint64_t), value);
	else if (code <= TEXT_LAST)
		pcapng_put_option(out, code, value);
}

void pcapng_put_options(struct out *out, uint32_t type, struct ws_span options, bool big)
{
	struct ws_cursor in = ws_cursor_of(options);
	struct ws_span value;
	uint16_t code;

	while (pcapng_option_take(&in, big, &code, &value)) {
		uint8_t width = width_of(type, code);

		if (!width)
			continue;
		if (big == HOST_BIG)
			pcapng_put_option(out, code, value);
		else
			put_other_order(out, type, code, width, value);
	}
}

bool pcapng_has_comment(struct ws_span options, bool big, struct ws_span comment)
{
	struct ws_cursor in = ws_cursor_of(options);
	struct ws_span value;
	uint16_t code;

	while (pcapng_option_take(&in, big, &code, &value)) {
		if (code == PCAPNG_OPTION_COMMENT && ws_span_equal(value, comment))
			return true;
	}
	return false;
}

/* A record has the form of an option: an address, whose bytes have an order of their own, and its names. */
void pcapng_put_names(struct out *out, struct ws_span body, bool big)
{
	struct ws_cursor in = ws_cursor_of(body);
	struct ws_span value;
	uint16_t code, len;

	while (pcapng_option_take(&in, big, &code, &value)) {
		if (big == HOST_BIG || code <= RECORD_LAST)
			pcapng_put_option(out, code, value);
	}
	pcapng_put_option(out, RECORD_END, ws_span_of(NULL, 0));
	if (!fields_take_u16(&in, big, &code) || !fields_take_u16(&in, big, &len) || code != RECORD_END ||
	    !ws_cursor_left(&in))
		return;
	pcapng_put_options(out, PCAPNG_NAMES, ws_span_of(in.at, ws_cursor_left(&in)), big);
	pcapng_put_option(out, PCAPNG_OPTION_END, ws_span_of(NULL, 0));
}

void pcapng_put_block(struct out *out, uint32_t type, struct out *body)
{
	uint32_t len = (uint32_t)body->len + PCAPNG_BLOCK_MIN;

	pcapng_put_u32(out, type);
	pcapng_put_u32(out, len);
	out_bytes(out, body->text, body->len);
	pcapng_put_u32(out, len);
	body->len = 0;
}

void pcapng_put_section(struct out *out, struct out *body, struct ws_span options, struct ws_span program)
{
	enum {
		SHB_USERAPPL = 4,
	};
	struct ws_cursor in = ws_cursor_of(options);
	struct ws_span value;
	uint16_t code = 0;

	pcapng_put_u32(body, PCAPNG_BYTE_ORDER);
	pcapng_put_u16(body, 1);
	pcapng_put_u16(body, 0);
	pcapng_put_u64(body, UINT64_MAX); /* the section's length: nobody knows it yet */
	out_bytes(body, options.data, options.len);
	while (code != SHB_USERAPPL && pcapng_option_take(&in, HOST_BIG, &code, &value))
		;
	if (code != SHB_USERAPPL)
		pcapng_put_option(body, SHB_USERAPPL, program);
	pcapng_put_option(body, PCAPNG_OPTION_END, ws_span_of(NULL, 0));
	pcapng_put_block(out, PCAPNG_SECTION, body);
}
