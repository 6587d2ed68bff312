#include "wscap/narrate_words.h"

const char *narrate_party_phrase(enum party_kind kind, enum party_form form, bool named)
{
	static const char *const nameless[PARTY_KINDS][PARTY_FORMS] = {
	    [PARTY_SERVER] = {N_("the server"), N_("from the server"), N_("to the server")},
	    [PARTY_CLIENT] = {N_("the client"), N_("from the client"), N_("to the client")},
	    [PARTY_BROWSER] = {N_("the browser"), N_("from the browser"), N_("to the browser")},
	};
	/* TRANSLATORS: %1$s is the name of the user there. */
	static const char *const with_name[PARTY_KINDS][PARTY_FORMS] = {
	    [PARTY_CLIENT] = {N_("%1$s's client"), N_("from %1$s's client"), N_("to %1$s's client")},
	    [PARTY_BROWSER] = {N_("%1$s's browser"), N_("from %1$s's browser"), N_("to %1$s's browser")},
	};

	return named && kind != PARTY_SERVER ? with_name[kind][form] : nameless[kind][form];
}
