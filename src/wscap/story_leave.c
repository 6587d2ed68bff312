/* What the story leaves on the press's page, and how it is printed there: nothing here points to what is not on the
 * page, or outlives it. */
#include "wscap/line.h"
#include "wscap/options.h"
#include "wscap/story.h"

#include <stdlib.h>

/* Prints what was left. */
struct teller {
	struct narrator narrator;
	struct line *line;
};

struct left_packet {
	struct account account;
	struct packet packet; /* number 0: there is none */
};

static void destroy_teller(void *printer)
{
	struct teller *teller = printer;

	line_destroy(teller->line);
	free(teller);
}

static void *create_teller(void *context)
{
	const struct story_teller *how = context;
	struct teller *teller = malloc(sizeof(*teller));

	if (!teller)
		return NULL;
	narrator_init(&teller->narrator);
	teller->narrator.indent_json = how->options->indent_json;
	teller->narrator.signs = how->signs;
	teller->line = line_create(how->options);
	if (teller->line)
		return teller;
	free(teller);
	return NULL;
}

static void print_packet(void *printer, const void *job, struct out *out)
{
	struct teller *teller = printer;
	const struct left_packet *left = job;

	account_print(&teller->narrator, &left->account, out);
	if (left->packet.number)
		line_print(teller->line, &left->packet, out);
}

struct press_printers story_teller(struct story_teller *how)
{
	return (struct press_printers){
	    .create = create_teller, .destroy = destroy_teller, .context = how, .in_order = true};
}

/* A view of the payload, in its copy. Others are copied themselves. */
static struct ws_span keep_part(struct press *press, struct ws_span part, struct ws_span payload, struct ws_span copy)
{
	if (part.len && part.data >= payload.data && part.data < payload.data + payload.len)
		return ws_span_of(copy.data + (part.data - payload.data), part.len);
	return press_keep(press, part);
}

static void keep_user(struct press *press, struct scene *scene)
{
	if (scene->client.user.len)
		scene->client.user = press_keep(press, scene->client.user);
}

static struct telling *add_telling(struct story *story)
{
	struct telling *telling = press_take(story->press, sizeof(*telling));

	if (!telling)
		return NULL;
	telling->next = NULL;
	telling->words = ws_span_of(NULL, 0);
	telling->title = 0;
	*(story->last ? &story->last->next : &story->first) = telling;
	story->last = telling;
	return telling;
}

bool story_may_leave(const struct story *story, const struct ws_item *item)
{
	return story->press && !story->late && item->payload.len <= TEXT_SHOWN_MAX;
}

void story_leave_message(struct story *story, const struct scene *scene, enum dir dir, const struct ws_item *item,
			 const struct ties *ties)
{
	struct press *press = story->press;
	struct telling *telling;
	struct ws_span payload;

	story_leave_events(story);
	telling = add_telling(story);
	if (!telling)
		return;
	payload = press_keep(press, item->payload);
	telling->scene = *scene;
	keep_user(press, &telling->scene);
	telling->dir = dir;
	telling->item = *item;
	telling->item.payload = payload;
	telling->ties = *ties;
	telling->ties.label = press_keep(press, ties->label);
	telling->ties.name = press_keep(press, ties->name);
	telling->ties.list = keep_part(press, ties->list, item->payload, payload);
	if (ties->carried.conn)
		telling->ties.carried.key = keep_part(press, ties->carried.key, item->payload, payload);
}

void story_leave_events(struct story *story)
{
	struct ws_span words = ws_span_of(story->events.text, story->events.len);
	struct telling *telling;

	if (!words.len)
		return;
	telling = add_telling(story);
	if (telling)
		telling->words = press_keep(story->press, words);
	story->events.len = 0;
}

static const void *keep(struct press *press, const void *what, size_t size)
{
	void *copy = what ? press_take(press, size) : NULL;

	if (copy)
		memcpy(copy, what, size);
	return copy;
}

static void keep_account(struct press *press, struct account *account)
{
	account->before = press_keep(press, account->before);
	account->segment = keep(press, account->segment, sizeof(*account->segment));
	if (account->segment) {
		keep_user(press, &account->scene);
		account->tidings.acked = keep(press, account->tidings.acked, sizeof(*account->tidings.acked));
	}
	/* nothing is said of the bytes that it points to */
	account->fragment = keep(press, account->fragment, sizeof(*account->fragment));
}

void story_leave(struct story *story, const struct account *account, const struct packet *packet)
{
	struct press *press = story->press;
	struct left_packet *left = press_take(press, sizeof(*left));

	if (!left)
		return;
	left->account = *account;
	keep_account(press, &left->account);
	left->packet.number = 0;
	if (packet) {
		left->packet = *packet;
		left->packet.bytes = press_keep(press, packet->bytes);
	}
	press_job(press, print_packet, left);
}
