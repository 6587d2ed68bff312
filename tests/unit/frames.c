#include "test.h"

#include "frames.h"

#include "ws/mask.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	WIRE_MAX = 64 << 20,
	TEXT_MAX = 64 << 20,
	SHORT = 700,       /* bytes up to which each place is cut */
	PAYLOAD_SHOWN = 80 /* bytes of a payload that are written; a sum stands for the rest */
};

struct ws_buf frames_scratch;

int frames_scratch_init(void **state)
{
	(void)state;
	ws_buf_init(&frames_scratch, WIRE_MAX);
	return 0;
}

int frames_scratch_finish(void **state)
{
	(void)state;
	ws_buf_finish(&frames_scratch);
	return 0;
}

struct ws_decoder_config from_server(void)
{
	return (struct ws_decoder_config){.scratch = &frames_scratch};
}

struct ws_decoder_config from_client(void)
{
	return (struct ws_decoder_config){.scratch = &frames_scratch, .from_client = true};
}

void frames_init(struct frames *frames, bool masked)
{
	*frames = (struct frames){.masked = masked};
	ws_buf_init(&frames->wire, WIRE_MAX);
}

void frames_finish(struct frames *frames)
{
	ws_buf_finish(&frames->wire);
}

void frames_raw(struct frames *frames, struct ws_span bytes)
{
	assert_int_equal(ws_buf_append(&frames->wire, bytes), WS_OK);
}

void frames_add(struct frames *frames, uint8_t first, struct ws_span payload)
{
	struct ws_frame frame = {.fin = first & 0x80,
				 .rsv = first >> 4 & 7,
				 .opcode = first & 0xf,
				 .masked = frames->masked,
				 .payload_len = payload.len};
	uint8_t header[WS_FRAME_HEADER_MAX];
	uint32_t key = ++frames->count * 0x9e3779b9;

	memcpy(frame.mask, &key, 4);
	frames_raw(frames, ws_span_of(header, ws_frame_write(&frame, header)));
	assert_int_equal(ws_buf_reserve(&frames->wire, payload.len), WS_OK);
	if (frames->masked)
		ws_mask_plain(frames->wire.data + frames->wire.len, payload.data, payload.len, frame.mask, 0);
	else if (payload.len)
		memcpy(frames->wire.data + frames->wire.len, payload.data, payload.len);
	frames->wire.len += payload.len;
}

static bool join;

static uint32_t sum(struct ws_span bytes)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ bytes.data[i]) * 16777619;
	return hash;
}

void item_write(const struct ws_item *item, struct ws_buf *text)
{
	static const char *const cuts[] = {"",         " message-limit",   " inflated-limit",
					   " missing", " missing-context", " bad-deflate"};
	char line[1024];
	int len;

	if (item->kind == WS_ITEM_VIOLATION)
		len = snprintf(line, sizeof(line), "! %s %s [%llu,%llu)\n", ws_rule_info(item->rule)->id,
			       ws_opcode_name(item->opcode), (unsigned long long)item->begin,
			       (unsigned long long)item->end);
	else
		len = snprintf(line, sizeof(line), "%s%s%s f%u w%llu l%llu [%llu,%llu)%s%s",
			       ws_opcode_name(item->opcode), item->compressed ? " z" : "", item->masked ? " m" : "",
			       item->frames, (unsigned long long)item->wire_len, (unsigned long long)item->len,
			       (unsigned long long)item->begin, (unsigned long long)item->end, cuts[item->cut],
			       item->utf8 ? "" : " bytes");
	if (item->kind != WS_ITEM_VIOLATION && item->opcode == WS_CLOSE)
		len += snprintf(line + len, sizeof(line) - (size_t)len, " %u", item->close_code);
	if (item->kind != WS_ITEM_VIOLATION && item->payload.len <= PAYLOAD_SHOWN)
		len += snprintf(line + len, sizeof(line) - (size_t)len, ": %.*s\n", (int)item->payload.len,
				item->payload.len ? (const char *)item->payload.data : "");
	else if (item->kind != WS_ITEM_VIOLATION)
		len += snprintf(line + len, sizeof(line) - (size_t)len, ": %zu %08x\n", item->payload.len,
				sum(item->payload));
	assert_int_equal(ws_buf_append(text, ws_span_of(line, (size_t)len)), WS_OK);
}

void decode_pieces(const struct ws_decoder_config *config, struct ws_span bytes, size_t (*next_piece)(void *context),
		   void *context, struct ws_buf *text)
{
	struct ws_decoder *decoder = ws_decoder_create(config);
	struct ws_item item;
	enum ws_step step;

	assert_non_null(decoder);
	if (join)
		ws_decoder_restart(decoder, config->begin);
	while (bytes.len) {
		size_t want = next_piece(context);
		struct ws_span piece = ws_span_first(bytes, want ? want : bytes.len);
		uint8_t *exact = malloc(piece.len);
		struct ws_cursor cursor;

		memcpy(exact, piece.data, piece.len);
		cursor = ws_cursor_of(ws_span_of(exact, piece.len));
		while ((step = ws_decoder_next(decoder, &cursor, &item)) == WS_STEP_ITEM)
			item_write(&item, text);
		assert_int_equal(step, WS_STEP_MORE);
		assert_int_equal(ws_cursor_left(&cursor), 0);
		free(exact);
		bytes = ws_span_from(bytes, piece.len);
	}
	ws_decoder_destroy(decoder);
}

size_t same_piece(void *context)
{
	return *(size_t *)context;
}

static size_t two_pieces(void *context)
{
	size_t len = *(size_t *)context;

	*(size_t *)context = 0;
	return len;
}

static size_t random_piece(void *context)
{
	(void)context;
	return (size_t)(random() % 8 ? random() % 40 : random() % 5000) + 1;
}

static void decode_and_compare(const struct ws_decoder_config *config, struct ws_span bytes,
			       size_t (*next_piece)(void *), size_t len, const struct ws_buf *want)
{
	struct ws_buf text;

	ws_buf_init(&text, TEXT_MAX);
	decode_pieces(config, bytes, next_piece, &len, &text);
	assert_int_equal(ws_buf_append(&text, ws_span_of("", 1)), WS_OK);
	assert_string_equal((char *)text.data, (char *)want->data);
	ws_buf_finish(&text);
}

void assert_items(const struct ws_decoder_config *config, struct ws_span bytes, const char *want)
{
	struct ws_buf whole;
	size_t all = 0;

	ws_buf_init(&whole, TEXT_MAX);
	decode_pieces(config, bytes, same_piece, &all, &whole);
	assert_int_equal(ws_buf_append(&whole, ws_span_of("", 1)), WS_OK);
	if (want)
		assert_string_equal((char *)whole.data, want);
	for (size_t len = 1; len <= 16; len++)
		decode_and_compare(config, bytes, same_piece, len, &whole);
	for (size_t at = 1; bytes.len <= SHORT && at < bytes.len; at++)
		decode_and_compare(config, bytes, two_pieces, at, &whole);
	for (unsigned round = 0; round < 10; round++)
		decode_and_compare(config, bytes, random_piece, 0, &whole);
	ws_buf_finish(&whole);
}

void assert_joined_items(const struct ws_decoder_config *config, struct ws_span bytes, const char *want)
{
	join = true;
	assert_items(config, bytes, want);
	join = false;
}
