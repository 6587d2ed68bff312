/* What has no ring of the kernel's is refused: libpcap's captures that are no packet sockets. That it works where there
 * is one is tests/e2e/live-held.test.js's to show. */
#include "test.h"

#include "wscap/fanout.h"

static void test_refused(void **state)
{
	pcap_t *pcaps[2] = {pcap_open_dead(DLT_EN10MB, 65535), pcap_open_dead(DLT_EN10MB, 65535)};

	(void)state;
	assert_true(fanout_join(pcaps, 2) < 0);
	pcap_close(pcaps[0]);
	pcap_close(pcaps[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
