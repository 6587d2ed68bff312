/* What the values of options mean. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "wschat/options_table.h"
#include "wschat/proxy.h"

static void *field_of(const struct option_use *use)
{
	return (char *)use->options + use->row->field;
}

bool set_list(const struct option_use *use)
{
	struct option_list *list = field_of(use);

	if (list->count == OPTION_LIST_MAX)
		return false;
	list->at[list->count++] = use->text;
	return true;
}

bool set_text(const struct option_use *use)
{
	*(const char **)field_of(use) = use->text;
	return true;
}

/* It goes into JSON as it stands. */
bool set_url(const struct option_use *use)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%";
	bool is_websocket = strncmp(use->text, "ws://", 5) == 0 || strncmp(use->text, "wss://", 6) == 0;

	return is_websocket && strlen(use->text) <= OPTION_URL_MAX && !use->text[strspn(use->text, allowed)] &&
	       set_text(use);
}

bool set_true(const struct option_use *use)
{
	*(bool *)field_of(use) = true;
	return true;
}

bool set_false(const struct option_use *use)
{
	*(bool *)field_of(use) = false;
	return true;
}

/* A whole number from min to max, with K, M or G behind it where that is a power of 1,024. */
static bool parse_number(const struct option_use *use, uint64_t *ret)
{
	static const char suffixes[] = "KMG";
	unsigned long long number;
	const char *suffix;
	char *end;

	errno = 0;
	number = strtoull(use->text, &end, 10);
	if (errno || !isdigit((unsigned char)*use->text))
		return false;
	suffix = *end ? strchr(suffixes, *end) : NULL;
	if (*end && (!suffix || end[1]))
		return false;
	if (suffix) {
		unsigned shift = 10 * (unsigned)(suffix - suffixes + 1);

		if (number > UINT64_MAX >> shift)
			return false;
		number <<= shift;
	}
	*ret = number;
	return number >= use->row->min && number <= use->row->max;
}

bool set_u32(const struct option_use *use)
{
	uint64_t number;

	if (!parse_number(use, &number))
		return false;
	*(uint32_t *)field_of(use) = (uint32_t)number;
	return true;
}

bool set_size(const struct option_use *use)
{
	uint64_t number;

	if (!parse_number(use, &number))
		return false;
	*(size_t *)field_of(use) = (size_t)number;
	return true;
}

bool set_proxy(const struct option_use *use)
{
	struct options *options = use->options;

	return options->proxy_count < OPTION_LIST_MAX &&
	       proxy_parse(use->text, &options->proxies[options->proxy_count]) && ++options->proxy_count;
}

static bool set_choice(const struct option_use *use, const char *const *choices, int *ret)
{
	for (*ret = 0; choices[*ret]; ++*ret)
		if (strcmp(use->text, choices[*ret]) == 0)
			return true;
	return false;
}

bool set_durability(const struct option_use *use)
{
	static const char *const choices[] = {[DURABILITY_PROCESS] = "process", [DURABILITY_POWER] = "power", NULL};
	int choice;

	if (!set_choice(use, choices, &choice))
		return false;
	use->options->durability = (enum durability)choice;
	return true;
}

bool set_log(const struct option_use *use)
{
	static const char *const choices[] = {
	    [LOG_ERRORS] = "errors", [LOG_NOTICES] = "notices", [LOG_REQUESTS] = "requests", NULL};
	int choice;

	if (!set_choice(use, choices, &choice))
		return false;
	use->options->log_level = (enum log_level)choice;
	return true;
}

bool set_log_format(const struct option_use *use)
{
	static const char *const choices[] = {"text", "json", NULL};
	int choice;

	if (!set_choice(use, choices, &choice))
		return false;
	use->options->log_json = choice == 1;
	return true;
}

bool set_lang(const struct option_use *use)
{
	use->options->lang = use->text;
	return i18n_init(use->text);
}
