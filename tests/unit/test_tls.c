/* TLS's pure parts: the key schedules by their vectors, key logs, hellos, records' headers. */
#include "test.h"

#include "wscap/tls_hello.h"
#include "wscap/tls_keyring.h"
#include "wscap/tls_record.h"

static size_t unhex(const char *hex, uint8_t *to)
{
	size_t count = 0;

	for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		to[count++] = (uint8_t)byte;
	return count;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
	uint8_t expected[1024];
	size_t len = unhex(hex, expected);

	assert_memory_equal(bytes, expected, len);
}

static struct tls_secret secret_of(const char *hex)
{
	struct tls_secret secret;

	secret.len = (uint8_t)unhex(hex, secret.bytes);
	return secret;
}

/* RFC 8448, section 3: "Simple 1-RTT Handshake". */
static void test_rfc_8448(void **state)
{
	const struct tls_suite *suite = tls_suite_find(0x1301);
	struct tls_secret server = secret_of("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
	struct tls_secret client = secret_of("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21");
	struct tls_secret traffic = secret_of("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
	struct tls_keys keys;

	(void)state;
	assert_true(tls_keys_13(suite, &server, &keys));
	assert_hex(keys.key, "3fce516009c21727d0f2e4e86ee403bc");
	assert_hex(keys.iv, "5d313eb2671276ee13000b30");
	assert_true(tls_keys_13(suite, &client, &keys));
	assert_hex(keys.key, "dbfaa693d1762c5b666af5d950258d01");
	assert_hex(keys.iv, "5bd3c71b836e0b76bb73265f");
	assert_true(tls_keys_13(suite, &traffic, &keys));
	assert_hex(keys.key, "17422dda596ed5d9acd890e3c63f5051");
	assert_hex(keys.iv, "5b78923dee08579033e523d9");
}

/* The same section: the client's Finished, and its application data, as they stood on the wire. */
static void test_rfc_8448_records(void **state)
{
	const struct tls_suite *suite = tls_suite_find(0x1301);
	struct tls_secret secret = secret_of("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
	struct tls_header header;
	struct tls_opener opener;
	struct tls_keys keys;
	uint8_t record[128], content[128], type;
	size_t len =
	    unhex("1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e"
		  "2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4",
		  record);

	(void)state;
	assert_true(tls_keys_13(suite, &secret, &keys));
	assert_true(tls_opener_init(&opener, suite, false, &keys));
	assert_int_equal(tls_header_parse(ws_span_of(record, len), &header), TLS_HEADER_LEN);
	assert_int_equal(header.len, len - TLS_HEADER_LEN);
	assert_int_equal(tls_opener_open(&opener, 0, &header, ws_span_of(record + 5, len - 5), content, &type), 50);
	assert_int_equal(type, TLS_APPLICATION_DATA);
	for (uint8_t i = 0; i < 50; i++)
		assert_int_equal(content[i], i);
	assert_int_equal(tls_opener_open(&opener, 1, &header, ws_span_of(record + 5, len - 5), content, &type),
			 WS_E_SYNTAX);
	for (size_t bit = 5 * 8; bit < len * 8; bit += 7) {
		record[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(tls_opener_open(&opener, 0, &header, ws_span_of(record + 5, len - 5), content, &type),
				 WS_E_SYNTAX);
		record[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	tls_opener_finish(&opener);
}

/* The well-known vector of TLS 1.2's PRF with SHA-256 (from the IETF's TLS mailing list). */
static void test_prf(void **state)
{
	uint8_t secret[16], seed[16], found[100];

	(void)state;
	unhex("9bbe436ba940f017b17652849a71db35", secret);
	unhex("a0ba9f936cda311827a6f796ffd5198c", seed);
	assert_true(tls_prf(TLS_SHA256, ws_span_of(secret, 16), "test label", ws_span_of(seed, 16), found, 100));
	assert_hex(found,
		   "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0f"
		   "a022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff7018734"
		   "7b66");
}

static void test_suites(void **state)
{
	(void)state;
	assert_null(tls_suite_find(0x0000));
	assert_null(tls_suite_find(0x0001)); /* it does not encrypt */
	assert_null(tls_suite_find(0xffff));
	for (unsigned number = 0; number <= UINT16_MAX; number++) {
		const struct tls_suite *suite = tls_suite_find((uint16_t)number);
		struct tls_keys keys = {0};
		struct tls_opener opener;

		if (!suite)
			continue;
		assert_int_equal(suite->number, number);
		assert_int_equal(!suite->mac, tls_suite_cipher(suite)->mode != TLS_MODE_CBC);
		assert_true(tls_opener_init(&opener, suite, false, &keys));
		tls_opener_finish(&opener);
	}
}

#define RANDOM "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define SECRET "0f0e0d0c0b0a090807060504030201000f0e0d0c0b0a09080706050403020100"
#define MASTER SECRET "0f0e0d0c0b0a09080706050403020100"

static const char keylog[] = "# a comment\r\n"
			     "\n"
			     "CLIENT_RANDOM " RANDOM " " MASTER "\n"
			     "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " SECRET "\r\n"
			     "EXPORTER_SECRET " RANDOM " " SECRET "\n"
			     "CLIENT_TRAFFIC_SECRET_N " RANDOM " " SECRET "\n"
			     "RSA 0123456789abcdef " MASTER "\n"
			     "CLIENT_RANDOM " RANDOM " " SECRET "\n" /* too short */
			     "SERVER_TRAFFIC_SECRET_0 " RANDOM " " SECRET " more\n"
			     "SERVER_TRAFFIC_SECRET_0 " RANDOM " zz" SECRET "\n"
			     "who are you\n"
			     "SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM " " MASTER;

static void assert_read(const struct tls_keyring *ring)
{
	struct tls_keyring_stats stats;
	struct tls_secret secret;
	uint8_t random[TLS_RANDOM_LEN];

	unhex(RANDOM, random);
	assert_true(tls_keyring_find(ring, TLS_LABEL_MASTER, random, &secret));
	assert_int_equal(secret.len, 48);
	assert_hex(secret.bytes, MASTER);
	assert_true(tls_keyring_find(ring, TLS_LABEL_CLIENT_TRAFFIC, random, &secret));
	assert_hex(secret.bytes, SECRET);
	assert_true(tls_keyring_find(ring, TLS_LABEL_SERVER_HANDSHAKE, random, &secret));
	assert_false(tls_keyring_find(ring, TLS_LABEL_SERVER_TRAFFIC, random, &secret));
	random[0] ^= 1;
	assert_false(tls_keyring_find(ring, TLS_LABEL_MASTER, random, &secret));
	tls_keyring_stats(ring, &stats);
	assert_int_equal(stats.secrets, 3);
	assert_int_equal(stats.rsa, 1);
	assert_int_equal(stats.not_read, 4);
}

/* In pieces of every length. */
static void test_keylog(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= sizeof(keylog); piece++) {
		struct tls_keyring *ring = tls_keyring_create(100);
		struct tls_keylog lines = {0};

		for (size_t at = 0; at < sizeof(keylog) - 1; at += piece)
			tls_keyring_read(
			    ring, &lines,
			    ws_span_first(ws_span_from(ws_span_of(keylog, sizeof(keylog) - 1), at), piece));
		tls_keyring_read_end(ring, &lines);
		assert_read(ring);
		tls_keyring_destroy(ring);
	}
}

/* Only the newest are remembered, and what is said twice counts once. */
static void test_keyring_limit(void **state)
{
	struct tls_keyring *ring = tls_keyring_create(3);
	struct tls_keylog lines = {0};
	struct tls_keyring_stats stats;
	struct tls_secret secret;
	uint8_t random[TLS_RANDOM_LEN] = {0};
	char line[256];

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		int len = snprintf(line, sizeof(line), "CLIENT_RANDOM %02x%062d " MASTER "\n", i / 2, 0);

		tls_keyring_read(ring, &lines, ws_span_of(line, (size_t)len));
	}
	tls_keyring_stats(ring, &stats);
	assert_int_equal(stats.secrets, 10);
	assert_int_equal(stats.dropped, 7);
	for (uint8_t i = 0; i < 10; i++) {
		random[0] = i;
		assert_int_equal(tls_keyring_find(ring, TLS_LABEL_MASTER, random, &secret), i >= 7);
	}
	tls_keyring_destroy(ring);
}

/* A line without an end is not kept, and what follows it is read. */
static void test_endless_line(void **state)
{
	struct tls_keyring *ring = tls_keyring_create(100);
	struct tls_keylog lines = {0};
	struct tls_keyring_stats stats;

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		tls_keyring_read(ring, &lines, ws_span_str("CLIENT_RANDOM "));
	tls_keyring_read(ring, &lines, ws_span_str("\nCLIENT_RANDOM " RANDOM " " MASTER "\n"));
	tls_keyring_stats(ring, &stats);
	assert_int_equal(stats.secrets, 1);
	assert_int_equal(stats.not_read, 1);
	tls_keyring_destroy(ring);
}

/* RFC 8448, section 3: the ClientHello and the ServerHello, without their four bytes of header. */
static const char client_hello[] =
    "0303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000910000000b0009000006"
    "736572766572ff01000100000a00140012001d0017001800190100010101020103010400230000003300260024001d002099381de560e4bd43"
    "d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e0403050306030203080408050806040105010601"
    "020104020502060202020"
    "02d00020101001c00024001";
static const char server_hello[] =
    "0303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e0033"
    "0024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b0002"
    "0304";

static void test_hellos(void **state)
{
	uint8_t bytes[512];
	size_t len = unhex(client_hello, bytes);
	struct tls_hello hello;

	(void)state;
	assert_int_equal(tls_client_hello_parse(ws_span_of(bytes, len), &hello), WS_OK);
	assert_int_equal(hello.version, TLS_VERSION_13);
	assert_true(ws_span_equal(hello.server_name, ws_span_str("server")));
	assert_false(hello.psk || hello.early_data || hello.alpn.data);
	for (size_t cut = 0; cut < len; cut++) { /* it ends with its extensions, or before them */
		bool whole = tls_client_hello_parse(ws_span_of(bytes, cut), &hello) == WS_OK;

		assert_int_equal(whole, cut == 45);
	}
	len = unhex(server_hello, bytes);
	assert_int_equal(tls_server_hello_parse(ws_span_of(bytes, len), &hello), WS_OK);
	assert_int_equal(hello.version, TLS_VERSION_13);
	assert_int_equal(hello.suite, 0x1301);
	assert_false(hello.is_retry);
}

static int header_of(const char *hex)
{
	struct tls_header header;
	uint8_t bytes[16];
	size_t len = unhex(hex, bytes);

	return tls_header_parse(ws_span_of(bytes, len), &header);
}

static void test_headers(void **state)
{
	(void)state;
	assert_int_equal(header_of(""), 0);
	assert_int_equal(header_of("16"), 0);
	assert_int_equal(header_of("160301"), 0);
	assert_int_equal(header_of("1603010200"), TLS_HEADER_LEN);
	assert_int_equal(header_of("1703034800"), TLS_HEADER_LEN); /* 2^14 + 2048 */
	assert_int_equal(header_of("1703034801"), WS_E_SYNTAX);
	assert_int_equal(header_of("13"), WS_E_SYNTAX);
	assert_int_equal(header_of("18"), WS_E_SYNTAX);
	assert_int_equal(header_of("1602"), WS_E_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rfc_8448),     cmocka_unit_test(test_rfc_8448_records),
	    cmocka_unit_test(test_prf),          cmocka_unit_test(test_suites),
	    cmocka_unit_test(test_keylog),       cmocka_unit_test(test_keyring_limit),
	    cmocka_unit_test(test_endless_line), cmocka_unit_test(test_hellos),
	    cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
