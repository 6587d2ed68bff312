/* --format story: for each packet a comment block that tells what it is and means, then tcpdump's line and dump.
 *
 *     event ─► recall (what belongs together) ─► narrate ─► this packet's paragraphs ┐
 *     packet ─► recall (what its ACK acknowledges) ─► narrate ─► its facts ──────────┴─► block ─► line
 *
 * Events come before their packet, so their words wait here. A block is: gaps and connections that were given up, then
 * the first event's title, the segment's own facts, and the rest of the events. */
#include "base/fetch.h"
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
	out_finish(&story->late_words);
	recall_destroy(story->recall);
	line_destroy(story->line);
	free(story);
	sink->state = NULL;
}

static bool init_words(struct story *story)
{
	return out_init(&story->before, -1) == 0 && out_init(&story->events, -1) == 0 &&
	       out_init(&story->late_words, -1) == 0;
}

static int open_with(struct sink *sink, enum block_style style)
{
	struct story *story = calloc(1, sizeof(*story));

	sink->state = story;
	if (!story)
		return -ENOMEM;
	story->recall = recall_create(sink->options->copy_window);
	story->line = line_create(sink->options);
	if (!init_words(story) || !story->recall || !story->line) {
		story_close(sink);
		return -ENOMEM;
	}
	story->bare = style == BLOCK_BARE;
	story->out = sink->out;
	narrator_init(&story->narrator);
	story->narrator.indent_json = sink->options->indent_json;
	story->narrator.signs = &block_signs[style];
	return 0;
}

static int story_open(struct sink *sink)
{
	int failed = open_with(sink, wants_color(sink->options, sink->out->fd) ? BLOCK_COLOR : BLOCK_PLAIN);
	struct story *story = sink->state;
	struct story_teller how = {.options = sink->options};
	struct press_printers printers = story_teller(&how);

	if (failed)
		return failed;
	how.signs = story->narrator.signs;
	sink_start_press(sink, &printers);
	story->press = sink->press;
	return 0;
}

static int comments_open(struct sink *sink)
{
	return open_with(sink, BLOCK_BARE);
}

static void on_event(struct sink *sink, const struct event *event)
{
	story_event(sink->state, event);
}

static struct ws_span text_of(const struct out *out)
{
	return ws_span_of(out->text, out->len);
}

void story_narrate_into(struct story *story, struct out *words)
{
	story->narrator.out = words;
	story->narrator.below = words->len > 0;
}

static void forget_words(struct story *story)
{
	story->before.len = story->events.len = story->late_words.len = 0;
	story->first = story->last = NULL;
	story->title = 0;
	story->told = story->untold = 0;
	story->late = false;
}

/* Puts all that waits into words. */
static void finish_words(struct story *story)
{
	story_tell_gaps(story);
	if (story->untold) {
		story_narrate_into(story, &story->events);
		narrate_more(&story->narrator, story->untold);
	}
}

/* account has everything but the events, which wait in story; packet is NULL where there is none. */
static void print_account(struct story *story, struct account *account, const struct packet *packet)
{
	struct telling words; /* not all of it: it is large, and this is done for each packet */

	account->below = story->printed;
	if (story->press) {
		story_leave_events(story);
		account->events = story->first;
		story_leave(story, account, packet);
	} else {
		words.next = NULL;
		words.words = text_of(&story->events);
		words.title = story->title;
		account->events = words.words.len ? &words : NULL;
		account_print(&story->narrator, account, story->out);
		account->events = NULL;
		if (packet && !story->bare)
			line_print(story->line, packet, story->out);
	}
	story->printed = true;
	forget_words(story);
}

void story_print_late(struct story *story)
{
	struct out *words = &story->late_words;
	struct account account = {0};

	finish_words(story);
	if (!story->before.len && !story_has_events(story))
		return;
	if (story_has_events(story)) {
		story_narrate_into(story, words);
		narrate_late(&story->narrator);
	}
	if (words->len && story->before.len)
		block_put(words, &story->narrator.signs->empty);
	out_bytes(words, story->before.text, story->before.len);
	account.before = text_of(words);
	print_account(story, &account, NULL);
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

/* What is told of the segment. Returns it; NULL when out of memory. */
static const struct segment *tell_segment(struct story *story, const struct packet_view *view, struct scene *ret_scene,
					  struct tidings *ret)
{
	struct memory *memory = recall_conn(story->recall, view->conn);

	if (!memory)
		return NULL;
	ret->gap_told = story->gaps_scene.conn == conn_number(view->conn) && story->gaps.len[view->segment.dir];
	ret->alone = !story_has_events(story);
	ret->closed = story->closed_by_fin && story->closing == conn_number(view->conn);
	ret->captured = (uint32_t)view->tcp.payload.len;
	ret->acked = NULL;
	ret->acked_count = 0;
	ret->all_have_it = 0;
	if (view->segment.ack_placed)
		ret->acked_count = recall_acked(story->recall, memory, dir_other(view->segment.dir),
						view->segment.acked_to, &ret->acked, &ret->all_have_it);
	note_steps(memory, &view->segment, view->packet->time, ret);
	ret->not_websocket = is_news_that_no_websocket(memory, view);
	story_scene(memory, view->conn, view->packet->time, ret_scene);
	return &view->segment;
}

/* What the line needs comes while words are found. It may lie in two lines of the processor's cache. */
static inline void fetch_far(const char *far)
{
	if (!far)
		return;
	fetch_read(far);
	fetch_read(far + RELSEQ_SLOT - 1);
}

/* What is told of a segment, and of the packet that carries it: NULL where another one does that. */
static void tell(struct story *story, const struct packet_view *view, const struct packet *packet)
{
	struct account account; /* field by field: it is made for each packet */

	if (story->late)
		story_print_late(story);
	account.is_segment = view->is_segment;
	account.segment = view->is_segment ? tell_segment(story, view, &account.scene, &account.tidings) : NULL;
	account.fragment = packet && view->fragment.result != FRAGMENT_NONE ? &view->fragment : NULL;
	finish_words(story);
	account.before = text_of(&story->before);
	print_account(story, &account, packet);
	if (story->closing)
		recall_forget(story->recall, story->closing);
	story->closing = 0;
	story->closed_by_fin = false;
}

static void story_segment(struct sink *sink, const struct packet_view *view)
{
	tell(sink->state, view, NULL);
}

static void story_packet(struct sink *sink, const struct packet_view *view)
{
	struct story *story = sink->state;

	if (!story->press && !story->bare)
		fetch_far(line_far(story->line, view));
	tell(story, view, view->packet);
	story->packet = view->packet->number;
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
    .segment = story_segment,
    .packet = story_packet,
    .flush = story_flush,
    .close = story_close,
};

const struct sink_ops sink_comments = {
    .name = "comments",
    .depth = DECODE_ALL,
    .open = comments_open,
    .event = on_event,
    .segment = story_segment,
    .packet = story_packet,
    .flush = story_flush,
    .close = story_close,
};
