/* link, ip and tcp: from a captured packet to a segment's payload. */
#include "test.h"

#include "layers_script.h"

#include <pcap/dlt.h>

static void every_link_type_leads_to_tcp(void **state)
{
	static const struct {
		int link_type;
		size_t header;
		uint8_t family[20];
	} headers[] = {
	    {DLT_EN10MB, 14, {[12] = 0x08, 0x00}},
	    {DLT_EN10MB, 18, {[12] = 0x81, 0x00, 0x00, 0x05, 0x08, 0x00}},
	    {DLT_LINUX_SLL, 16, {[14] = 0x08, 0x00}},
	    {DLT_LINUX_SLL, 20, {[14] = 0x81, 0x00, 0x00, 0x05, 0x08, 0x00}},
	    {DLT_LINUX_SLL2, 20, {0x08, 0x00}},
	    {DLT_NULL, 4, {2, 0, 0, 0}},
	    {DLT_NULL, 4, {0, 0, 0, 2}},
	    {DLT_LOOP, 4, {0, 0, 0, 2}},
	    {DLT_RAW, 0, {0}},
	    {DLT_IPV4, 0, {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		assert_true(link_known(headers[i].link_type));
		begin();
		memcpy(bytes, headers[i].family, headers[i].header);
		length = headers[i].header;
		ipv4(5, 44, 0, 6);
		tcp_header(5, 0x18);
		text("data");
		parse(headers[i].link_type);
		expect_payload("data");
		assert_int_equal(link_layer.header_len, headers[i].header);
		assert_int_equal(link_layer.ether_type, 0x0800);
		assert_int_equal(tcp.src_port, 1234);
		assert_int_equal(tcp.dst_port, 7272);
		assert_int_equal(tcp.seq, 1000);
		assert_int_equal(tcp.ack, 2000);
		assert_int_equal(tcp.flags, TCP_PSH | TCP_ACK);
		assert_int_equal(tcp.window, 501);
		assert_int_equal(tcp.checksum, 0xabcd);
		assert_int_equal(tcp.urgent, 7);
	}
	assert_true(link_known(DLT_IEEE802_11)); /* in tunnel.c */
	assert_false(link_known(DLT_USB_LINUX));
}

static void ipv6_families(void **state)
{
	static const uint8_t families[] = {24, 28, 30};

	(void)state;
	for (size_t i = 0; i < sizeof(families); i++) {
		begin();
		u8(families[i]);
		zeroes(3);
		ipv6(24, 6);
		tcp_header(5, 0x18);
		text("data");
		parse(DLT_NULL);
		expect_payload("data");
		assert_int_equal(ip.src[15], 1);
		assert_int_equal(ip.dst[15], 2);
	}
	begin();
	u32(16); /* AppleTalk */
	zeroes(40);
	parse(DLT_LOOP);
	assert_int_equal(link_layer.status, LAYER_OTHER);
}

static void vlan_tags(void **state)
{
	(void)state;
	for (unsigned tags = 1; tags <= LINK_VLAN_MAX + 1; tags++) {
		begin();
		ethernet(tags % 2 ? 0x88a8 : 0x9100);
		for (unsigned i = 1; i < tags; i++)
			u32(0x00058100);
		u32(0x00050800);
		ipv4(5, 44, 0, 6);
		tcp_header(5, 0x18);
		text("data");
		parse(DLT_EN10MB);
		if (tags > LINK_VLAN_MAX) {
			assert_int_equal(link_layer.status, LAYER_OTHER);
			continue;
		}
		assert_int_equal(link_layer.vlan_count, tags);
		expect_payload("data");
	}
}

static void what_is_not_followed(void **state)
{
	(void)state;
	begin();
	ethernet(0x0806);
	zeroes(28);
	parse(DLT_EN10MB);
	assert_int_equal(link_layer.status, LAYER_OTHER);
	assert_int_equal(link_layer.ether_type, 0x0806);
	assert_int_equal(link_layer.payload.len, 28);
	assert_int_equal(ip.status, LAYER_OTHER);
	assert_int_equal(tcp.status, LAYER_OTHER);

	begin();
	ethernet(0x0800); /* says version 4, but is 6 */
	ipv6(20, 6);
	tcp_header(5, 0);
	parse(DLT_EN10MB);
	assert_int_equal(ip.status, LAYER_OTHER);
	assert_int_equal(ip.version, 0);

	begin();
	ipv4(5, 28, 0, 17);
	zeroes(8);
	parse(DLT_RAW);
	assert_int_equal(ip.status, LAYER_OTHER);
	assert_int_equal(ip.protocol, 17);
	assert_int_equal(tcp.status, LAYER_OTHER);

	begin();
	u8(0x50);
	zeroes(30);
	parse(DLT_RAW);
	assert_int_equal(link_layer.status, LAYER_OTHER);
	parse(DLT_IEEE802_11);
	assert_int_equal(link_layer.status, LAYER_OTHER);
	assert_int_equal(link_layer.header_len, 0);
}

static void padding_is_no_payload(void **state)
{
	(void)state;
	begin();
	ethernet(0x0800);
	ipv4(5, 41, 0, 6);
	tcp_header(5, 0x18);
	text("d");
	zeroes(5);
	parse(DLT_EN10MB);
	expect_payload("d");
}

static void offload_has_no_length(void **state)
{
	(void)state;
	begin();
	ipv4(5, 0, 0, 6);
	tcp_header(5, 0x18);
	text("offloaded");
	parse(DLT_RAW);
	expect_payload("offloaded");
	begin();
	ipv6(0, 6);
	tcp_header(5, 0x18);
	text("offloaded");
	parse(DLT_RAW);
	expect_payload("offloaded");
}

static void ipv4_options_and_fragments(void **state)
{
	(void)state;
	begin();
	ipv4(15, 84, 0x2000, 6);
	tcp_header(5, 0x18);
	text("data");
	parse(DLT_RAW);
	expect_payload("data");
	assert_int_equal(ip.header_len, 60);
	assert_int_equal(ip.id, 0x1234);
	assert_true(ip.fragment && ip.more_fragments);

	begin();
	ipv4(5, 44, 0x2003, 6);
	tcp_header(5, 0x18);
	text("data");
	parse(DLT_RAW);
	assert_int_equal(ip.status, LAYER_OK);
	assert_int_equal(ip.fragment_offset, 24);
	assert_int_equal(tcp.status, LAYER_OTHER);

	begin();
	ipv4(5, 44, 0x4000, 6); /* don't fragment */
	zeroes(24);
	parse(DLT_RAW);
	assert_false(ip.fragment);
}

static void ipv6_extension_headers(void **state)
{
	(void)state;
	begin();
	ipv6(8 + 8 + 24 + 12 + 8 + 24, 0);
	u16(60 << 8); /* hop by hop; next: destination options */
	u32(0x01040000);
	zeroes(2);
	u16(43 << 8); /* next: routing */
	u32(0x01040000);
	zeroes(2);
	u16(51 << 8 | 2); /* routing, 24 bytes; next: authentication */
	zeroes(22);
	u16(44 << 8 | 1); /* authentication, 12 bytes; next: fragment */
	zeroes(10);
	u16(6 << 8); /* fragment; next: TCP */
	u16(1);
	u32(99);
	tcp_header(5, 0x18);
	text("data");
	parse(DLT_RAW);
	expect_payload("data");
	assert_int_equal(ip.header_len, 40 + 8 + 8 + 24 + 12 + 8);
	assert_true(ip.fragment && ip.more_fragments);

	begin();
	ipv6(8 + 24, 44);
	u16(6 << 8);
	u16(8);
	u32(99);
	tcp_header(5, 0x18);
	text("data");
	parse(DLT_RAW);
	assert_int_equal(ip.fragment_offset, 8);
	assert_int_equal(tcp.status, LAYER_OTHER);
}

static void options_by_value(void **state)
{
	static const uint8_t all[] = {2, 4, 5, 0xb4, 1, 3, 3, 20, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 8};
	static const uint8_t bad[] = {3, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
	static const uint8_t behind_end[] = {1, 0, 3, 3, 7};
	static const uint8_t short_one[] = {2, 3, 5, 3, 3, 7};
	uint32_t value, echo;
	uint16_t mss;
	uint8_t shift;

	(void)state;
	tcp.options = ws_span_of(all, sizeof(all));
	assert_true(tcp_option_mss(&tcp, &mss));
	assert_int_equal(mss, 1460);
	assert_true(tcp_option_window_scale(&tcp, &shift));
	assert_int_equal(shift, 14);
	assert_true(tcp_option_timestamps(&tcp, &value, &echo));
	assert_int_equal(value, 1);
	assert_int_equal(echo, 2);
	for (size_t cut = 0; cut < 18; cut++) {
		tcp.options = ws_span_of(all, cut);
		assert_false(tcp_option_timestamps(&tcp, &value, &echo));
		assert_int_equal(tcp_option_mss(&tcp, &mss), cut >= 4);
	}
	tcp.options = ws_span_of(bad, sizeof(bad));
	assert_false(tcp_option_window_scale(&tcp, &shift));
	assert_false(tcp_option_timestamps(&tcp, &value, &echo));
	tcp.options = ws_span_of(behind_end, sizeof(behind_end));
	assert_false(tcp_option_window_scale(&tcp, &shift));
	tcp.options = ws_span_of(short_one, sizeof(short_one));
	assert_false(tcp_option_mss(&tcp, &mss));
	assert_true(tcp_option_window_scale(&tcp, &shift));
	assert_int_equal(shift, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_link_type_leads_to_tcp),
	    cmocka_unit_test(ipv6_families),
	    cmocka_unit_test(vlan_tags),
	    cmocka_unit_test(what_is_not_followed),
	    cmocka_unit_test(padding_is_no_payload),
	    cmocka_unit_test(offload_has_no_length),
	    cmocka_unit_test(ipv4_options_and_fragments),
	    cmocka_unit_test(ipv6_extension_headers),
	    cmocka_unit_test(options_by_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
