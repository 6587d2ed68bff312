#include "test.h"

#include "failmalloc.h"
#include "wscap/relseq.h"

static const uint8_t host_a[16] = {10, 0, 0, 1};
static const uint8_t host_b[16] = {10, 0, 0, 2};

/* A segment from a to b, or back; len: of the addresses. */
static struct relseq_segment segment(bool back, size_t len, uint16_t port, uint32_t seq, uint32_t ack)
{
	return (struct relseq_segment){
	    .src = back ? host_b : host_a,
	    .dst = back ? host_a : host_b,
	    .address_len = len,
	    .src_port = back ? 7272 : port,
	    .dst_port = back ? port : 7272,
	    .seq = seq,
	    .ack = ack,
	};
}

static void expect(struct relseq *relseq, struct relseq_segment what, uint32_t seq, uint32_t ack, uint32_t other_base)
{
	struct relseq_view view = relseq_look(relseq, &what);

	assert_int_equal(view.seq, seq);
	assert_int_equal(view.ack, ack);
	assert_int_equal(view.other_base, other_base);
}

static void conversation(struct relseq *relseq, size_t len, uint16_t port)
{
	struct relseq_segment syn_ack = segment(true, len, port, 5000, 1001);

	syn_ack.syn = true;
	expect(relseq, syn_ack, 5000, 1001, 1000);
	expect(relseq, segment(false, len, port, 1001, 5001), 1, 1, 5000);
	expect(relseq, segment(true, len, port, 5001, 1011), 1, 11, 1000);
	expect(relseq, segment(false, len, port, 1011, 5003), 11, 3, 5000);
}

static void counts_from_the_first_ack(void **state)
{
	struct relseq *relseq = relseq_create(100);

	(void)state;
	conversation(relseq, 4, 60653);
	conversation(relseq, 16, 60653); /* the same bytes, but IPv6 */
	conversation(relseq, 4, 7272);   /* the same port on both sides: the addresses order it */
	conversation(relseq, 4, 80);     /* the lower port on the other side */
	expect(relseq, segment(false, 4, 60653, 1021, 5003), 21, 3, 5000);
	/* joined late: the first segment is absolute, and the next count from it */
	expect(relseq, segment(true, 4, 9, 900, 4294967295), 900, 4294967295, 4294967294);
	expect(relseq, segment(false, 4, 9, 4294967295, 910), 1, 10, 900);
	expect(relseq, segment(false, 4, 9, 5, 910), 7, 10, 900);
	relseq_destroy(relseq);
}

static void a_new_syn_begins_again(void **state)
{
	struct relseq *relseq = relseq_create(100);

	(void)state;
	conversation(relseq, 4, 60653);
	conversation(relseq, 4, 60653);
	relseq_destroy(relseq);
}

static void grows(void **state)
{
	struct relseq *relseq = relseq_create(60000);

	(void)state;
	for (unsigned port = 1; port < 50000; port++)
		expect(relseq, segment(false, 4, (uint16_t)port, port, 2 * port), port, 2 * port, 2 * port - 1);
	for (unsigned port = 1; port < 50000; port++)
		expect(relseq, segment(false, 4, (uint16_t)port, port + 7, 2 * port), 7, 1, 2 * port - 1);
	relseq_destroy(relseq);
}

/* Where a look-up begins is asked for of very many only, of both directions alike. */
static void tells_what_is_far(void **state)
{
	struct relseq *relseq = relseq_create(60000);
	struct relseq_segment there = segment(false, 4, 1, 0, 0), back = segment(true, 4, 1, 0, 0);
	struct relseq_segment ipv6 = segment(false, 16, 1, 0, 0), other = segment(false, 4, 2, 0, 0);

	(void)state;
	assert_null(relseq_far(relseq, &there));
	for (unsigned port = 1; port < 50000; port++)
		expect(relseq, segment(false, 4, (uint16_t)port, 1, 1), 1, 1, 0);
	assert_non_null(relseq_far(relseq, &there));
	assert_ptr_equal(relseq_far(relseq, &there), relseq_far(relseq, &back));
	assert_ptr_not_equal(relseq_far(relseq, &there), relseq_far(relseq, &other));
	assert_null(relseq_far(relseq, &ipv6));
	for (unsigned port = 1; port < 50000; port++)
		expect(relseq, segment(false, 16, (uint16_t)port, 1, 1), 1, 1, 0);
	ipv6.src_port = ipv6.dst_port;
	assert_non_null(relseq_far(relseq, &ipv6));
	relseq_destroy(relseq);
}

/* Past the maximum old ones are forgotten, and nothing else happens. */
static void forgets_at_its_limit(void **state)
{
	struct relseq *relseq = relseq_create(700);

	(void)state;
	for (unsigned port = 1; port <= 20000; port++) {
		expect(relseq, segment(false, 4, (uint16_t)port, port, 9), port, 9, 8);
		expect(relseq, segment(false, 4, (uint16_t)port, port + 1, 9), 1, 1, 8);
	}
	expect(relseq, segment(false, 4, 20000, 20002, 9), 2, 1, 8);
	expect(relseq, segment(false, 4, 1, 3, 9), 3, 9, 8);
	relseq_destroy(relseq);
}

/* Without memory for more slots it stays as it is, and forgets early. */
static void without_memory(void **state)
{
	struct relseq *relseq;

	(void)state;
	for (long n = 0; n < 3; n++) {
		failmalloc_after(n);
		assert_null(relseq_create(100));
		assert_true(failmalloc_failed());
	}
	failmalloc_after(-1);
	relseq = relseq_create(100000);
	failmalloc_after(0);
	for (unsigned port = 1; port < 2000; port++)
		expect(relseq, segment(false, 4, (uint16_t)port, port, 9), port, 9, 8);
	assert_true(failmalloc_failed());
	failmalloc_after(-1);
	relseq_destroy(relseq);
	relseq_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_from_the_first_ack),
	    cmocka_unit_test(a_new_syn_begins_again),
	    cmocka_unit_test(grows),
	    cmocka_unit_test(tells_what_is_far),
	    cmocka_unit_test(forgets_at_its_limit),
	    cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
