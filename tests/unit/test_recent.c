/* recent: what was read lately, and what differs from it. */
#include "test.h"

#include "wscap/recent.h"
#include "wscap/tcp.h"
#include "wscap/waiting.h"

#include <stdlib.h>

enum {
	SIZE = 4096,
};

/* The last thing that differed. */
static struct {
	unsigned count;
	int64_t offset;
	char first[32], last[32];
	bool kept_last, disputed;
	bool dispute; /* what it is answered */
} told;

static bool on_differs(void *context, const struct versions *versions)
{
	struct ws_span first = versions->first, last = versions->last;

	assert_null(context);
	assert_int_equal(first.len, last.len);
	assert_true(first.len < sizeof(told.first));
	told.count++;
	told.offset = versions->offset;
	told.kept_last = versions->replaced;
	told.disputed = versions->disputed;
	memset(told.first, 0, sizeof(told.first));
	memset(told.last, 0, sizeof(told.last));
	memcpy(told.first, first.data, first.len);
	memcpy(told.last, last.data, last.len);
	return told.dispute;
}

static unsigned compare(struct recent *recent, uint64_t stream, int64_t offset, const char *text)
{
	told.count = 0;
	recent_compare(recent, stream, offset, ws_span_str(text), on_differs, NULL);
	return told.count;
}

static void what_differs(void **state)
{
	struct recent *recent = recent_create(SIZE);

	(void)state;
	recent_put(recent, 2, 100, ws_span_str("hello, world"), false);
	recent_put(recent, 3, 100, ws_span_str("HELLO, WORLD"), false);
	recent_put(recent, 2, 112, ws_span_str("and more"), false);
	assert_int_equal(compare(recent, 2, 100, "hello, world"), 0);
	assert_int_equal(compare(recent, 3, 100, "hello, world"), 1);
	assert_int_equal(compare(recent, 4, 100, "hello, world"), 0);
	assert_int_equal(compare(recent, 2, 100, "hello, there"), 1);
	assert_int_equal(told.offset, 107);
	assert_string_equal(told.first, "world");
	assert_string_equal(told.last, "there");
	/* from before it, over its end, into the next one */
	assert_int_equal(compare(recent, 2, 98, "??hello, world"), 0);
	assert_int_equal(compare(recent, 2, 107, "worldAnd"), 1);
	assert_int_equal(told.offset, 112);
	assert_int_equal(compare(recent, 2, 107, "worlDAnd"), 2);
	assert_int_equal(compare(recent, 2, 120, "behind all"), 0);
	assert_int_equal(compare(recent, 2, 90, "before all"), 0);
	assert_int_equal(compare(recent, 2, 100, ""), 0);
	recent_destroy(recent);
}

/* What differs may be told to stay in dispute: the next one hears of it, but not of what is elsewhere. */
static void disputed(void **state)
{
	struct recent *recent = recent_create(SIZE);

	(void)state;
	recent_put(recent, 1, 0, ws_span_str("one"), false);
	recent_put(recent, 1, 3, ws_span_str("two"), true);
	told.dispute = true;
	assert_int_equal(compare(recent, 1, 0, "ONE"), 1);
	assert_false(told.disputed);
	told.dispute = false;
	assert_int_equal(compare(recent, 1, 0, "One"), 1);
	assert_true(told.disputed);
	assert_int_equal(compare(recent, 1, 0, "OnE"), 1);
	assert_false(told.disputed);
	assert_int_equal(compare(recent, 1, 3, "TWO"), 1);
	assert_true(told.disputed);
	recent_destroy(recent);
}

/* Whatever is put: what is still there is right, what was written over is never told. */
static void round_and_round(void **state)
{
	struct recent *recent = recent_create(SIZE);
	char text[1024];

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = i * 37 % (sizeof(text) - 1) + 1;

		memset(text, 'a' + (int)(i % 26), len);
		text[len < sizeof(text) ? len : sizeof(text) - 1] = '\0';
		recent_put(recent, i % 7, (int64_t)i * 2000, ws_span_str(text), false);
		assert_int_equal(compare(recent, i % 7, (int64_t)i * 2000, text), 0);
		for (unsigned back = 1; back < 40 && back <= i; back++) {
			text[0] = (char)('a' + (i - back) % 26);
			text[1] = '\0';
			assert_int_equal(compare(recent, (i - back) % 7, (int64_t)(i - back) * 2000, text), 0);
		}
	}
	recent_destroy(recent);
}

static void none_at_all(void **state)
{
	(void)state;
	assert_null(recent_create(0));
	recent_put(NULL, 1, 0, ws_span_str("x"), false);
	assert_int_equal(compare(NULL, 1, 0, "y"), 0);
	recent_destroy(NULL);
}

/* A flood of segments of one stream costs a bounded number of looks. */
static void many_of_one(void **state)
{
	struct recent *recent = recent_create((size_t)SIZE * 16);

	(void)state;
	for (int i = 0; i < 500; i++)
		recent_put(recent, 1, 0, ws_span_str("x"), false);
	assert_int_equal(compare(recent, 1, 0, "y"), RECENT_STEPS_MAX);
	recent_destroy(recent);
}

static struct waiting_account account = {.stream_max = 1 << 20, .total_max = 1 << 20};

/* "first" waits at 10, "other" comes there; which of them is delivered? */
static const char *chosen(enum waiting_choice choice, int64_t acked, int64_t taken_begin, int64_t taken_end,
			  bool before)
{
	static char text[6];
	struct waiting *waiting = NULL;
	struct piece piece;

	assert_int_equal(waiting_put(&waiting, &account, 40, ws_span_str("behind")), WAITING_OK);
	if (before)
		waiting_taken(waiting, 0, taken_begin, taken_end);
	assert_int_equal(waiting_put(&waiting, &account, 10, ws_span_str("first")), WAITING_OK);
	if (!before)
		waiting_taken(waiting, 0, taken_begin, taken_end);
	told.count = 0;
	waiting_choose(waiting, choice, acked, 8, ws_span_str("--other--"), on_differs, NULL);
	assert_int_equal(told.count, 1);
	assert_int_equal(told.offset, 10);
	assert_string_equal(told.first, "first");
	assert_string_equal(told.last, "other");
	assert_true(waiting_take(&waiting, &account, &piece));
	assert_int_equal(piece.len, 5);
	memcpy(text, piece.data, 5);
	free(piece.data);
	waiting_clear(&waiting, &account);
	assert_int_equal(account.total, 0);
	assert_true(told.kept_last == (strcmp(text, "other") == 0));
	return text;
}

static void which_counts(void **state)
{
	(void)state;
	assert_string_equal(chosen(WAITING_FIRST, 0, 40, 46, false), "first");
	assert_string_equal(chosen(WAITING_LAST, 0, 0, 0, false), "other");
	assert_string_equal(chosen(WAITING_TAKEN, 0, 40, 46, false), "other");  /* later ones were taken, these not */
	assert_string_equal(chosen(WAITING_TAKEN, 0, 10, 15, false), "first");  /* these were */
	assert_string_equal(chosen(WAITING_TAKEN, 0, 14, 46, false), "first");  /* a part of them */
	assert_string_equal(chosen(WAITING_TAKEN, 15, 40, 46, false), "first"); /* they were acknowledged */
	assert_string_equal(chosen(WAITING_TAKEN, 0, 40, 46, true), "first");   /* it was said before they came */
	assert_string_equal(chosen(WAITING_TAKEN, 0, 2, 8, false), "first");    /* nothing behind them */
}

/* What the receiver said that it misses counts for what had come by then, and not for what comes afterwards. */
static void said_once(void **state)
{
	struct waiting *waiting = NULL;

	(void)state;
	assert_int_equal(waiting_put(&waiting, &account, 40, ws_span_str("behind")), WAITING_OK);
	assert_int_equal(waiting_put(&waiting, &account, 10, ws_span_str("first")), WAITING_OK);
	waiting_taken(waiting, 0, 40, 46);
	waiting_choose(waiting, WAITING_TAKEN, 0, 10, ws_span_str("other"), on_differs, NULL);
	assert_true(told.kept_last);
	waiting_choose(waiting, WAITING_TAKEN, 0, 10, ws_span_str("third"), on_differs, NULL);
	assert_false(told.kept_last);
	waiting_taken(waiting, 0, 40, 46);
	waiting_choose(waiting, WAITING_TAKEN, 0, 10, ws_span_str("other"), on_differs, NULL); /* as it waits */
	waiting_choose(waiting, WAITING_TAKEN, 0, 10, ws_span_str("third"), on_differs, NULL);
	assert_false(told.kept_last);
	waiting_clear(&waiting, &account);
}

static void sack_blocks(void **state)
{
	static const uint8_t two[] = {1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4};
	static const uint8_t odd[] = {5, 9, 0, 0, 0, 1, 0, 0, 0};
	static const uint8_t long_one[] = {5, 42, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0,
					   5, 0,  0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 10};
	uint32_t edges[TCP_SACK_MAX][2];
	struct tcp tcp = {.options = ws_span_of(two, sizeof(two))};

	(void)state;
	assert_int_equal(tcp_option_sack(&tcp, edges), 2);
	assert_int_equal(edges[1][0], 3);
	assert_int_equal(edges[1][1], 4);
	for (size_t cut = 0; cut < sizeof(two); cut++) {
		tcp.options = ws_span_of(two, cut);
		assert_int_equal(tcp_option_sack(&tcp, edges), 0);
	}
	tcp.options = ws_span_of(odd, sizeof(odd));
	assert_int_equal(tcp_option_sack(&tcp, edges), 0);
	tcp.options = ws_span_of(long_one, sizeof(long_one));
	assert_int_equal(tcp_option_sack(&tcp, edges), TCP_SACK_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_differs),    cmocka_unit_test(disputed),    cmocka_unit_test(said_once),
	    cmocka_unit_test(round_and_round), cmocka_unit_test(none_at_all), cmocka_unit_test(many_of_one),
	    cmocka_unit_test(which_counts),    cmocka_unit_test(sack_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
