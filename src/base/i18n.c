/* gettext looks LANGUAGE up in the catalogues' directory for any message locale but C. So the locale may be any that
 * the system has, C.UTF-8 where it has no other, and LANGUAGE says what is wanted: nobody must have generated it_IT or
 * zh_CN. (C.UTF-8 comes last because it counts as C in later versions of glibc.)
 *
 * The catalogues lie beside the program in the build tree, in ../share/locale of where it is installed, or where the
 * build was told that they will be. */
#include "base/i18n.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAIN "wscap"

const char *const i18n_languages[] = {"en", "it", "zh_CN", NULL};

static bool known(const char *lang)
{
	for (const char *const *at = i18n_languages; *at; at++) {
		if (strcmp(lang, *at) == 0)
			return true;
	}
	return false;
}

static bool has_catalogue(const char *dir)
{
	char path[PATH_MAX + 64];

	for (const char *const *lang = i18n_languages + 1; *lang; lang++) {
		snprintf(path, sizeof(path), "%s/%s/LC_MESSAGES/" DOMAIN ".mo", dir, *lang);
		if (access(path, R_OK) == 0)
			return true;
	}
	return false;
}

/* Puts the directory of the catalogues that belong to this very program into dir. */
static void find_catalogues(char dir[static PATH_MAX])
{
	static const char *const beside[] = {"../../po", "../share/locale"};
	char program[PATH_MAX / 2];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	while (len > 0 && program[len - 1] != '/')
		len--;
	for (size_t i = 0; len > 0 && i < sizeof(beside) / sizeof(*beside); i++) {
		snprintf(dir, PATH_MAX, "%.*s%s", (int)len, program, beside[i]);
		if (has_catalogue(dir))
			return;
	}
	snprintf(dir, PATH_MAX, "%s", LOCALEDIR);
}

/* What the environment asks for, as setlocale() would read it; NULL for English. */
static const char *wanted(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *value = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !(value && *value); i++)
		value = getenv(names[i]);
	if (!value || !*value || strcmp(value, "POSIX") == 0 || strcmp(value, "C") == 0 || strncmp(value, "C.", 2) == 0)
		return NULL;
	return value;
}

static void set_message_locale(void)
{
	static const char *const tries[] = {"", "en_US.UTF-8", "it_IT.UTF-8", "zh_CN.UTF-8"};

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		const char *name = setlocale(LC_MESSAGES, tries[i]);

		if (name && strcmp(name, "C") != 0 && strncmp(name, "C.", 2) != 0 && strcmp(name, "POSIX") != 0)
			return;
	}
	setlocale(LC_MESSAGES, "C.UTF-8");
}

static bool is_english(const char *lang)
{
	return strncmp(lang, "en", 2) == 0 && !isalpha((unsigned char)lang[2]);
}

bool i18n_init(const char *lang)
{
	const char *language = getenv("LANGUAGE");
	char dir[PATH_MAX];

	if (lang && !known(lang))
		return false;
	if (!lang) {
		lang = wanted();
		if (lang && language && *language)
			lang = language;
	}
	if (lang && is_english(lang))
		lang = NULL; /* it has no catalogue, and gettext would go on to the next of LANGUAGE's */
	setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_MESSAGES, "C");
	if (lang) {
		setenv("LANGUAGE", lang, 1);
		set_message_locale();
	}
	find_catalogues(dir);
	bindtextdomain(DOMAIN, dir);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
	return true;
}
