#include "wscap/head_places.h"

static inline struct head_place place_of(const struct ws_http_head *head, struct ws_span part)
{
	return (struct head_place){.at = (uint16_t)(part.data - head->all.data), .len = (uint16_t)part.len};
}

static inline struct ws_span part_at(struct ws_span all, struct head_place place)
{
	return ws_span_of(all.data + place.at, place.len);
}

void head_places_take(struct head_places *places, const struct ws_http_head *head)
{
	places->known = !head->is_response && head->version_major == 1 && head->field_count <= HEAD_PLACES &&
			head->all.len <= UINT16_MAX;
	if (!places->known)
		return;
	places->version_minor = head->version_minor;
	places->count = (uint8_t)head->field_count;
	places->method = place_of(head, head->method);
	places->target = place_of(head, head->target);
	for (size_t i = 0; i < head->field_count; i++) {
		places->fields[i].name = place_of(head, head->fields[i].name);
		places->fields[i].value = place_of(head, head->fields[i].value);
	}
}

bool head_places_read(const struct head_places *places, struct ws_span all, struct ws_http_head *ret)
{
	if (!places->known)
		return false;
	ws_http_begin(ret);
	ret->all = all;
	ret->version_major = 1;
	ret->version_minor = places->version_minor;
	ret->method = part_at(all, places->method);
	ret->target = part_at(all, places->target);
	for (size_t i = 0; i < places->count; i++)
		ws_http_add(ret, part_at(all, places->fields[i].name), part_at(all, places->fields[i].value));
	return true;
}
