#include "test.h"

#include "h2_script.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

const char h2_request[] = ":method: CONNECT\n:protocol: websocket\n:scheme: https\n:path: /chat\n:authority: "
			  "example.org\nsec-websocket-version: 13\n";
const char h2_answer[] = ":status: 200\n";

void h2_script_init(struct h2_script *script)
{
	*script = (struct h2_script){.limits = {.head = 65536, .streams = 100}};
	ws_buf_init(&script->bytes, 1 << 24);
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		assert_int_equal(nghttp2_hd_deflate_new(&script->deflaters[dir], 4096), 0);
}

void h2_script_finish(struct h2_script *script)
{
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		nghttp2_hd_deflate_del(script->deflaters[dir]);
	ws_buf_finish(&script->bytes);
}

void h2_raw(struct h2_script *script, enum dir dir, struct ws_span bytes)
{
	assert_true(script->count < H2_STEPS_MAX);
	script->steps[script->count++] = (struct h2_step){.dir = dir, .begin = script->bytes.len, .len = bytes.len};
	assert_int_equal(ws_buf_append(&script->bytes, bytes), WS_OK);
}

void h2_frame(struct h2_script *script, enum dir dir, uint8_t type, uint8_t flags, uint32_t stream,
	      struct ws_span payload)
{
	uint8_t *frame = malloc(H2_HEADER_LEN + payload.len);
	uint8_t header[H2_HEADER_LEN] = {
	    (uint8_t)(payload.len >> 16), (uint8_t)(payload.len >> 8), (uint8_t)payload.len,   type,           flags,
	    (uint8_t)(stream >> 24),      (uint8_t)(stream >> 16),     (uint8_t)(stream >> 8), (uint8_t)stream};

	assert_non_null(frame);
	memcpy(frame, header, sizeof(header));
	if (payload.len)
		memcpy(frame + H2_HEADER_LEN, payload.data, payload.len);
	h2_raw(script, dir, ws_span_of(frame, H2_HEADER_LEN + payload.len));
	free(frame);
}

struct ws_buf h2_block(struct h2_script *script, enum dir dir, const char *fields)
{
	nghttp2_nv list[64];
	size_t count = 0;
	struct ws_buf block;
	ssize_t len;

	while (*fields) {
		const char *colon = strstr(fields + 1, ": "), *end = strchr(fields, '\n');

		assert_true(colon && end && count < 64);
		list[count++] = (nghttp2_nv){.name = (uint8_t *)(uintptr_t)fields,
					     .namelen = (size_t)(colon - fields),
					     .value = (uint8_t *)(uintptr_t)(colon + 2),
					     .valuelen = (size_t)(end - colon - 2)};
		fields = end + 1;
	}
	ws_buf_init(&block, 1 << 24);
	assert_int_equal(ws_buf_reserve(&block, nghttp2_hd_deflate_bound(script->deflaters[dir], list, count)), WS_OK);
	len = nghttp2_hd_deflate_hd(script->deflaters[dir], block.data, block.cap, list, count);
	assert_true(len >= 0);
	block.len = (size_t)len;
	return block;
}

void h2_headers(struct h2_script *script, enum dir dir, uint8_t flags, uint32_t stream, const char *fields)
{
	struct ws_buf block = h2_block(script, dir, fields);

	h2_frame(script, dir, H2_HEADERS, flags | H2_END_HEADERS, stream, ws_buf_span(&block));
	ws_buf_finish(&block);
}

void h2_lose(struct h2_script *script, size_t step)
{
	script->steps[step].lost = true;
}

void h2_open(struct h2_script *script)
{
	h2_raw(script, DIR_C2S, ws_span_str(H2_PREFACE));
	H2_FRAME(script, DIR_C2S, H2_SETTINGS, 0, 0, "");
	H2_FRAME(script, DIR_S2C, H2_SETTINGS, 0, 0, "\x00\x08\x00\x00\x00\x01");
	H2_FRAME(script, DIR_C2S, H2_SETTINGS, H2_ACK, 0, "");
	H2_FRAME(script, DIR_S2C, H2_SETTINGS, H2_ACK, 0, "");
}

void h2_begin(struct h2_script *script)
{
	h2_script_init(script);
	h2_open(script);
}

/* A piece of data that follows another is the same line: how bytes are cut does not change the text. */
struct teller {
	struct out *log;
	uint32_t data_of;
	enum dir data_dir;
};

static const char *dir_name(enum dir dir)
{
	return dir == DIR_C2S ? "c2s" : "s2c";
}

static void begin_line(struct teller *teller, enum dir dir, uint32_t stream)
{
	teller->data_of = 0;
	out_printf(teller->log, "\n%s %u ", dir_name(dir), stream);
}

static void on_head(void *context, struct h2_stream *stream, enum dir dir, const struct ws_http_head *head,
		    int64_t begin, int64_t end)
{
	struct teller *teller = context;
	struct ws_span path = head ? head->target : ws_span_of(NULL, 0);

	if (stream->tunnel && head)
		path = ws_http_field(head, ":authority");
	begin_line(teller, dir, stream->id);
	if (!head)
		out_str(teller->log, "head ?");
	else if (dir == DIR_C2S)
		out_printf(teller->log, "asks %.*s", (int)path.len, path.len ? (const char *)path.data : "");
	else
		out_printf(teller->log, "answers %u", head->status);
	assert_true(end > begin);
}

static void on_data(void *context, struct h2_stream *stream, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct teller *teller = context;

	assert_true(offset >= H2_HEADER_LEN && bytes.len);
	if (teller->data_of != stream->id || teller->data_dir != dir) {
		begin_line(teller, dir, stream->id);
		out_str(teller->log, "data ");
		teller->data_of = stream->id;
		teller->data_dir = dir;
	}
	out_bytes(teller->log, bytes.data, bytes.len);
}

static void on_gap(void *context, struct h2_stream *stream, enum dir dir, uint64_t len)
{
	struct teller *teller = context;

	begin_line(teller, dir, stream->id);
	out_printf(teller->log, "gap %llu", (unsigned long long)len);
}

static void on_news(void *context, const struct h2_news *news)
{
	static const char *const names[H2_NEWS_KINDS] = {"open",    "settings",  "end",        "reset", "goaway",
							 "blocked", "unblocked", "unreadable", "limit", "violation"};
	struct teller *teller = context;

	begin_line(teller, news->dir, news->stream);
	out_str(teller->log, names[news->kind]);
	if (news->kind == H2_NEWS_SETTINGS)
		out_str(teller->log, news->allowed ? " allowed" : " not allowed");
	else if (news->kind == H2_NEWS_RESET)
		out_printf(teller->log, " %s", h2_error_name(news->code));
	else if (news->kind == H2_NEWS_GOAWAY)
		out_printf(teller->log, " %s last %u %.*s", h2_error_name(news->code), news->last, (int)news->text.len,
			   news->text.len ? (const char *)news->text.data : "");
	else if (news->kind == H2_NEWS_LIMIT)
		out_printf(teller->log, " %s", news->name);
	else if (news->kind == H2_NEWS_VIOLATION)
		out_printf(teller->log, " %s", h2_rule_info(news->rule)->id);
}

static void on_forget(void *context, struct h2_stream *stream)
{
	struct teller *teller = context;

	teller->data_of = 0;
	out_printf(teller->log, "\n%u forgotten", stream->id);
}

bool h2_play(const struct h2_script *script, size_t piece, struct out *log)
{
	struct teller teller = {.log = log};
	struct h2_sink sink = {
	    .head = on_head, .data = on_data, .gap = on_gap, .news = on_news, .forget = on_forget, .context = &teller};
	struct h2_conn *h2 = h2_conn_create(&script->limits, script->joined, &sink);
	int64_t at[2] = {0, 0};
	bool good = h2;

	for (size_t i = 0; good && i < script->count; i++) {
		const struct h2_step *step = &script->steps[i];
		size_t len = piece ? piece : step->len;

		if (step->lost)
			h2_conn_gap(h2, step->dir, step->len);
		for (size_t done = 0; good && !step->lost && done < step->len; done += len) {
			size_t now = len < step->len - done ? len : step->len - done;
			uint8_t *exact = malloc(now);

			if (!exact) { /* it was the test's allocation that failed */
				good = false;
				break;
			}
			memcpy(exact, script->bytes.data + step->begin + done, now);
			good = h2_conn_feed(h2, step->dir, at[step->dir] + (int64_t)done, ws_span_of(exact, now),
					    1000) == WS_OK;
			free(exact);
		}
		at[step->dir] += (int64_t)step->len;
	}
	if (h2)
		assert_true(h2_conn_memory(h2) < 1 << 20);
	h2_conn_destroy(h2);
	return good;
}

void h2_gives(const struct h2_script *script, const char *want)
{
	static const size_t pieces[] = {0, 1, 2, 3, 5, 8, 9, 10, 17, 100};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct out log;

		assert_int_equal(out_init(&log, -1), 0);
		assert_true(h2_play(script, pieces[i], &log));
		out_char(&log, '\0');
		assert_string_equal(log.text + (log.text[0] == '\n'), want);
		out_finish(&log);
	}
}

void h2_ends(struct h2_script *script, const char *want)
{
	h2_gives(script, want);
	h2_script_finish(script);
}
