/* --format story: for each packet a comment block that tells what it is and means, then tcpdump's line and dump.
 *
 *     event ─► recall (what belongs together) ─► narrate ─► this packet's paragraphs ┐
 *     packet ─► recall (what its ACK acknowledges) ─► narrate ─► its facts ──────────┴─► block ─► line
 *
 * Events come before their packet, so their words wait here. A block is: gaps and connections that were given up, then
 * the first event's title, the segment's own facts, and the rest of the events. */
#include "base/i18n.h"
#include "wscap/line.h"
#include "wscap/options.h"
#include "wscap/sink.h"
#include "wscap/story.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool wants_color(const struct options *options, int fd)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (options->color != COLOR_AUTO)
		return options->color == COLOR_ALWAYS;
	return fd >= 0 && isatty(fd) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

static void story_close(struct sink *sink)
{
	struct story *story = sink->state;

	if (!story)
		return;
	out_finish(&story->before);
	out_finish(&story->events);
	out_finish(&story->facts);
	recall_destroy(story->recall);
	line_destroy(story->line);
	free(story);
	sink->state = NULL;
}

static int story_open(struct sink *sink)
{
	struct story *story = calloc(1, sizeof(*story));

	sink->state = story;
	if (!story)
		return -ENOMEM;
	story->recall = recall_create(sink->options->copy_window);
	story->line = line_create(sink->options);
	if (out_init(&story->before, -1) < 0 || out_init(&story->events, -1) < 0 || out_init(&story->facts, -1) < 0 ||
	    !story->recall || !story->line) {
		story_close(sink);
		return -ENOMEM;
	}
	narrator_init(&story->narrator);
	story->narrator.indent_json = sink->options->indent_json;
	story->block.out = sink->out;
	story->block.color = wants_color(sink->options, sink->out->fd);
	return 0;
}

static int comments_open(struct sink *sink)
{
	int failed = story_open(sink);
	struct story *story = sink->state;

	if (failed)
		return failed;
	story->block.bare = true;
	story->block.color = false;
	return 0;
}

static void on_event(struct sink *sink, const struct event *event)
{
	story_event(sink->state, event);
}

static struct ws_span text_of(const struct out *out)
{
	return ws_span_of(out->text, out->len);
}

static void forget_words(struct story *story)
{
	story->before.len = story->events.len = story->facts.len = 0;
	story->told = story->untold = 0;
	story->late = false;
}

/* Puts all that waits into words. Returns whether there are any. */
static bool finish_words(struct story *story)
{
	story_tell_gaps(story);
	if (story->untold) {
		story->narrator.out = &story->events;
		narrate_more(&story->narrator, story->untold);
	}
	return story->before.len || story->events.len || story->facts.len;
}

/* Paragraphs, apart from those before them. */
static void print_paragraphs(struct story *story, struct ws_span text, bool *any)
{
	if (*any && text.len)
		story_block_lines(&story->block, ws_span_str("\n"));
	story_block_lines(&story->block, text);
	*any |= text.len > 0;
}

/* One block of all words that wait for a packet. */
static void print_block(struct story *story)
{
	struct ws_span events, title;
	const uint8_t *newline;
	bool any = false;

	if (!finish_words(story))
		return;
	events = text_of(&story->events);
	newline = events.len ? memchr(events.data, '\n', events.len) : NULL;
	title = newline ? ws_span_first(events, (size_t)(newline - events.data) + 1) : events;
	story_block_begin(&story->block);
	print_paragraphs(story, text_of(&story->before), &any);
	print_paragraphs(story, title, &any);
	any &= !title.len; /* the facts stand right under the title */
	print_paragraphs(story, text_of(&story->facts), &any);
	story_block_lines(&story->block, ws_span_from(events, title.len));
	story_block_end(&story->block);
	forget_words(story);
}

void story_print_late(struct story *story)
{
	bool any = false;

	if (!finish_words(story))
		return;
	if (story->events.len) {
		story->narrator.out = &story->facts;
		narrate_late(&story->narrator);
	}
	story_block_begin(&story->block);
	print_paragraphs(story, text_of(&story->facts), &any);
	print_paragraphs(story, text_of(&story->before), &any);
	print_paragraphs(story, text_of(&story->events), &any);
	story_block_end(&story->block);
	forget_words(story);
}

static void note_steps(struct memory *memory, const struct segment *segment, int64_t now, struct tidings *tidings)
{
	enum dir other = dir_other(segment->dir);

	tidings->answers_fin = memory->fin_sent[other];
	tidings->handshake_took = memory->opened >= 0 ? recall_since(now, memory->opened) : -1;
	tidings->refused =
	    (segment->facts & SEGMENT_RST) && segment->dir == DIR_S2C && memory->opened >= 0 && !memory->answered;
	tidings->open = memory->open;
	if ((segment->facts & SEGMENT_SYN) && memory->opened < 0)
		memory->opened = now;
	if (segment->facts & (SEGMENT_SYN_ACK | SEGMENT_NEW_DATA))
		memory->answered = true;
	if (segment->facts & SEGMENT_FIN)
		memory->fin_sent[segment->dir] = true;
}

static bool is_news_that_no_websocket(struct memory *memory, const struct packet_view *view)
{
	if (memory->websocket || memory->not_websocket || !view->segment.len || !conn_is_ignored(view->conn))
		return false;
	memory->not_websocket = true;
	return true;
}

static void tell_segment(struct story *story, const struct packet_view *view)
{
	struct memory *memory = recall_conn(story->recall, view->conn);
	struct tidings tidings = {
	    .gap_told = story->gaps_scene.conn == conn_number(view->conn) && story->gaps.len[view->segment.dir],
	    .alone = story->events.len == 0,
	    .closed = story->closed_by_fin && story->closing == conn_number(view->conn),
	    .captured = (uint32_t)view->tcp.payload.len,
	};
	struct scene scene;

	if (!memory)
		return;
	if (view->segment.ack_placed)
		tidings.acked_count = recall_acked(story->recall, memory, dir_other(view->segment.dir),
						   view->segment.acked_to, &tidings.acked, &tidings.all_have_it);
	note_steps(memory, &view->segment, view->packet->time, &tidings);
	tidings.not_websocket = is_news_that_no_websocket(memory, view);
	story_scene(memory, view->conn, view->packet->time, &scene);
	story->narrator.out = &story->facts;
	narrate_segment(&story->narrator, &scene, &view->segment, &tidings);
}

static void story_packet(struct sink *sink, const struct packet_view *view)
{
	struct story *story = sink->state;

	if (story->late)
		story_print_late(story);
	if (view->is_segment)
		tell_segment(story, view);
	if (view->fragment.result != FRAGMENT_NONE) {
		story->narrator.out = &story->facts;
		narrate_fragment(&story->narrator, &view->fragment, !view->is_segment);
	}
	print_block(story);
	if (story->closing)
		recall_forget(story->recall, story->closing);
	story->closing = 0;
	story->closed_by_fin = false;
	if (!story->block.bare)
		line_print(story->line, view, sink->out);
	story->block.printed = true;
	story->printed = view->packet->number;
}

static void story_flush(struct sink *sink)
{
	struct story *story = sink->state;

	story_print_late(story);
	sink->copies = recall_copies_seen(story->recall);
}

const struct sink_ops sink_story = {
    .name = "story",
    .help = N_("for each packet what it is and means, in words, then tcpdump's line and dump"),
    .depth = DECODE_ALL,
    .open = story_open,
    .event = on_event,
    .packet = story_packet,
    .flush = story_flush,
    .close = story_close,
};

const struct sink_ops sink_comments = {
    .name = "comments",
    .depth = DECODE_ALL,
    .open = comments_open,
    .event = on_event,
    .packet = story_packet,
    .flush = story_flush,
    .close = story_close,
};
