#include "told.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ws/frame.h"
#include "wscap/sink.h"

enum {
	COMPLAINTS_MAX = 20, /* that are written out */
	SHOWN = 60,          /* bytes of a payload */
	SPEAKERS_MAX = 4096, /* room for all: none is taken while the heap is counted */
};

struct said {
	enum event_kind kind;
	enum dir dir;
	uint8_t opcode;
	uint16_t close_code;
	enum ws_cut cut;
	bool masked;
	struct ws_span payload;
};

struct speaker {
	struct endpoint from, to;
	uint32_t stream;
	struct said *said; /* in the whole capture */
	size_t said_count;
	const struct ws_rule_info **broken;
	size_t broken_count;

	/* in the damaged one */
	size_t at;    /* what it may say next */
	size_t heard; /* how much it said, whole */
	bool seen;    /* bytes of it are there */
	bool loss_named;
};

struct told {
	struct speaker *speakers;
	size_t count;
	const char *what;
	size_t place, complaints;
	bool noise, losses; /* are looked for */
};

static void *or_abort(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct told *told_create(bool noise, bool losses)
{
	struct told *told = or_abort(calloc(1, sizeof(struct told)));

	told->speakers = or_abort(calloc(SPEAKERS_MAX, sizeof(struct speaker)));

	told->noise = noise;
	told->losses = losses;
	return told;
}

void told_destroy(struct told *told)
{
	for (size_t i = 0; i < told->count; i++) {
		struct speaker *speaker = &told->speakers[i];

		for (size_t j = 0; j < speaker->said_count; j++)
			free((void *)(uintptr_t)speaker->said[j].payload.data);
		free(speaker->said);
		free(speaker->broken);
	}
	free(told->speakers);
	free(told);
}

void told_complain(struct told *told, const char *format, ...)
{
	va_list args;

	if (told->complaints++ >= COMPLAINTS_MAX)
		return;
	printf("%s %zu: ", told->what, told->place);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

size_t told_complaints(const struct told *told)
{
	return told->complaints;
}

size_t told_frames(const struct told *told)
{
	size_t sum = 0;

	for (size_t i = 0; i < told->count; i++)
		sum += told->speakers[i].said_count;
	return sum;
}

static bool same_end(const struct endpoint *a, const struct endpoint *b)
{
	return a->version == b->version && a->port == b->port && memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

/* The index of a speaker; a new one where there is none yet. */
static size_t find(struct told *told, const struct conn *conn, enum dir dir, uint32_t stream)
{
	struct endpoint client = conn_client(conn), server = conn_server(conn);
	const struct endpoint *from = dir == DIR_C2S ? &client : &server, *to = dir == DIR_C2S ? &server : &client;
	size_t i = 0;

	while (i < told->count && (told->speakers[i].stream != stream || !same_end(&told->speakers[i].from, from) ||
				   !same_end(&told->speakers[i].to, to)))
		i++;
	if (i < told->count)
		return i;
	if (i == SPEAKERS_MAX)
		abort();
	told->speakers[i] = (struct speaker){.from = *from, .to = *to, .stream = stream};
	return told->count++;
}

static struct speaker *speaker_of(struct told *told, const struct event *event, enum dir dir)
{
	size_t at = find(told, event->conn, dir, event->stream);

	return &told->speakers[at];
}

/* A frame as it can be compared; its payload stays the event's. */
static struct said said_of(const struct event *event)
{
	const struct ws_item *item = &event->as.item;

	return (struct said){.kind = event->kind,
			     .dir = event->dir,
			     .opcode = item->opcode,
			     .close_code = item->close_code,
			     .cut = item->cut,
			     .masked = item->masked,
			     .payload = item->payload};
}

/* The list with room for one more behind the count that are in it: it doubles, whenever they are a power of two. */
static void *with_room(void *list, size_t count, size_t size)
{
	return count & (count - 1) ? list : or_abort(realloc(list, (count ? 2 * count : 1) * size));
}

void told_learn(struct told *told, const struct event *event)
{
	struct speaker *speaker = speaker_of(told, event, event->dir);

	if (event->kind == EVENT_MESSAGE || event->kind == EVENT_CONTROL) {
		struct said said = said_of(event);
		uint8_t *copy = or_abort(malloc(said.payload.len + 1));

		if (said.payload.len)
			memcpy(copy, said.payload.data, said.payload.len);
		said.payload = ws_span_of(copy, said.payload.len);
		speaker->said = with_room(speaker->said, speaker->said_count, sizeof(said));
		speaker->said[speaker->said_count++] = said;
	} else if (event->kind == EVENT_VIOLATION) {
		speaker->broken =
		    (const struct ws_rule_info **)with_room(speaker->broken, speaker->broken_count, sizeof(void *));
		speaker->broken[speaker->broken_count++] = event->as.violation.info;
	}
}

void told_begin(struct told *told, const char *what, size_t place)
{
	told->what = what;
	told->place = place;
	for (size_t i = 0; i < told->count; i++) {
		struct speaker *speaker = &told->speakers[i];

		speaker->at = speaker->heard = 0;
		speaker->seen = speaker->loss_named = false;
	}
}

/* Joined in the middle, who masks is the client: RFC 6455, section 5.1. */
static bool same_role(const struct said *told, const struct said *whole)
{
	return told->dir == whole->dir || told->masked == (told->dir == DIR_C2S);
}

/* What is cut may be the beginning of what was sent or, as a continuation, its end (which may not be known). */
static bool is_part(const struct said *part, const struct said *whole)
{
	struct ws_span there = part->payload, all = whole->payload;

	if (part->kind != whole->kind || !same_role(part, whole))
		return false;
	if (part->opcode == WS_CONTINUATION)
		return whole->cut ||
		       (there.len <= all.len && ws_span_equal(there, ws_span_from(all, all.len - there.len)));
	return part->opcode == whole->opcode && there.len <= all.len &&
	       ws_span_equal(there, ws_span_first(all, there.len));
}

static bool is_same(const struct said *a, const struct said *b)
{
	return a->kind == b->kind && same_role(a, b) && a->opcode == b->opcode && a->close_code == b->close_code &&
	       a->cut == b->cut && ws_span_equal(a->payload, b->payload);
}

static void judge_frame(struct told *told, const struct event *event)
{
	struct speaker *speaker = speaker_of(told, event, event->dir);
	struct said said = said_of(event);
	size_t i = speaker->at;

	while (i < speaker->said_count && !is_same(&said, &speaker->said[i]))
		i++;
	if (i < speaker->said_count) {
		speaker->at = i + 1;
		speaker->heard++;
		return;
	}
	speaker->loss_named |= said.cut != WS_CUT_NONE;
	/* the one before may have been its beginning */
	for (i = speaker->at ? speaker->at - 1 : 0; said.cut && i < speaker->said_count; i++)
		if (is_part(&said, &speaker->said[i]))
			return;
	if (told->noise)
		told_complain(told, "noise: %s %s%s \"%.*s\"", event->dir == DIR_C2S ? "c2s" : "s2c",
			      ws_opcode_name(said.opcode), said.cut ? " (cut)" : "",
			      (int)(said.payload.len < SHOWN ? said.payload.len : SHOWN),
			      (const char *)said.payload.data);
}

static void judge_violation(struct told *told, const struct event *event)
{
	const struct speaker *speaker = speaker_of(told, event, event->dir);

	for (size_t i = 0; i < speaker->broken_count; i++)
		if (speaker->broken[i] == event->as.violation.info)
			return;
	if (told->noise)
		told_complain(told, "noise: %s breaks %s", event->dir == DIR_C2S ? "c2s" : "s2c",
			      event->as.violation.info->id);
}

/* Of one direction; on a connection, of all its streams. */
static void name_loss(struct told *told, const struct event *event, enum dir dir)
{
	size_t at = find(told, event->conn, dir, event->stream);
	struct speaker named = told->speakers[at];

	told->speakers[at].loss_named = true;
	for (size_t i = 0; i < told->count && !event->stream; i++)
		if (same_end(&told->speakers[i].from, &named.from) && same_end(&told->speakers[i].to, &named.to))
			told->speakers[i].loss_named = true;
}

/* Is it of a connection with HTTP/2 streams? */
static bool has_streams(struct told *told, const struct event *event)
{
	const struct speaker named = told->speakers[find(told, event->conn, event->dir, 0)];

	for (size_t i = 0; i < told->count; i++)
		if (told->speakers[i].stream && same_end(&told->speakers[i].from, &named.from) &&
		    same_end(&told->speakers[i].to, &named.to))
			return true;
	return false;
}

static void name_both(struct told *told, const struct event *event)
{
	name_loss(told, event, DIR_C2S);
	name_loss(told, event, DIR_S2C);
}

void told_judge(struct told *told, const struct event *event)
{
	switch (event->kind) {
	case EVENT_MESSAGE:
	case EVENT_CONTROL:
		judge_frame(told, event);
		break;
	case EVENT_VIOLATION:
		judge_violation(told, event);
		break;
	case EVENT_GAP:
		name_loss(told, event, event->dir);
		if (!event->stream && has_streams(told, event)) /* both hang on the heads that were in it */
			name_loss(told, event, dir_other(event->dir));
		break;
	case EVENT_MID_STREAM:
		name_loss(told, event, event->dir);
		break;
	case EVENT_LIMIT:
	case EVENT_TLS_LOCKED:
		name_both(told, event);
		break;
	case EVENT_H2:
		if (event->as.h2.kind == H2_NEWS_UNREADABLE || event->as.h2.joined)
			name_both(told, event);
		break;
	case EVENT_TCP_OPEN:
		if (conn_is_mid_stream(event->conn))
			name_both(told, event);
		break;
	default:
		break;
	}
}

void told_saw(struct told *told, const struct packet_view *view)
{
	size_t at;

	if (!view->is_segment || !view->tcp.payload_len)
		return;
	at = find(told, view->conn, view->segment.dir, 0);
	told->speakers[at].seen = true;
}

static bool was_seen(const struct told *told, const struct speaker *speaker)
{
	for (size_t i = 0; i < told->count; i++) {
		const struct speaker *each = &told->speakers[i];

		if (each->seen && ((same_end(&each->from, &speaker->from) && same_end(&each->to, &speaker->to)) ||
				   (same_end(&each->from, &speaker->to) && same_end(&each->to, &speaker->from))))
			return true;
	}
	return false;
}

void told_end(struct told *told, bool may_lose)
{
	for (size_t i = 0; i < told->count && told->losses && !may_lose; i++) {
		const struct speaker *speaker = &told->speakers[i];

		if (speaker->heard < speaker->said_count && !speaker->loss_named && was_seen(told, speaker))
			told_complain(told, "port %u, stream %u, said %zu of %zu, and no loss is named",
				      (unsigned)speaker->from.port, (unsigned)speaker->stream, speaker->heard,
				      speaker->said_count);
	}
}
