/* A head read 32 bytes at a time, where the machine can (AVX2, asked for when it runs). Private to libws.
 *
 * First each byte is asked what it is, many at once, and the answers are kept, a bit for each; then the head is read
 * from those bits. To look for one end after another, each from where the last one was found, took as long as a byte at
 * a time: each look waited for the one before.
 *
 * It reads what nearly everyone writes, and leaves everything else to ws_http_head_parse(), whose answer it gives
 * sooner. */
#ifndef LIBWS_HTTP_WIDE_H
#define LIBWS_HTTP_WIDE_H

#include "ws/http.h"

enum {
	HTTP_METHOD_MAX = 32, /* characters: stops binary streams that happen to begin like a token */
};

/* False: the head is not as usual, or not all there, or the machine cannot. ret may have any content then. Else it is
 * as ws_http_head_parse() leaves it. */
bool http_wide_parse(struct ws_span in, struct ws_http_head *ret);

/* ws_http_head_parse() without it. */
long http_plain_parse(struct ws_span in, struct ws_http_head *ret);

#endif
