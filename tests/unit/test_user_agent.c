#include "test.h"

#include "wscap/user_agent.h"

#include <stdlib.h>

static void is(const char *field, const char *browser, const char *version, const char *system)
{
	struct user_agent agent;

	user_agent_parse(ws_span_str(field), &agent);
	if (browser)
		assert_string_equal(agent.browser, browser);
	else
		assert_null(agent.browser);
	assert_int_equal(agent.version.len, strlen(version));
	assert_memory_equal(agent.version.data ? (const void *)agent.version.data : "", version, agent.version.len);
	if (system)
		assert_string_equal(agent.system, system);
	else
		assert_null(agent.system);
}

static void test_browsers(void **state)
{
	(void)state;
	is("Mozilla/5.0 (X11; Ubuntu; Linux i686; rv:31.0) Gecko/20100101 Firefox/31.0", "Firefox", "31", "Ubuntu");
	is("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
	   "Safari/537.36 Edg/126.0.2592.87",
	   "Edge", "126", "Windows");
	is("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
	   "Chrome", "126", "Linux");
	is("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36",
	   "Chrome", "120", "Linux");
	is("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
	   "Safari/605.1.15",
	   "Safari", "17", "macOS");
	is("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	   "Version/17.5 Mobile/15E148 Safari/604.1",
	   "Safari", "17", "iPhone");
	is("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile "
	   "Safari/537.36",
	   "Chrome", "126", "Android");
}

static void test_others(void **state)
{
	struct user_agent agent;

	(void)state;
	is("curl/8.5.0", NULL, "", NULL);
	is("", NULL, "", NULL);
	is("Mozilla/5.0", NULL, "", NULL);
	is("Mozilla/5.0 Firefox/", "Firefox", "", NULL);
	is("evil Firefox/31.0", NULL, "", NULL);
	user_agent_parse(ws_span_str("Python/3.11 websockets/12.0"), &agent);
	assert_int_equal(agent.product.len, strlen("Python/3.11"));
}

static const char *const pieces[] = {
    "Mozilla/",
    "Opera/",
    "Safari/",
    "Version/",
    "Edg",
    "/",
    "A/",
    "iOS/",
    "e/",
    "OPR/",
    "SamsungBrowser/",
    "YaB",
    "rowser/",
    "Vivaldi/",
    "Micro",
    "Messenger/",
    "Fx",
    "Sea",
    "Monkey/",
    "Firefox/",
    "Cr",
    "i",
    "OS",
    "Headless",
    "Chrom",
    "ium/",
    "e/",
    "Trident/",
    "7.0; rv:",
    "MSIE ",
    "Android",
    "Ubuntu",
    "Fedora",
    "Debian",
    "iPhone",
    "iPad",
    "Windows",
    "Mac",
    " OS X",
    "intosh",
    "FreeBSD",
    "OpenBSD",
    "Linux",
    "12.3",
    " ",
    "\xff",
    "M",
    "O",
};

/* Anything, of pieces that are tokens, what they are made of, and other bytes: both find the same. */
static void test_twin(void **state)
{
	const size_t count = sizeof(pieces) / sizeof(pieces[0]);

	(void)state;
	srand(1);
	for (unsigned round = 0; round < 200000; round++) {
		char *field = calloc(1, 1 + 8 * 16); /* of its own, so that what is read beyond it is seen */
		size_t len = 0;
		struct user_agent agent, twin;
		struct ws_span span;

		assert_non_null(field);
		for (unsigned i = (unsigned)rand() % 8; i--;) {
			const char *piece = pieces[(size_t)rand() % count];
			size_t whole = strlen(piece), cut = rand() % 8 ? whole : (size_t)rand() % whole;

			memcpy(field + len, piece, cut);
			len += cut;
		}
		field = realloc(field, len ? len : 1);
		span = ws_span_of(field, len);
		user_agent_parse(span, &agent);
		user_agent_parse_each(span, &twin);
		assert_ptr_equal(agent.browser, twin.browser);
		assert_ptr_equal(agent.system, twin.system);
		assert_ptr_equal(agent.version.data, twin.version.data);
		assert_int_equal(agent.version.len, twin.version.len);
		assert_ptr_equal(agent.product.data, twin.product.data);
		assert_int_equal(agent.product.len, twin.product.len);
		free(field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_browsers),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_twin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
