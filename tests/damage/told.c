#include "told.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "speakers.h"
#include "ws/frame.h"
#include "wscap/sink.h"

enum {
	COMPLAINTS_MAX = 20, /* that are written out */
	SHOWN = 60,          /* bytes of a payload */
};

/* A packet of the whole capture. */
struct place {
	uint64_t conn; /* its connection's number; 0: none */
	enum dir dir;
	bool placed;
	int64_t offset; /* of its payload in its stream */
	uint32_t len;
};

/* One that has other contents than some before it. */
struct contradiction {
	size_t from, to;
};

struct told {
	struct speakers speakers;
	struct place *places; /* of each packet */
	uint64_t *conns;      /* by numbers in the damaged capture: those in the whole one */
	size_t packets, now;
	struct contradiction contradictions[READINGS_MAX];
	size_t contradictions_count, reading;
	const char *what;
	size_t at;
	size_t *complaints; /* shared with children */
};

struct told *told_create(size_t packets)
{
	struct told *told = or_abort(calloc(1, sizeof(struct told)));

	speakers_init(&told->speakers);
	told->complaints = shared(sizeof(*told->complaints));
	told->places = or_abort(calloc(packets + 1, sizeof(*told->places)));
	told->conns = or_abort(calloc(packets + 1, sizeof(*told->conns)));
	told->packets = packets;
	return told;
}

void told_destroy(struct told *told)
{
	speakers_finish(&told->speakers);
	free(told->places);
	free(told->conns);
	free(told);
}

void told_complain(struct told *told, const char *format, ...)
{
	va_list args;

	if ((*told->complaints)++ >= COMPLAINTS_MAX)
		return;
	printf("%s %zu: ", told->what, told->at);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

size_t told_complaints(const struct told *told)
{
	return *told->complaints;
}

size_t told_frames(const struct told *told)
{
	size_t sum = 0;

	for (size_t i = 0; i < told->speakers.count; i++)
		sum += told->speakers.list[i].readings[0].count;
	return sum;
}

void told_packet(struct told *told, size_t place)
{
	told->now = place;
}

/* Where the whole capture is read as it is, numbers are its own. */
static bool is_first_reading(const struct told *told)
{
	return !told->what && !told->reading;
}

/* Of which connection an event is. A packet may be the first of another one, and be taken for one of the same. */
static uint64_t conn_of(const struct told *told, const struct conn *conn, bool of_packet)
{
	uint64_t number = conn_number(conn), known = number <= told->packets ? told->conns[number] : 0;

	if (is_first_reading(told))
		return number;
	return of_packet || !known ? told->places[told->now].conn : known;
}

static struct speaker *speaker_of(struct told *told, const struct event *event, enum dir dir, bool of_packet)
{
	return speakers_find(&told->speakers, event->conn, conn_of(told, event->conn, of_packet), dir, event->stream);
}

/* Is the packet of now between the ends of the event's connection? */
static bool is_of_packet(struct told *told, const struct event *event)
{
	uint64_t now = told->places[told->now].conn, before = conn_of(told, event->conn, false);

	for (size_t i = 0; i < told->speakers.count && now && now != before; i++) {
		const struct speaker *each = &told->speakers.list[i];

		if (each->conn == now) {
			struct speaker other = *each;

			other.conn = before;
			return speakers_talk(&other, speaker_of(told, event, event->dir, false));
		}
	}
	return false;
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

/* Which packet the one of now contradicts first. */
static void learn_contradiction(struct told *told, const struct conn_overlap *overlap, enum dir dir)
{
	const struct place *now = &told->places[told->now];
	int64_t begin = overlap->offset, end = overlap->offset + (int64_t)overlap->first.len;
	size_t i = 0;

	while (i < told->now &&
	       !(told->places[i].conn == now->conn && told->places[i].dir == dir && told->places[i].placed &&
		 told->places[i].offset < end && told->places[i].offset + told->places[i].len > begin))
		i++;
	if (begin >= 0 && i < told->now && told->contradictions_count < READINGS_MAX)
		told->contradictions[told->contradictions_count++] = (struct contradiction){.from = told->now, .to = i};
}

void told_learn(struct told *told, const struct event *event)
{
	struct speaker *speaker = speaker_of(told, event, event->dir, false);
	struct said said;

	if (event->kind == EVENT_MESSAGE || event->kind == EVENT_CONTROL) {
		said = said_of(event);
		said.place = told->now;
		speaker_says(speaker, told->reading, &said);
	} else if (event->kind == EVENT_VIOLATION) {
		speaker_breaks(speaker, event->as.violation.info);
	} else if (event->kind == EVENT_OVERLAP && is_first_reading(told)) {
		told->places[told->now].conn = speaker->conn;
		learn_contradiction(told, &event->as.overlap, event->dir);
	}
}

void told_learn_packet(struct told *told, const struct packet_view *view)
{
	if (!view->is_segment)
		return;
	if (is_first_reading(told))
		told->places[told->now] = (struct place){.conn = conn_number(view->conn),
							 .dir = view->segment.dir,
							 .placed = view->segment.placed,
							 .offset = view->segment.offset,
							 .len = view->segment.len};
	else if (conn_number(view->conn) <= told->packets)
		told->conns[conn_number(view->conn)] = told->places[told->now].conn;
}

bool told_contradiction(const struct told *told, size_t i, size_t *ret_from, size_t *ret_to)
{
	if (i >= told->contradictions_count)
		return false;
	*ret_from = told->contradictions[i].from;
	*ret_to = told->contradictions[i].to;
	return true;
}

static void forget_conns(struct told *told)
{
	memset(told->conns, 0, (told->packets + 1) * sizeof(*told->conns));
}

bool told_learn_again(struct told *told)
{
	forget_conns(told);
	return ++told->reading < READINGS_MAX;
}

void told_name(struct told *told, const char *what, size_t place)
{
	told->what = what;
	told->at = place;
}

void told_begin(struct told *told)
{
	forget_conns(told);
	for (size_t i = 0; i < told->speakers.count; i++) {
		struct speaker *speaker = &told->speakers.list[i];

		for (size_t j = 0; j < READINGS_MAX; j++)
			speaker->readings[j].at = speaker->readings[j].heard = 0;
		speaker->heard = 0;
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
	if (part->opcode == WS_CONTINUATION && whole->cut)
		return true;
	if (there.len > all.len)
		return false;
	return (part->opcode == whole->opcode && ws_span_equal(there, ws_span_first(all, there.len))) ||
	       (part->opcode == WS_CONTINUATION && ws_span_equal(there, ws_span_from(all, all.len - there.len)));
}

static bool is_same(const struct said *a, const struct said *b)
{
	return a->kind == b->kind && same_role(a, b) && a->opcode == b->opcode && a->close_code == b->close_code &&
	       a->cut == b->cut && ws_span_equal(a->payload, b->payload);
}

/* Is it what this says next, or later? */
static bool is_said(struct reading *reading, const struct said *said)
{
	size_t i = reading->at;

	while (i < reading->count && !is_same(said, &reading->said[i]))
		i++;
	if (i == reading->count)
		return false;
	reading->at = i + 1;
	reading->heard++;
	return true;
}

/* …a part of it? The one before may have been its beginning. */
static bool is_said_partly(const struct reading *reading, const struct said *said)
{
	for (size_t i = reading->at ? reading->at - 1 : 0; said->cut && i < reading->count; i++)
		if (is_part(said, &reading->said[i]))
			return true;
	return false;
}

/* It may follow what was said in any of the readings. */
static bool was_sent(struct speaker *speaker, const struct said *said)
{
	bool whole = false, partly = false;

	for (size_t i = 0; i < READINGS_MAX; i++)
		whole |= is_said(&speaker->readings[i], said);
	speaker->heard += whole;
	speaker->loss_named |= !whole && said->cut != WS_CUT_NONE;
	for (size_t i = 0; i < READINGS_MAX && !whole; i++)
		partly |= is_said_partly(&speaker->readings[i], said);
	return whole || partly;
}

static void judge_frame(struct told *told, const struct event *event)
{
	struct said said = said_of(event);

	if (was_sent(speaker_of(told, event, event->dir, false), &said) ||
	    (is_of_packet(told, event) && was_sent(speaker_of(told, event, event->dir, true), &said)))
		return;
	told_complain(told, "noise: %s %s%s \"%.*s\"", event->dir == DIR_C2S ? "c2s" : "s2c",
		      ws_opcode_name(said.opcode), said.cut ? " (cut)" : "",
		      (int)(said.payload.len < SHOWN ? said.payload.len : SHOWN), (const char *)said.payload.data);
}

static bool is_broken(const struct speaker *speaker, const struct ws_rule_info *rule)
{
	for (size_t i = 0; i < speaker->broken_count; i++)
		if (speaker->broken[i] == rule)
			return true;
	return false;
}

static void judge_violation(struct told *told, const struct event *event)
{
	const struct ws_rule_info *rule = event->as.violation.info;

	if (!is_broken(speaker_of(told, event, event->dir, false), rule) &&
	    !(is_of_packet(told, event) && is_broken(speaker_of(told, event, event->dir, true), rule)))
		told_complain(told, "noise: %s breaks %s", event->dir == DIR_C2S ? "c2s" : "s2c", rule->id);
}

/* Is a stream among those that something is told of: all of a connection's, or all within a tunnel? */
static bool is_of(uint64_t stream, uint64_t told)
{
	return !told || stream == told || event_within(stream) == told;
}

/* Of one direction, and all that is within it. */
static void name_loss_of(struct told *told, const struct event *event, enum dir dir, bool of_packet)
{
	struct speaker *named = speaker_of(told, event, dir, of_packet);

	named->loss_named = true;
	for (size_t i = 0; i < told->speakers.count; i++)
		if (is_of(told->speakers.list[i].stream, event->stream) &&
		    speakers_same(&told->speakers.list[i], named))
			told->speakers.list[i].loss_named = true;
}

static void name_loss(struct told *told, const struct event *event, enum dir dir)
{
	name_loss_of(told, event, dir, false);
	if (is_of_packet(told, event))
		name_loss_of(told, event, dir, true);
}

/* Is it of a connection, or a tunnel, with HTTP/2 streams? */
static bool has_streams(struct told *told, const struct event *event)
{
	const struct speaker *named = speaker_of(told, event, event->dir, false);

	for (size_t i = 0; i < told->speakers.count; i++)
		if (told->speakers.list[i].stream != event->stream &&
		    is_of(told->speakers.list[i].stream, event->stream) &&
		    speakers_same(&told->speakers.list[i], named))
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
		if (has_streams(told, event)) /* both hang on the heads that were in it */
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
	uint64_t conn = told->places[told->now].conn;

	if (!view->is_segment)
		return;
	if (conn && conn_number(view->conn) <= told->packets)
		told->conns[conn_number(view->conn)] = conn;
	if (view->tcp.payload_len)
		speakers_find(&told->speakers, view->conn, conn, view->segment.dir, 0)->seen = true;
}

static bool was_seen(const struct told *told, const struct speaker *speaker)
{
	for (size_t i = 0; i < told->speakers.count; i++)
		if (told->speakers.list[i].seen && speakers_talk(&told->speakers.list[i], speaker))
			return true;
	return false;
}

/* How much of it the packets before place say. */
static size_t expected(const struct reading *reading, size_t place)
{
	size_t count = reading->count;

	while (count && reading->said[count - 1].place >= place)
		count--;
	return count;
}

/* All that it says by then in one of the readings, or as much, of several. */
static bool said_all(const struct told *told, const struct speaker *speaker, size_t place)
{
	bool all = speaker->heard >= expected(&speaker->readings[0], place);

	for (size_t i = 0; i <= told->reading && i < READINGS_MAX; i++)
		all |= speaker->readings[i].heard >= expected(&speaker->readings[i], place);
	return all;
}

void told_end(struct told *told, size_t place)
{
	for (size_t i = 0; i < told->speakers.count; i++) {
		const struct speaker *speaker = &told->speakers.list[i];

		if (!speaker->loss_named && was_seen(told, speaker) && !said_all(told, speaker, place))
			told_complain(told, "port %u, stream %u.%u, said %zu of %zu, and no loss is named",
				      (unsigned)speaker->from.port, event_within(speaker->stream),
				      event_stream(speaker->stream), speaker->heard,
				      expected(&speaker->readings[0], place));
	}
}
