/* The columns of --help. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/help.h"
#include "base/i18n.h"

static void check(const char *left, const char *explained, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);

	assert_non_null(file);
	help_row(file, left, explained);
	fclose(file);
	assert_string_equal(text, want);
	free(text);
}

static void check_columns(void **state)
{
	(void)state;
	i18n_init("en");
	check("--web ADDRESS", "here", "  --web ADDRESS                   here\n");
	check("--web 地址", "这里", "  --web 地址                      这里\n"); /* two characters, four columns */
	check("--size 0123456789012345678901234", "x",
	      "  --size 0123456789012345678901234\n"
	      "                                  x\n");
	check("--size 012345678901234567890123", "x", "  --size 012345678901234567890123 x\n");
	check("--web \xff\xe5", "x", "  --web \xff\xe5                        x\n"); /* no UTF-8: a column each */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(check_columns)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
