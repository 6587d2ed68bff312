/* One direction of a WebSocket, with inflate: the items are the same however the bytes are cut, hold what message.h
 * says of them, and memory stays within the limits.
 *
 * Four bytes choose how the stream is read (see setup below), the rest is the stream. */
#include "ws/message.h"
#include "ws/utf8.h"

#include <stdlib.h>

enum {
	MESSAGE_MAX = 300,
	INFLATED_MAX = 500,
	STREAM_MAX = 4096,  /* bytes: each is read alone, in an allocation of its own */
	MEMORY_MAX = 50000, /* zlib's state, and what the limits let it keep */
	TOLD_MAX = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct setup {
	struct ws_decoder_config config;
	bool joined;        /* restarted before its first byte */
	size_t skip_at;     /* bytes that do not come: in the stream, from here */
	size_t skip_len;    /* …so many */
	uint8_t piece_seed; /* of the lengths of the pieces in the second run; 0: one byte each */
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_item(const struct setup *setup, const struct ws_item *item)
{
	const struct ws_decoder_limits *limits = &setup->config.limits;

	check(item->begin < item->end);
	check(item->opcode < 16 && item->frames > 0);
	if (item->kind == WS_ITEM_VIOLATION) {
		check(item->rule > WS_RULE_NONE && item->rule <= WS_RULE_INFLATE && !item->payload.len);
		return;
	}
	check(item->utf8 == ws_utf8_valid(item->payload));
	if (item->kind == WS_ITEM_CONTROL) {
		check(ws_opcode_is_control(item->opcode) && item->payload.len <= WS_CONTROL_PAYLOAD_MAX);
		check(item->cut || item->payload.len + (item->opcode == WS_CLOSE ? 2 : 0) >= item->len ||
		      item->wire_len == 1);
		return;
	}
	check(!ws_opcode_is_control(item->opcode));
	check(item->payload.len <= limits->message_max);
	check(!item->compressed || item->payload.len <= limits->inflated_max);
	check(item->payload.len <= item->len);
	check(item->cut || item->payload.len == item->len);
	check(item->cut != WS_CUT_MISSING_CONTEXT || !item->payload.len);
	check(item->compressed || item->len == item->wire_len);
	check(!item->compressed || setup->config.deflate.enabled);
}

/* All that an item says, so that two runs can be compared. */
static void tell(const struct ws_item *item, struct ws_buf *told)
{
	uint64_t facts[] = {item->kind, item->rule,    item->opcode,  item->masked,     item->compressed, item->utf8,
			    item->cut,  item->frames,  item->len,     item->wire_len,   item->close_code, item->begin,
			    item->end,  item->mask[0], item->mask[3], item->payload.len};

	check(ws_buf_append(told, ws_span_of(facts, sizeof(facts))) == WS_OK);
	check(ws_buf_append(told, item->payload) == WS_OK);
}

static void decode(struct ws_decoder *decoder, const struct setup *setup, struct ws_span piece, struct ws_buf *told)
{
	uint8_t *exact = malloc(piece.len + 1); /* its end is the allocation's */
	struct ws_cursor cursor = ws_cursor_of(ws_span_of(exact + 1, piece.len));
	struct ws_item item;
	enum ws_step step;

	check(exact);
	if (piece.len)
		memcpy(exact + 1, piece.data, piece.len);
	while ((step = ws_decoder_next(decoder, &cursor, &item)) == WS_STEP_ITEM) {
		check_item(setup, &item);
		tell(&item, told);
	}
	check(step == WS_STEP_MORE && !ws_cursor_left(&cursor));
	check(ws_decoder_memory(decoder) < MEMORY_MAX);
	free(exact);
}

/* How long the next piece is, of left bytes. random: from which the lengths follow; 0: one byte each. */
static size_t piece_len(uint32_t *random, size_t left)
{
	size_t len;

	if (!*random)
		return 1;
	*random = *random * 1103515245 + 12345;
	len = (*random >> 16 & 31) + 1;
	return *random >> 30 && len < left ? len : left;
}

static void run(const struct setup *setup, struct ws_span stream, bool whole, struct ws_buf *told)
{
	uint32_t random = setup->piece_seed;
	struct ws_decoder *decoder = ws_decoder_create(&setup->config);
	struct ws_item item;
	size_t at = 0;

	check(decoder);
	if (setup->joined)
		ws_decoder_restart(decoder, 0);
	while (at < stream.len) {
		size_t len = stream.len - at;

		if (at == setup->skip_at && setup->skip_len && setup->skip_len <= len) {
			at += setup->skip_len;
			if (!ws_decoder_skip(decoder, setup->skip_len))
				ws_decoder_restart(decoder, at);
			decode(decoder, setup, ws_span_of(NULL, 0), told);
			continue;
		}
		if (!whole)
			len = piece_len(&random, len);
		if (at < setup->skip_at && at + len > setup->skip_at)
			len = setup->skip_at - at;
		decode(decoder, setup, ws_span_first(ws_span_from(stream, at), len), told);
		at += len;
	}
	if (ws_decoder_pending(decoder, &item)) {
		check(item.cut && item.kind != WS_ITEM_VIOLATION && item.utf8 == ws_utf8_valid(item.payload));
		tell(&item, told);
	}
	ws_decoder_destroy(decoder);
}

static struct setup setup_of(const uint8_t choice[4], struct ws_buf *scratch)
{
	return (struct setup){
	    .config = {.from_client = choice[0] & 1,
		       .deflate = {.enabled = choice[0] & 2,
				   .server_no_context_takeover = choice[0] & 4,
				   .client_no_context_takeover = choice[0] & 4,
				   .server_max_window_bits = 15,
				   .client_max_window_bits = 15},
		       .limits = {.message_max = choice[0] & 8 ? 20 : MESSAGE_MAX,
				  .inflated_max = choice[0] & 16 ? 30 : INFLATED_MAX},
		       .scratch = scratch},
	    .joined = choice[0] & 32,
	    .skip_at = choice[1],
	    .skip_len = choice[2],
	    .piece_seed = choice[3],
	};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ws_buf scratch, first, second;
	struct setup setup;
	struct ws_span stream;

	if (size < 4 || size > STREAM_MAX)
		return 0;
	ws_buf_init(&scratch, 1 << 20);
	ws_buf_init(&first, TOLD_MAX);
	ws_buf_init(&second, TOLD_MAX);
	setup = setup_of(data, &scratch);
	stream = ws_span_of(data + 4, size - 4);
	run(&setup, stream, true, &first);
	run(&setup, stream, false, &second);
	check(ws_span_equal(ws_buf_span(&first), ws_buf_span(&second)));
	ws_buf_finish(&scratch);
	ws_buf_finish(&first);
	ws_buf_finish(&second);
	return 0;
}
