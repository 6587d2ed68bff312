/* A packet's block: what was before, the first event's title, the segment's own facts, and the rest of the events. */
#include "wscap/story.h"

/* The title, where words begin with one; all of them where they are but a line. */
static struct ws_span title_of(struct ws_span words)
{
	const uint8_t *newline = words.len ? memchr(words.data, '\n', words.len) : NULL;

	return newline ? ws_span_first(words, (size_t)(newline - words.data) + 1) : words;
}

static void put_words(struct narrator *narrator, struct ws_span words)
{
	if (narrator->below && words.len)
		block_put(narrator->out, &narrator->signs->empty);
	out_bytes(narrator->out, words.data, words.len);
	narrator->below |= words.len > 0;
}

/* Returns what is left of its words, where it has any. */
static struct ws_span put_title(struct narrator *narrator, const struct telling *telling)
{
	struct ws_span title =
	    telling->title ? ws_span_first(telling->words, telling->title) : title_of(telling->words);

	if (telling->words.len)
		put_words(narrator, title);
	else
		narrate_message_title(narrator, &telling->scene, telling->dir, &telling->item, &telling->ties);
	return ws_span_from(telling->words, title.len);
}

static void put_rest(struct narrator *narrator, const struct telling *telling, struct ws_span words)
{
	if (telling->words.len)
		out_bytes(narrator->out, words.data, words.len);
	else
		narrate_message_itself(narrator, &telling->scene, &telling->item, &telling->ties);
}

/* Right under the first event's title, where there is one. */
static void put_facts(struct narrator *narrator, const struct account *account)
{
	narrator->below &= !account->events;
	if (account->segment)
		narrate_segment(narrator, &account->scene, account->segment, &account->tidings);
	if (account->fragment)
		narrate_fragment(narrator, account->fragment, !account->is_segment);
}

/* words: what is left of the first one's. */
static void put_events(struct narrator *narrator, const struct telling *telling, struct ws_span words)
{
	narrator->below = true;
	put_rest(narrator, telling, words);
	while ((telling = telling->next)) {
		words = put_title(narrator, telling);
		put_rest(narrator, telling, words);
	}
}

void account_print(struct narrator *narrator, const struct account *account, struct out *out)
{
	struct ws_span rest = {0};
	size_t begin;

	if (!account->before.len && !account->events && !account->segment && !account->fragment)
		return;
	out_hold(out);
	narrator->out = out;
	narrator->below = false;
	begin = block_begin(narrator->signs, account->below, out);
	if (account->before.len)
		put_words(narrator, account->before);
	if (account->events)
		rest = put_title(narrator, account->events);
	put_facts(narrator, account);
	if (account->events)
		put_events(narrator, account->events, rest);
	block_end(narrator->signs, out, begin);
	out_release(out);
}
