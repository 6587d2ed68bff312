/* link, ip and tcp, of packets that are wrong or cut off: which of the two, at each byte. */
#include "test.h"

#include "layers_script.h"

#include <pcap/dlt.h>

static void headers_that_contradict_themselves(void **state)
{
	(void)state;
	begin();
	ipv4(4, 44, 0, 6);
	zeroes(30);
	parse(DLT_RAW);
	assert_int_equal(ip.status, LAYER_BAD);

	begin();
	ipv4(5, 19, 0, 6);
	zeroes(30);
	parse(DLT_RAW);
	assert_int_equal(ip.status, LAYER_BAD);

	begin();
	u8(0x45);
	zeroes(10);
	parse(DLT_RAW); /* the whole packet is shorter than a header */
	assert_int_equal(ip.status, LAYER_BAD);

	begin();
	ipv4(5, 44, 0, 6);
	tcp_header(4, 0);
	text("data");
	parse(DLT_RAW);
	assert_int_equal(tcp.status, LAYER_BAD);

	begin();
	ipv4(5, 40, 0, 6);
	tcp_header(6, 0);
	parse(DLT_RAW);
	assert_int_equal(tcp.status, LAYER_BAD);

	begin();
	ipv6(4, 60);
	u16(6 << 8);
	zeroes(30);
	parse(DLT_RAW); /* the extension header is longer than the packet */
	assert_int_equal(ip.status, LAYER_BAD);
}

/* What is cut off is told from what is wrong, at each possible byte. */
static void cut_at_each_byte(void **state)
{
	(void)state;
	begin();
	ethernet(0x8100);
	u32(0x00050800);
	ipv4(6, 56, 0, 6);
	tcp_header(7, 0x18);
	u32(0x01010101);
	u32(0x01010101);
	text("data");
	for (size_t captured = 0; captured <= length; captured++) {
		parse_cut(DLT_EN10MB, captured, (uint32_t)length);
		assert_int_equal(link_layer.status, captured < 18 ? LAYER_TRUNCATED : LAYER_OK);
		if (captured < 18)
			continue;
		assert_int_equal(ip.status, captured < 42 ? LAYER_TRUNCATED : LAYER_OK);
		if (captured < 42)
			continue;
		assert_int_equal(tcp.status, captured < 62 ? LAYER_TRUNCATED : LAYER_OK);
		if (captured < 62)
			continue;
		assert_int_equal(tcp.options.len, captured < 70 ? captured - 62 : 8);
		assert_int_equal(tcp.payload.len, captured < 70 ? 0 : captured - 70);
		assert_int_equal(tcp.payload_len, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_that_contradict_themselves),
	    cmocka_unit_test(cut_at_each_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
