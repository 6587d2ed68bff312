/* What --help prints, in columns that stand straight in every script. */
#ifndef BASE_HELP_H
#define BASE_HELP_H

#include <stdio.h>

enum {
	HELP_COLUMN = 34, /* where explanations begin */
};

/* "  left    explained": below it, where left is too long. A Chinese character takes two columns. The locale must have
 * been chosen (i18n.h). */
void help_row(FILE *file, const char *left, const char *explained);

#endif
