/* An HTTP/2 connection: what is told is the same however the bytes are cut (as long as none are missing: after that,
 * where a piece begins matters), it holds what h2_conn.h says, and memory stays within the limits.
 * The client's preface comes first, unless the connection is joined.
 *
 * The first byte says how the connection is read; then steps follow, each of a byte for the direction and whether its
 * bytes are missing, two for the length, and the bytes. */
#include "ws/buf.h"
#include "wscap/h2_conn.h"

#include <stdlib.h>

enum {
	HEAD_MAX = 2000,
	STREAMS_MAX = 4,
	MEMORY_MAX = 200000, /* two tables of 64 KiB, and what is kept */
	TOLD_MAX = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

struct run {
	struct ws_buf told;
	uint32_t data_of;
	enum dir data_dir;
	size_t followed;
	bool lost; /* a frame that is too long: what follows is looked for in each piece by itself */
};

static void tell(struct run *run, uint64_t what, uint64_t dir, uint64_t stream, uint64_t more)
{
	uint64_t facts[] = {what, dir, stream, more};

	run->data_of = 0;
	check(ws_buf_append(&run->told, ws_span_of(facts, sizeof(facts))) == WS_OK);
}

static void note(struct run *run, struct h2_stream *stream)
{
	if (!stream->user)
		run->followed++;
	stream->user = run;
	check(run->followed <= STREAMS_MAX);
}

static void on_head(void *context, struct h2_stream *stream, enum dir dir, const struct ws_http_head *head,
		    int64_t begin, int64_t end)
{
	struct run *run = context;

	note(run, stream);
	check(begin < end && (!head || (head->all.len <= HEAD_MAX && head->field_count <= WS_HTTP_FIELDS_MAX)));
	check(!head || head->is_response == (dir == DIR_S2C));
	tell(run, 100, dir, stream->id, head ? head->status + 1000 * head->field_count : 0);
	if (head)
		check(ws_buf_append(&run->told, head->all) == WS_OK);
}

static void on_data(void *context, struct h2_stream *stream, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct run *run = context;

	note(run, stream);
	check(offset >= 0 && bytes.len && !stream->ignored && !stream->ended[dir]);
	if (run->data_of != stream->id || run->data_dir != dir)
		tell(run, 101, dir, stream->id, 0);
	run->data_of = stream->id;
	run->data_dir = dir;
	check(ws_buf_append(&run->told, bytes) == WS_OK);
}

static void on_gap(void *context, struct h2_stream *stream, enum dir dir, uint64_t len)
{
	tell(context, 102, dir, stream->id, len);
}

static void on_news(void *context, const struct h2_news *news)
{
	struct run *run = context;

	check(news->kind < H2_NEWS_KINDS && news->stream <= H2_STREAM_MAX && news->rule < H2_RULE_COUNT);
	run->lost |= news->rule == H2_RULE_FRAME_SIZE;
	check((news->kind == H2_NEWS_VIOLATION) == (news->rule != H2_RULE_NONE));
	tell(run, news->kind, news->dir, news->stream, (uint64_t)news->rule + news->code + news->last);
}

static void on_forget(void *context, struct h2_stream *stream)
{
	struct run *run = context;

	tell(run, 103, 0, stream->id, 0);
	if (stream->user)
		run->followed--;
}

/* A piece in memory of its own, exactly as long as it. */
static void feed(struct h2_conn *h2, enum dir dir, int64_t at, struct ws_span piece)
{
	uint8_t *exact = malloc(piece.len + 1);

	check(exact);
	if (piece.len)
		memcpy(exact + 1, piece.data, piece.len);
	check(h2_conn_feed(h2, dir, at, ws_span_of(exact + 1, piece.len), 5) == WS_OK);
	check(h2_conn_memory(h2) < MEMORY_MAX);
	free(exact);
}

/* Returns whether frames may have been looked for, as behind bytes that were missing. */
static bool play(struct run *run, uint8_t how, struct ws_span script, size_t piece)
{
	struct h2_limits limits = {.head = HEAD_MAX, .streams = STREAMS_MAX};
	struct h2_sink sink = {
	    .head = on_head, .data = on_data, .gap = on_gap, .news = on_news, .forget = on_forget, .context = run};
	struct h2_conn *h2 = h2_conn_create(&limits, how & 1, &sink);
	struct ws_cursor at = ws_cursor_of(script);
	int64_t offset[2] = {H2_PREFACE_LEN, 0};
	bool missing = how & 1;
	uint8_t kind;
	uint16_t len;

	check(h2);
	if (!(how & 1))
		feed(h2, DIR_C2S, 0, ws_span_str(H2_PREFACE));
	while (ws_take_u8(&at, &kind) && ws_take_u16(&at, &len)) {
		enum dir dir = kind & 1 ? DIR_S2C : DIR_C2S;
		struct ws_span bytes;

		if (len > ws_cursor_left(&at))
			len = (uint16_t)ws_cursor_left(&at);
		if (kind & 2) {
			h2_conn_gap(h2, dir, len);
			offset[dir] += len;
			missing = true;
			continue;
		}
		ws_take_span(&at, len, &bytes);
		for (size_t done = 0; done < len; done += piece ? piece : len)
			feed(h2, dir, offset[dir] + (int64_t)done,
			     ws_span_first(ws_span_from(bytes, done), piece ? piece : len));
		offset[dir] += len;
	}
	h2_conn_destroy(h2);
	check(!run->followed);
	return missing || run->lost;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run first = {.data_of = 0}, second = {.data_of = 0};
	struct ws_span script = ws_span_of(data + 1, size - 1);
	bool missing;

	if (size < 1 || size > 8192)
		return 0;
	ws_buf_init(&first.told, TOLD_MAX);
	ws_buf_init(&second.told, TOLD_MAX);
	missing = play(&first, data[0], script, 0);
	play(&second, data[0], script, 1 + (data[0] >> 1 & 31));
	check(missing || ws_span_equal(ws_buf_span(&first.told), ws_buf_span(&second.told)));
	ws_buf_finish(&first.told);
	ws_buf_finish(&second.told);
	return 0;
}
