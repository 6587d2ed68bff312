/* A browser's name out of a User-Agent field (RFC 9110, section 10.1.5), as a person would say it. */
#ifndef WSCAP_USER_AGENT_H
#define WSCAP_USER_AGENT_H

#include "ws/span.h"

struct user_agent {
	const char *browser;    /* a literal: "Firefox"; NULL where it is no browser that is known */
	struct ws_span version; /* its digits before the first dot; may be empty */
	const char *system;     /* a literal: "Ubuntu"; NULL where the field does not tell */
	struct ws_span product; /* of what is no browser: its first product, "curl/8.0"; may be empty */
};

/* Points into field. */
void user_agent_parse(struct ws_span field, struct user_agent *ret);

/* Its twin, which looks for each token by itself. */
void user_agent_parse_each(struct ws_span field, struct user_agent *ret);

#endif
