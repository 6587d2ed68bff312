/* Each allocation of a conversation through TLS fails once: nothing leaks, nothing breaks. The conversations are the
 * seeds of fuzz_tls.c, which checks what is told of them. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "failmalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SEED_MAX = 1 << 16,
	FEW = 10, /* allocations that a conversation makes at least */
};

static size_t read_seed(const char *name, uint8_t seed[SEED_MAX])
{
	char path[512];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", getenv("SEEDS"), name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(seed, 1, SEED_MAX, file);
	fclose(file);
	return len;
}

static void test_each_allocation(void **state)
{
	static const char *const names[] = {"node-13-retried-late", "node-12-cbc-sha1", "openssl-13-early-data",
					    "node-13-retried-closed"};
	static uint8_t seed[SEED_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t len = read_seed(names[i], seed);
		bool failed = true;
		long n;

		for (n = 0; failed; n++) {
			failmalloc_after(n);
			LLVMFuzzerTestOneInput(seed, len);
			failed = failmalloc_failed();
			failmalloc_after(-1);
		}
		assert_true(n > FEW);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
