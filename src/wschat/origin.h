/* Which web sites' pages may open the chat: RFC 6455, section 10.2. */
#ifndef WSCHAT_ORIGIN_H
#define WSCHAT_ORIGIN_H

#include "ws/http.h"
#include "wschat/options.h"

/* By default the page's own: an origin whose host is the one that was asked (its port may be another, as the page has
 * one of its own). --origin adds patterns, matched as the shell does. A request without Origin is no browser's and
 * passes. */
bool origin_allowed(const struct options *options, const struct ws_http_head *request);

#endif
