#include "layers_script.h"

#include "test.h"

uint8_t bytes[4096];
size_t length;

struct link link_layer;
struct ip ip;
struct tcp tcp;

void begin(void)
{
	length = 0;
}

void u8(unsigned value)
{
	bytes[length++] = (uint8_t)value;
}

void u16(unsigned value)
{
	u8(value >> 8);
	u8(value & 0xff);
}

void u32(uint32_t value)
{
	u16(value >> 16);
	u16(value & 0xffff);
}

void zeroes(size_t count)
{
	memset(bytes + length, 0, count);
	length += count;
}

void ethernet(unsigned type)
{
	zeroes(12);
	u16(type);
}

void ipv4(unsigned words, unsigned total, unsigned fragment, unsigned protocol)
{
	u8(0x40 | words);
	u8(0);
	u16(total);
	u16(0x1234);
	u16(fragment);
	u8(64);
	u8(protocol);
	u16(0);
	u32(0x0a000001);
	u32(0x0a000002);
	zeroes(words > 5 ? (words - 5) * 4 : 0);
}

void ipv6(unsigned payload, unsigned next)
{
	u32(0x60000000);
	u16(payload);
	u8(next);
	u8(64);
	zeroes(15);
	u8(1);
	zeroes(15);
	u8(2);
}

void tcp_header(unsigned words, unsigned flags)
{
	u16(1234);
	u16(7272);
	u32(1000);
	u32(2000);
	u16(words << 12 | flags);
	u16(501);
	u16(0xabcd);
	u16(7);
}

void text(const char *what)
{
	memcpy(bytes + length, what, strlen(what));
	length += strlen(what);
}

void parse_cut(int link_type, size_t captured, uint32_t wire_len)
{
	struct packet packet = {.wire_len = wire_len, .link_type = link_type, .bytes = ws_span_of(bytes, captured)};

	link_parse(&packet, &link_layer);
	ip_parse(&link_layer, &ip);
	tcp_parse(&ip, &tcp);
}

void parse(int link_type)
{
	parse_cut(link_type, length, (uint32_t)length);
}

void expect_payload(const char *what)
{
	assert_int_equal(tcp.status, LAYER_OK);
	assert_int_equal(tcp.payload.len, strlen(what));
	assert_memory_equal(tcp.payload.data, what, strlen(what));
	assert_int_equal(tcp.payload_len, strlen(what));
}
