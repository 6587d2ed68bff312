/* Where things are in a request's head, so that it need not be read again when its answer comes: a few bytes for each
 * field, where struct ws_http_head has views. */
#ifndef WSCAP_HEAD_PLACES_H
#define WSCAP_HEAD_PLACES_H

#include "ws/http.h"

enum {
	HEAD_PLACES = 24, /* fields: browsers send some fifteen. Heads with more are read again */
};

struct head_place {
	uint16_t at, len; /* bytes, from the head's beginning */
};

struct head_places {
	bool known;
	uint8_t version_minor; /* of HTTP/1 */
	uint8_t count;
	struct head_place method, target;
	struct {
		struct head_place name, value;
	} fields[HEAD_PLACES];
};

/* Those of a request that was read. known is false where it has more fields than there is room for, or is longer than
 * they can tell. */
void head_places_take(struct head_places *places, const struct ws_http_head *head);

/* What ws_http_head_parse() would say of the same bytes again, wherever they are by now. ret points into them. False
 * where places are not known. */
bool head_places_read(const struct head_places *places, struct ws_span all, struct ws_http_head *ret);

#endif
