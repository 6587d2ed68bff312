/* Words in the reader's language: gettext, without the system having to know the locale.
 *
 * English stands in the source. What a machine reads is never translated: numbers, JSON and tcpdump's lines are
 * formatted in the C locale always. */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include <libintl.h>
#include <stdbool.h>

#define _(text)  gettext(text)
#define N_(text) text

/* The languages that there are, ended by NULL; the first is the source's. */
extern const char *const i18n_languages[];

/* Chooses the language: lang, one of the above, or NULL for what LC_ALL, LC_MESSAGES, LANG and LANGUAGE ask for. It may
 * be called again. Returns false, with nothing changed, where there is no such language. */
bool i18n_init(const char *lang);

#endif
