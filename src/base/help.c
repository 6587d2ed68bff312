#include "base/help.h"

#include <string.h>
#include <wchar.h>

/* Columns of a terminal; a byte that is no character counts as one. */
static int columns_of(const char *text)
{
	mbstate_t state = {0};
	int columns = 0;

	while (*text) {
		wchar_t c;
		size_t len = mbrtowc(&c, text, strlen(text), &state);
		int width = len <= strlen(text) ? wcwidth(c) : -1;

		if (width < 0) {
			state = (mbstate_t){0};
			len = 1;
			width = 1;
		}
		columns += width;
		text += len;
	}
	return columns;
}

void help_row(FILE *file, const char *left, const char *explained)
{
	int columns = 2 + columns_of(left);

	if (columns < HELP_COLUMN)
		fprintf(file, "  %s%*s%s\n", left, HELP_COLUMN - columns, "", explained);
	else
		fprintf(file, "  %s\n%*s%s\n", left, HELP_COLUMN, "", explained);
}
