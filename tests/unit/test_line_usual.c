/* line_usual.c beside what can print everything: the same packets, usual and spoilt in all ways, give the same lines;
 * and so they do where they are noted first, and printed by another line.
 * That those are tcpdump's is what tests/e2e/tcpdump-side-by-side shows. */
#include "test.h"

#include "wscap/line_internal.h"
#include "wscap/tcp.h"

#include <pcap/dlt.h>
#include <stdlib.h>

enum {
	PACKETS = 60000,
	LEN_MAX = 200,
};

struct bytes {
	uint8_t data[LEN_MAX];
	size_t len;
};

static struct options options;
static bool loopback; /* addresses that need no resolver, and nothing spoilt */
static struct out usual_out, whole_out, noted_out, text_out;

static int setup(void **state)
{
	(void)state;
	srandom(1);
	options_init(&options);
	options.no_names = 1;
	options.time = TIME_NONE;
	return out_init(&usual_out, -1) || out_init(&whole_out, -1) || out_init(&noted_out, -1) ||
	       out_init(&text_out, -1);
}

static int teardown(void **state)
{
	(void)state;
	options_finish(&options);
	out_finish(&usual_out);
	out_finish(&whole_out);
	out_finish(&noted_out);
	out_finish(&text_out);
	return 0;
}

static unsigned below(unsigned limit)
{
	return (unsigned)random() % limit;
}

static bool one_in(unsigned count)
{
	return below(count) == 0;
}

static void put(struct bytes *bytes, uint64_t value, size_t len)
{
	while (len--)
		bytes->data[bytes->len++] = len < sizeof(value) ? (uint8_t)(value >> 8 * len) : 0;
}

static void put_random(struct bytes *bytes, size_t len)
{
	while (len--)
		bytes->data[bytes->len++] = (uint8_t)random();
}

/* Few of them, so that connections go on; some of the ports are of protocols that are shown as text. */
static uint16_t a_port(void)
{
	static const uint16_t ports[] = {7272, 60653, 80, 8080, 554, 22, 21, 144, 0, 65535};

	return ports[one_in(4) ? below(10) : below(2)];
}

static uint32_t a_number(void)
{
	return (uint32_t)random() << 1 >> below(32);
}

static uint8_t some_flags(void)
{
	return (uint8_t)(one_in(8) ? below(256) : TCP_ACK | (one_in(2) ? TCP_PSH : 0));
}

/* Nothing, timestamps as they usually stand, or others. */
static size_t put_options(struct bytes *bytes)
{
	size_t begin = bytes->len;

	if (one_in(4))
		return 0;
	if (one_in(8)) {
		put_random(bytes, 4 * below(11));
	} else {
		put(bytes, 0x0101080a, 4);
		put_random(bytes, 8);
	}
	return bytes->len - begin;
}

static void put_tcp(struct bytes *bytes)
{
	struct bytes tcp_options = {.len = 0};
	size_t options_len = put_options(&tcp_options);

	put(bytes, a_port(), 2);
	put(bytes, a_port(), 2);
	put(bytes, a_number(), 4);
	put(bytes, a_number(), 4);
	put(bytes, (5 + options_len / 4) << 4, 1);
	put(bytes, some_flags(), 1);
	put(bytes, a_number(), 2);
	put_random(bytes, 2);
	put(bytes, one_in(4) ? below(9) : 0, 2);
	for (size_t i = 0; i < options_len; i++)
		put(bytes, tcp_options.data[i], 1);
	if (one_in(2))
		put_random(bytes, below(40));
}

static void put_ipv6_address(struct bytes *bytes)
{
	put(bytes, loopback || one_in(2) ? 0 : UINT64_C(0x20010db800000000), 8);
	put(bytes, loopback ? 1 : below(3), 8);
}

static void put_ip(struct bytes *bytes, bool ipv6)
{
	struct bytes tcp = {.len = 0};

	put_tcp(&tcp);
	if (ipv6) {
		put(bytes, 0x60000000, 4);
		put(bytes, tcp.len, 2);
		put(bytes, 0x0640, 2);
		put_ipv6_address(bytes);
		put_ipv6_address(bytes);
	} else {
		put(bytes, 0x4500, 2);
		put(bytes, 20 + tcp.len, 2);
		put(bytes, one_in(2) ? 0x00014000 : 0, 4);
		put(bytes, 0x4006, 2);
		put_random(bytes, 2);
		put(bytes, loopback ? 0x7f000001 : 0x0a000000 + below(2), 4);
		put(bytes, loopback ? 0x7f000001 : 0xc0a800ff + below(2), 4);
	}
	for (size_t i = 0; i < tcp.len; i++)
		put(bytes, tcp.data[i], 1);
}

static int put_link(struct bytes *bytes, uint16_t type)
{
	const uint16_t hardware = one_in(8) ? COOKED_RADIOTAP : 1;

	switch (below(4)) {
	case 0:
		put(bytes, 0, 2);
		put(bytes, hardware, 2);
		put(bytes, 0, 10);
		put(bytes, type, 2);
		return DLT_LINUX_SLL;
	case 1:
		put(bytes, type, 2);
		put(bytes, 0x000000000001, 6); /* the first interface */
		put(bytes, hardware, 2);
		put(bytes, below(6) << 8, 2);
		put(bytes, 0, 8);
		return DLT_LINUX_SLL2;
	default:
		put(bytes, 0, 12);
		put(bytes, type, 2);
		return DLT_EN10MB;
	}
}

static int put_packet(struct bytes *bytes)
{
	bool ipv6 = one_in(3);
	int link_type;

	*bytes = (struct bytes){.len = 0};
	link_type = put_link(bytes, ipv6 ? ETHER_IPV6 : ETHER_IPV4);
	put_ip(bytes, ipv6);
	return link_type;
}

static bool is_usual(struct line *line, const struct packet *packet)
{
	struct walk walk = {
	    .line = line,
	    .options = &options,
	    .out = &usual_out,
	    .captured = packet->bytes,
	    .wire_len = packet->wire_len,
	};
	bool usual = line_usual(&walk, packet);

	usual_out.len = 0;
	return usual;
}

static void compare(struct line *usual, struct line *whole, const struct packet *packet)
{
	const struct packet_view view = {.packet = packet};

	line_print(usual, view.packet, &usual_out);
	line_print(whole, view.packet, &whole_out);
	out_char(&usual_out, '\0');
	out_char(&whole_out, '\0');
	assert_string_equal(usual_out.text, whole_out.text);
	usual_out.len = 0;
	whole_out.len = 0;
}

/* Some bytes become others, the end is cut off, or there were more bytes on the wire. */
static void spoil(struct bytes *bytes, uint32_t *wire_len)
{
	for (unsigned count = below(3); count; count--)
		bytes->data[below((unsigned)bytes->len)] = (uint8_t)random();
	if (one_in(3))
		bytes->len = 1 + below((unsigned)bytes->len);
	if (one_in(3))
		*wire_len += below(20);
}

/* A line that notes, and one that prints what it is told. */
struct pair {
	struct line *notes, *prints;
	unsigned texts;
};

static void compare_noted(struct pair *pair, struct line *whole, const struct packet *packet)
{
	struct line_note note;

	line_print(whole, packet, &whole_out);
	memset(&note, 0xff, sizeof(note));
	line_note(pair->notes, packet, &text_out, &note);
	pair->texts += !note.address_len;
	line_print_noted(pair->prints, &note, &noted_out);
	out_char(&whole_out, '\0');
	out_char(&noted_out, '\0');
	assert_string_equal(noted_out.text, whole_out.text);
	whole_out.len = 0;
	noted_out.len = 0;
}

static void random_packets(void)
{
	struct line *usual = line_create(&options), *whole = line_create(&options), *asked = line_create(&options);
	struct line *twice = line_create(&options);
	struct pair pair = {.notes = line_create(&options), .prints = line_create_printer(&options)};
	unsigned count = 0;

	assert_true(usual && whole && asked && twice && pair.notes && pair.prints);
	assert_true(usual->usual);
	whole->usual = false;
	twice->usual = false;
	for (unsigned i = 0; i < PACKETS; i++) {
		struct bytes bytes;
		int link_type = put_packet(&bytes);
		uint32_t wire_len = (uint32_t)bytes.len;
		uint8_t *copy;

		if (!loopback && one_in(2))
			spoil(&bytes, &wire_len);
		/* at a block's end, so that a sanitizer sees who reads past it */
		copy = malloc(bytes.len);
		assert_non_null(copy);
		memcpy(copy, bytes.data, bytes.len);
		struct packet packet = {
		    .number = i + 1,
		    .link_type = link_type,
		    .bytes = ws_span_of(copy, bytes.len),
		    .wire_len = wire_len,
		};

		count += is_usual(asked, &packet);
		compare(usual, whole, &packet);
		if (line_can_note(pair.notes))
			compare_noted(&pair, twice, &packet);
		free(copy);
	}
	/* neither none nor all */
	assert_in_range(count, PACKETS / 4, PACKETS / 8 * 7);
	line_destroy(usual);
	line_destroy(whole);
	line_destroy(asked);
	if (line_can_note(pair.notes))
		assert_int_equal(pair.texts, PACKETS - count);
	line_destroy(twice);
	line_destroy(pair.notes);
	line_destroy(pair.prints);
}

static void same_lines(void **state)
{
	(void)state;
	random_packets();
}

/* The dump begins behind the link layer's header, as far as that was found. */
static void same_dumps(void **state)
{
	(void)state;
	options.ascii = 1;
	random_packets();
	options.ascii = 0;
}

static void same_absolute_numbers(void **state)
{
	(void)state;
	options.absolute_seq = 1;
	random_packets();
	options.absolute_seq = 0;
}

static void same_names(void **state)
{
	(void)state;
	options.no_names = 0;
	loopback = true;
	random_packets();
	loopback = false;
	options.no_names = 1;
}

/* What it does not know it is not asked for. */
static void not_under_other_options(void **state)
{
	(void)state;
	assert_true(line_usual_asked(&options));
	options.verbose = 1;
	assert_false(line_usual_asked(&options));
	options.verbose = 0;
	options.quiet = 1;
	assert_false(line_usual_asked(&options));
	options.quiet = 0;
	options.link_header = 1;
	assert_false(line_usual_asked(&options));
	options.link_header = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(same_lines),
	    cmocka_unit_test(same_dumps),
	    cmocka_unit_test(same_absolute_numbers),
	    cmocka_unit_test(same_names),
	    cmocka_unit_test(not_under_other_options),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
