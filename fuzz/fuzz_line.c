/* tcpdump's line and dump. Two bytes choose the options, one the link type, one how much longer the packet was on the
 * wire than what was captured; the rest is the packet. It is printed twice, so that the second line has relative
 * numbers. What comes out ends its line, and nothing in it drives a terminal. */
#include "wscap/line.h"
#include "wscap/options.h"

#include <pcap/dlt.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int link_types[] = {DLT_EN10MB,     DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL,      DLT_LOOP,
				 DLT_RAW,        DLT_IPV4,      DLT_IPV6,       DLT_NFLOG,     DLT_PPP,
				 DLT_PPP_SERIAL, DLT_PPP_ETHER, DLT_C_HDLC,     DLT_IEEE802_11};

enum {
	OPTION_BYTES = 4,
};

/* Never with names: nobody is asked who an address of the fuzzer's is. */
static void choose_options(const uint8_t *data, struct options *options)
{
	static const enum time_style times[] = {TIME_OF_DAY, TIME_EPOCH, TIME_DELTA, TIME_SINCE_FIRST};

	options_init(options);
	options->no_names = 1;
	options->verbose = data[0] & 3;
	options->link_header = data[0] & 4;
	options->quiet = data[0] & 8;
	options->absolute_seq = data[0] & 16;
	options->no_checksums = data[0] & 32;
	options->numbers = data[0] & 64;
	options->nanoseconds = data[0] & 128;
	options->ascii = data[1] & 3;
	options->hex = data[1] >> 2 & 3;
	options->hex_ascii = data[1] >> 4 & 3;
	options->time = times[data[1] >> 6];
}

static void check_harmless(const struct out *out)
{
	if (out->len == 0 || out->text[out->len - 1] != '\n')
		abort();
	for (size_t i = 0; i < out->len; i++) {
		char c = out->text[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c > '~')
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet packet = {.number = 1, .time = 1700000000123456789};
	struct packet_view view = {.packet = &packet};
	struct options options;
	struct line *line;
	struct out out;

	if (size < OPTION_BYTES)
		return 0;
	choose_options(data, &options);
	packet.link_type = link_types[data[2] % (sizeof(link_types) / sizeof(link_types[0]))];
	packet.bytes = ws_span_of(data + OPTION_BYTES, size - OPTION_BYTES);
	packet.wire_len = (uint32_t)packet.bytes.len + data[3];
	line = line_create(&options);
	if (!line || out_init(&out, -1) < 0)
		abort();
	for (; packet.number <= 2; packet.number++) {
		line_print(line, view.packet, &out);
		check_harmless(&out);
	}
	out_finish(&out);
	line_destroy(line);
	options_finish(&options);
	return 0;
}
