#include "ws/close.h"

#define N_(text) text /* for gettext to find; whoever prints it translates */

bool ws_close_code_sendable(uint16_t code)
{
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

const char *ws_close_code_text(uint16_t code)
{
	static const char *const texts[] = {
	    N_("normal closure"),   N_("going away"),      N_("protocol error"),   N_("unsupported data"),
	    N_("reserved"),         N_("no status code"),  N_("abnormal closure"), N_("invalid data"),
	    N_("policy violation"), N_("message too big"), N_("extension needed"), N_("internal error"),
	    N_("service restart"),  N_("try again later"), N_("bad gateway"),      N_("TLS handshake failed"),
	};

	if (code < 1000)
		return N_("not used");
	if (code < 1000 + sizeof(texts) / sizeof(texts[0]))
		return texts[code - 1000];
	if (code < 3000)
		return N_("reserved for the protocol");
	if (code < 4000)
		return N_("registered by a library or framework");
	return code < 5000 ? N_("private to the application") : N_("not defined");
}
