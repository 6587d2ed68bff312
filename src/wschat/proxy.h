/* Who a connection is from, when a reverse proxy stands between: only what a trusted one says counts. */
#ifndef WSCHAT_PROXY_H
#define WSCHAT_PROXY_H

#include "ws/http.h"
#include "wschat/options.h"

/* ADDRESS or ADDRESS/BITS. False when it is neither. */
bool proxy_parse(const char *text, struct network *ret);

/* Is this address (IPv6, or IPv4-mapped) one of --trusted-proxy's? */
bool proxy_is_trusted(const struct options *options, const uint8_t address[16]);

/* The client's address by X-Forwarded-For: the last one in it that is no trusted proxy itself. False when there is none
 * that can be read; ret is then untouched. */
bool proxy_client_address(const struct options *options, const struct ws_http_head *request, uint8_t ret[16]);

#endif
