/* Who may reach the chat: origins, what proxies say, connections of one address. */
#include "test.h"

#include <stdio.h>

#include "failmalloc.h"
#include "wschat/addresses.h"
#include "wschat/origin.h"
#include "wschat/proxy.h"

static struct options options;

/* A request with these fields, whole lines. */
static void request_of(const char *fields, char text[static 1024], struct ws_http_head *ret)
{
	int len = snprintf(text, 1024, "GET / HTTP/1.1\r\n%s\r\n", fields);

	assert_true(len > 0 && len < 1024);
	assert_int_equal(ws_http_head_parse(ws_span_of(text, (size_t)len), ret), len);
}

static bool allowed(const char *fields)
{
	struct ws_http_head request;
	char text[1024];

	request_of(fields, text, &request);
	return origin_allowed(&options, &request);
}

static void test_its_own_origin(void **state)
{
	(void)state;
	options = (struct options){0};
	assert_true(allowed("Host: chat.example.org\r\n")); /* no browser's */
	assert_true(allowed("Host: chat.example.org\r\nOrigin: http://chat.example.org\r\n"));
	assert_true(allowed("Host: chat.example.org:7272\r\nOrigin: https://CHAT.example.org:55151\r\n"));
	assert_true(allowed("Host: [::1]:7272\r\nOrigin: http://[::1]:55151\r\n"));
	assert_false(allowed("Host: [::1]:7272\r\nOrigin: http://[::2]:55151\r\n"));
	assert_false(allowed("Host: chat.example.org\r\nOrigin: https://evil.example\r\n"));
	assert_false(allowed("Host: chat.example.org\r\nOrigin: https://chat.example.org.evil.example\r\n"));
	assert_false(allowed("Host: chat.example.org\r\nOrigin: https://evil.example/chat.example.org\r\n"));
	assert_false(allowed("Host: chat.example.org\r\nOrigin: null\r\n"));
	assert_false(allowed("Host: chat.example.org\r\nOrigin:\r\n"));
	assert_false(allowed("Host:\r\nOrigin:\r\n"));
	assert_false(allowed("Host: a\r\nOrigin: http://a\r\nOrigin: http://b\r\n"));
}

static void test_other_origins(void **state)
{
	(void)state;
	options = (struct options){.origins = {.at = {"https://*.example.org", "http://localhost:3000"}, .count = 2}};
	assert_true(allowed("Host: x\r\nOrigin: https://a.example.org\r\n"));
	assert_true(allowed("Host: x\r\nOrigin: HTTP://LOCALHOST:3000\r\n"));
	assert_false(allowed("Host: x\r\nOrigin: http://localhost:3001\r\n"));
	assert_false(allowed("Host: x\r\nOrigin: https://example.org\r\n"));
	assert_false(allowed("Host: x\r\nOrigin: https://a.example.org.evil\r\n"));
}

static void trust(const char *text)
{
	assert_true(proxy_parse(text, &options.proxies[options.proxy_count++]));
}

static const char *client_of(const char *fields)
{
	static char text[ADDRESS_TEXT_MAX];
	struct ws_http_head request;
	uint8_t address[16];
	char head[1024];

	request_of(fields, head, &request);
	return proxy_client_address(&options, &request, address) ? address_text(address, text) : "nobody";
}

static void test_proxies(void **state)
{
	(void)state;
	options = (struct options){0};
	trust("10.0.0.0/8");
	trust("192.0.2.1");
	trust("2001:db8::/33");
	assert_string_equal(client_of(""), "nobody");
	assert_string_equal(client_of("X-Forwarded-For:\r\n"), "nobody");
	assert_string_equal(client_of("X-Forwarded-For: 203.0.113.7\r\n"), "203.0.113.7");
	assert_string_equal(client_of("X-Forwarded-For: 1.2.3.4, 203.0.113.7\r\n"), "203.0.113.7");
	assert_string_equal(client_of("X-Forwarded-For: 1.2.3.4\r\nx-forwarded-for: 203.0.113.7\r\n"), "203.0.113.7");
	assert_string_equal(client_of("X-Forwarded-For: 203.0.113.7, 10.1.2.3, 192.0.2.1\r\n"), "203.0.113.7");
	assert_string_equal(client_of("X-Forwarded-For: 203.0.113.7, 192.0.2.2\r\n"), "192.0.2.2");
	assert_string_equal(client_of("X-Forwarded-For: 203.0.113.7:4711\r\n"), "203.0.113.7");
	assert_string_equal(client_of("X-Forwarded-For: [2001:db8:ffff::1]:4711\r\n"), "2001:db8:ffff::1");
	assert_string_equal(client_of("X-Forwarded-For: 2001:db9::1, 2001:db8:7fff::1\r\n"), "2001:db9::1");
	assert_string_equal(client_of("X-Forwarded-For: 10.0.0.1\r\n"), "10.0.0.1");
	assert_string_equal(client_of("X-Forwarded-For: unknown\r\n"), "nobody");
	assert_string_equal(client_of("X-Forwarded-For: 203.0.113.7, unknown\r\n"), "nobody");
	assert_string_equal(client_of("X-Forwarded-For: [::1\r\n"), "::1");
	assert_string_equal(client_of("X-Forwarded-For: 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22\r\n"),
			    "nobody");
}

static void test_networks(void **state)
{
	static const char *const wrong[] = {"",         "x",           "10.0.0.0/",      "10.0.0.0/33", "10.0.0.0/-1",
					    "10.0.0/8", "10.0.0.0/8x", "2001:db8::/129", "/8",          "10.0.0.0/8/8"};
	struct network network;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (proxy_parse(wrong[i], &network))
			fail_msg("'%s' is no network", wrong[i]);
	assert_true(proxy_parse("0.0.0.0/0", &network));
	assert_int_equal(network.bits, 96);
	assert_true(proxy_parse("::/0", &network));
	assert_int_equal(network.bits, 0);
}

static const uint8_t *v4(uint8_t last)
{
	static uint8_t address[16] = {[10] = 0xff, [11] = 0xff, 192, 0, 2};

	address[15] = last;
	return address;
}

static const uint8_t *v6(uint8_t network, uint8_t host)
{
	static uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8};

	address[7] = network;
	address[15] = host;
	return address;
}

static void test_addresses(void **state)
{
	struct addresses *addresses = addresses_create(2);

	(void)state;
	assert_non_null(addresses);
	assert_true(addresses_take(addresses, v4(1)));
	assert_true(addresses_take(addresses, v4(1)));
	assert_false(addresses_take(addresses, v4(1)));
	assert_true(addresses_take(addresses, v4(2)));
	addresses_give_back(addresses, v4(1));
	assert_true(addresses_take(addresses, v4(1)));
	/* Of IPv6, a /64 is one. */
	assert_true(addresses_take(addresses, v6(1, 1)));
	assert_true(addresses_take(addresses, v6(1, 2)));
	assert_false(addresses_take(addresses, v6(1, 3)));
	assert_true(addresses_take(addresses, v6(2, 3)));
	addresses_give_back(addresses, v4(9)); /* nobody's */
	addresses_destroy(addresses);
	addresses = addresses_create(0);
	for (int i = 0; i < 1000; i++)
		assert_true(addresses_take(addresses, v4(1)));
	addresses_destroy(addresses);
}

/* Who cannot be counted is not let in, and is not owed for. */
static void test_addresses_without_memory(void **state)
{
	(void)state;
	for (long n = 0;; n++) {
		struct addresses *addresses;
		bool taken = false;

		failmalloc_after(n);
		addresses = addresses_create(1);
		if (addresses)
			taken = addresses_take(addresses, v4(1));
		failmalloc_after(-1);
		if (addresses && !taken)
			assert_true(addresses_take(addresses, v4(1)));
		addresses_destroy(addresses);
		if (taken)
			break;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_its_own_origin), cmocka_unit_test(test_other_origins),
	    cmocka_unit_test(test_proxies),        cmocka_unit_test(test_networks),
	    cmocka_unit_test(test_addresses),      cmocka_unit_test(test_addresses_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
