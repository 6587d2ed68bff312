/* Link, IP and TCP headers. The first byte chooses the link type, the second how much longer the packet was on the wire
 * than what was captured. Whatever a layer gives on lies within what it was given. */
#include "wscap/tcp.h"

#include <pcap/dlt.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int link_types[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL, DLT_LOOP,
				 DLT_RAW,    DLT_IPV4,      DLT_IPV6,       147};

static void check_within(struct ws_span part, struct ws_span whole)
{
	if (part.len && (part.data < whole.data || part.data + part.len > whole.data + whole.len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet packet = {.number = 1};
	struct link link;
	struct ip ip;
	struct tcp tcp;
	uint32_t value, echo;
	uint16_t mss;
	uint8_t shift;

	if (size < 2)
		return 0;
	packet.link_type = link_types[data[0] % (sizeof(link_types) / sizeof(link_types[0]))];
	packet.bytes = ws_span_of(data + 2, size - 2);
	packet.wire_len = (uint32_t)packet.bytes.len + data[1];
	link_parse(&packet, &link);
	if (link.status != LAYER_OK)
		return 0;
	check_within(link.payload, packet.bytes);
	ip_parse(&link, &ip);
	if (ip.status != LAYER_OK)
		return 0;
	check_within(ip.payload, link.payload);
	tcp_parse(&ip, &tcp);
	if (tcp.status != LAYER_OK)
		return 0;
	check_within(tcp.options, ip.payload);
	check_within(tcp.payload, ip.payload);
	if (tcp.payload.len > tcp.payload_len)
		abort();
	tcp_option_timestamps(&tcp, &value, &echo);
	tcp_option_window_scale(&tcp, &shift);
	tcp_option_mss(&tcp, &mss);
	return 0;
}
