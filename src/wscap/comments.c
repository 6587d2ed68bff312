#include "wscap/comments.h"

int comments_init(struct comments *comments, const struct options *options)
{
	int failed = out_init(&comments->out, -1);

	comments->sink = (struct sink){.ops = &sink_comments, .options = options, .out = &comments->out};
	return failed ? failed : sink_comments.open(&comments->sink);
}

void comments_finish(struct comments *comments)
{
	if (comments->sink.state)
		sink_comments.close(&comments->sink);
	out_finish(&comments->out);
}

static void begin(struct comments *comments)
{
	if (comments->taken)
		comments->out.len = 0;
	comments->taken = false;
}

void comments_event(struct comments *comments, const struct event *event)
{
	begin(comments);
	sink_comments.event(&comments->sink, event);
}

/* Not in the middle of a character. */
static void cut(struct out *out)
{
	size_t len = COMMENT_MAX;

	while (len && ((uint8_t)out->text[len] & 0xc0) == 0x80)
		len--;
	out->len = len;
	out_lit(out, "\n…");
}

static struct ws_span take(struct comments *comments)
{
	struct out *out = &comments->out;

	comments->taken = true;
	if (out->len > COMMENT_MAX)
		cut(out);
	while (out->len && out->text[out->len - 1] == '\n')
		out->len--;
	return ws_span_of(out->text, out->len);
}

void comments_segment(struct comments *comments, const struct packet_view *view)
{
	begin(comments);
	sink_comments.segment(&comments->sink, view);
}

struct ws_span comments_packet(struct comments *comments, const struct packet_view *view)
{
	begin(comments);
	sink_comments.packet(&comments->sink, view);
	return take(comments);
}

struct ws_span comments_end(struct comments *comments)
{
	begin(comments);
	sink_comments.flush(&comments->sink);
	return take(comments);
}
