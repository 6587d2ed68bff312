/* Events: what each has to do with others, what it is remembered for, and then its words. */
#include "wscap/story.h"

/* Field by field: it is made for each packet, and a copy of it would wait for each of them. */
void story_scene(const struct memory *memory, const struct conn *conn, int64_t time, struct scene *ret)
{
	ret->conn = conn_number(conn);
	ret->stream = 0;
	ret->tls = false;
	ret->client.kind = memory->browser ? PARTY_BROWSER : PARTY_CLIENT;
	ret->client.port = conn_client(conn).port;
	ret->client.user = label_span(&memory->user);
	ret->server.kind = PARTY_SERVER;
	ret->server.port = conn_server(conn).port;
	ret->server.user = ws_span_of(NULL, 0);
	ret->time = time;
}

static void event_scene(const struct memory *memory, const struct event *event, struct scene *ret)
{
	story_scene(memory, event->conn, event->time, ret);
	ret->stream = event->stream;
	ret->tls = event->tls;
}

SELDOM void story_tell_waiting_gaps(struct story *story)
{
	story_narrate_into(story, story->late ? &story->events : &story->before);
	narrate_gaps(&story->narrator, &story->gaps_scene, &story->gaps);
	story->gaps = (struct gaps){0};
	story->gaps_scene = (struct scene){0};
}

/* The gaps of this event's connection; those of another are told first. */
static struct gaps *gaps_of(struct story *story, const struct scene *scene)
{
	if (story->gaps_scene.conn != scene->conn || story->gaps_scene.stream != scene->stream)
		story_tell_gaps(story);
	story->gaps_scene = *scene;
	story->gaps_scene.client.user = ws_span_of(NULL, 0); /* its memory may be gone by then */
	return &story->gaps;
}

static APART void on_request(struct story *story, struct memory *memory, const struct event *event, bool tell)
{
	struct user_agent agent;
	struct scene scene;
	struct sent sent = {.kind = SENT_REQUEST, .end = event->as.handshake.request_end, .time = event->time};

	user_agent_parse(ws_http_field(event->as.handshake.request, "User-Agent"), &agent);
	memory->browser = agent.browser != NULL;
	memory->websocket = true;
	recall_sent(story->recall, story->carrier, DIR_C2S, &sent);
	event_scene(memory, event, &scene);
	if (tell)
		narrate_request(&story->narrator, &scene, event, &agent);
}

static APART void on_answer(struct story *story, struct memory *memory, const struct event *event,
			    const struct scene *scene, bool tell)
{
	bool agrees = event_opens(event->as.handshake.response);
	bool wrong = event->as.handshake.accept_known && !event->as.handshake.accept_ok;
	struct sent sent = {.kind = agrees && !wrong ? SENT_ANSWER : SENT_REFUSAL,
			    .end = event->as.handshake.response_end,
			    .time = event->time};

	memory->websocket = true;
	memory->open = agrees;
	recall_sent(story->recall, story->carrier, DIR_S2C, &sent);
	if (tell)
		narrate_answer(&story->narrator, scene, event);
}

/* Reads a message: its label, its user where it is a client's, its fields. */
static void read_text(const struct story *story, const struct event *event, struct label *label, struct fields *fields,
		      struct says *says)
{
	struct ws_span payload = event->as.item.payload;

	label_find(payload, event->dir == DIR_C2S, label);
	recall_fields(story->recall, payload, label_span(&label->label), fields);
	says->label = label->label;
	says->list_len = fields->list_len;
	says->list_of_users = fields->list_of_users;
	if (!fields->list.data)
		return;
	says->list_begin = (size_t)(fields->list.data - payload.data);
	says->list_end = says->list_begin + fields->list.len;
}

/* A client's message is remembered for what the server will say. */
static void tie_said(struct story *story, struct memory *memory, const struct event *event, struct label *label,
		     struct says *says, struct ties *ties)
{
	struct fields fields;

	recall_fields_init(&fields);
	if (event->as.item.opcode == WS_TEXT)
		read_text(story, event, label, &fields, says);
	if (recall_name(story->recall, memory, label))
		ties->name = label_span(&label->user);
	recall_said(story->recall, memory, event->as.item.payload, &fields, event->time, event->packet);
}

/* A server's message: one of several copies, which is not read again; else it may carry a client's. */
static void tie_sent(struct story *story, struct memory *memory, const struct event *event, struct label *label,
		     struct says *says, struct ties *ties)
{
	const struct ws_item *item = &event->as.item;
	const struct says *kept;
	struct fields fields;

	if (item->payload.len)
		ties->copy = recall_copy(story->recall, memory, item->payload, event->time, event->packet);
	kept = item->opcode == WS_TEXT ? recall_copy_says(story->recall, ties->copy.id) : NULL;
	if (kept) {
		*says = *kept;
		return;
	}
	recall_fields_init(&fields);
	if (item->opcode == WS_TEXT) {
		read_text(story, event, label, &fields, says);
		recall_copy_keep(story->recall, ties->copy.id, says);
	}
	if (item->payload.len)
		recall_carried(story->recall, memory, item->payload, &fields, event->time, &ties->carried);
	if (ties->carried.packet == event->packet) /* told at the end of the capture: which came first? */
		ties->carried.conn = 0;
}

/* What a message has to do with others, and is remembered for. Lives as long as label and says do. */
static void tie(struct story *story, struct memory *memory, const struct event *event, struct label *label,
		struct says *says, struct ties *ties)
{
	says->label.len = 0;
	says->list_begin = says->list_end = 0;
	says->list_len = 0;
	says->list_of_users = false;
	ties->name = ws_span_of(NULL, 0);
	ties->copy = (struct copy){.number = 1};
	ties->carried.conn = 0;
	ties->carried.packet = 0;
	ties->round_trip = -1;
	ties->answers_close = false;
	if (event->dir == DIR_C2S)
		tie_said(story, memory, event, label, says, ties);
	else
		tie_sent(story, memory, event, label, says, ties);
	ties->label = label_span(&says->label);
	ties->list =
	    ws_span_first(ws_span_from(event->as.item.payload, says->list_begin), says->list_end - says->list_begin);
	ties->list_len = says->list_len;
	ties->list_of_users = says->list_of_users;
}

/* Remembers the message until it is acknowledged. */
static void note_sent(const struct story *story, const struct event *event, const struct ties *ties)
{
	struct sent *sent =
	    recall_sending(story->recall, story->carrier, event->dir, (int64_t)event->as.item.end, event->time);
	struct ws_span label = text_shorten(ties->label, RECALL_LABEL);

	if (!sent)
		return;
	sent->kind = SENT_MESSAGE;
	sent->copies = ties->copy.id;
	sent->label_len = (uint8_t)label.len;
	if (label.len)
		memcpy(sent->label, label.data, label.len);
}

/* Where the first title ends is known here, and would be searched later. */
static void tell_message(struct story *story, const struct scene *scene, const struct event *event,
			 const struct ties *ties)
{
	bool first = !story->events.len;

	narrate_message_title(&story->narrator, scene, event->dir, &event->as.item, ties);
	if (first)
		story->title = story->events.len;
	narrate_message_itself(&story->narrator, scene, &event->as.item, ties);
}

/* scene is as it was before this message, which may tell a name. */
static void on_message(struct story *story, struct memory *memory, const struct event *event, struct scene *scene,
		       bool tell)
{
	struct label_text user;
	struct label label;
	struct says says;
	struct ties ties;

	label.label.len = label.user.len = 0;
	if (event->dir == DIR_C2S) {
		user = memory->user;
		scene->client.user = label_span(&user);
	}
	tie(story, memory, event, &label, &says, &ties);
	note_sent(story, event, &ties);
	memory->websocket = memory->open = true;
	if (tell && story_may_leave(story, &event->as.item))
		story_leave_message(story, scene, event->dir, &event->as.item, &ties);
	else if (tell)
		tell_message(story, scene, event, &ties);
	scene->client.user = label_span(&memory->user);
}

static APART void on_control(struct story *story, struct memory *memory, const struct event *event,
			     const struct scene *scene, bool tell)
{
	const struct ws_item *item = &event->as.item;
	struct ties ties = {.round_trip = -1, .answers_close = memory->close_sent[dir_other(event->dir)]};
	struct sent sent = {.kind = SENT_CLOSE, .end = (int64_t)item->end, .time = event->time};

	memory->websocket = memory->open = true;
	if (item->opcode == WS_PING) {
		sent.kind = SENT_PING;
		recall_ping(story->recall, memory, event->dir, item->payload, event->time);
	} else if (item->opcode == WS_PONG) {
		sent.kind = SENT_PONG;
		ties.round_trip = recall_pong(story->recall, memory, event->dir, item->payload, event->time);
	} else if (item->opcode == WS_CLOSE) {
		memory->close_sent[event->dir] = true;
	}
	recall_sent(story->recall, story->carrier, event->dir, &sent);
	if (tell)
		narrate_control(&story->narrator, scene, event->dir, item, &ties);
}

static SELDOM void on_mid_stream(struct story *story, struct memory *memory, const struct event *event)
{
	struct scene scene;
	struct gaps *gaps;

	event_scene(memory, event, &scene);
	gaps = gaps_of(story, &scene);
	gaps->why[event->dir] = event->as.mid_stream.why;
	gaps->joined |= !memory->websocket;
	memory->websocket = memory->open = true;
}

static SELDOM void on_gap(struct story *story, struct memory *memory, const struct event *event)
{
	struct scene scene;
	struct gaps *gaps;

	event_scene(memory, event, &scene);
	gaps = gaps_of(story, &scene);
	*(event->as.gap.captured ? &gaps->unread[event->dir] : &gaps->len[event->dir]) += event->as.gap.len;
}

/* A connection that ends with this packet is forgotten after it; one that was given up, at once. */
static APART void on_close(struct story *story, struct memory *memory, const struct event *event)
{
	struct scene scene;

	event_scene(memory, event, &scene);
	if (event->as.close == CONN_CLOSE_FIN || event->as.close == CONN_CLOSE_RST) {
		if (story->closing)
			recall_forget(story->recall, story->closing);
		story->closing = scene.conn;
		story->closed_by_fin = event->as.close == CONN_CLOSE_FIN;
		return;
	}
	if (memory->websocket) {
		story_narrate_into(story, &story->before);
		narrate_given_up(&story->narrator, &scene, event->as.close);
	}
	recall_forget(story->recall, scene.conn);
}

/* Those that are but told. */
static SELDOM void narrate_other(struct story *story, const struct event *event, const struct scene *scene)
{
	struct narrator *narrator = &story->narrator;

	if (event->kind == EVENT_TUNNEL)
		narrate_tunnel(narrator, scene, event);
	else if (event->kind == EVENT_UPGRADE)
		narrate_upgrade(narrator, scene, event);
	else if (event->kind == EVENT_H2)
		narrate_h2(narrator, scene, &event->as.h2);
	else if (event->kind == EVENT_VIOLATION)
		narrate_violation(narrator, scene, event->dir, event->as.violation.info);
	else if (event->kind == EVENT_TLS_HELLO)
		narrate_tls_hello(narrator, scene, event);
	else if (event->kind == EVENT_TLS_OPEN)
		narrate_tls_open(narrator, scene, event);
	else if (event->kind == EVENT_TLS_ALERT)
		narrate_tls_alert(narrator, scene, event);
	else if (event->kind == EVENT_TLS_LOCKED)
		narrate_tls_locked(narrator, scene, event);
	else if (event->kind == EVENT_OVERLAP)
		narrate_overlap(narrator, scene, event);
	else if (event->kind == EVENT_LIMIT)
		narrate_limit(narrator, scene, event->dir, event->as.limit.name);
}

/* The events that have a paragraph of their own among the packet's. */
static void on_told(struct story *story, struct memory *memory, const struct event *event)
{
	struct scene scene;
	bool tell = story->late || story->told < STORY_EVENTS;

	event_scene(memory, event, &scene);
	if (story->late)
		story_tell_gaps(story);
	story_narrate_into(story, &story->events);
	/* What cannot be read may be anything. */
	memory->not_websocket |= event->kind == EVENT_TLS_LOCKED;
	if (tell)
		story->told++;
	else
		story->untold++;
	if (event->kind == EVENT_MESSAGE)
		on_message(story, memory, event, &scene, tell);
	else if (event->kind == EVENT_CONTROL)
		on_control(story, memory, event, &scene, tell);
	else if (event->kind == EVENT_REQUEST)
		on_request(story, memory, event, tell);
	else if (event->kind == EVENT_HANDSHAKE)
		on_answer(story, memory, event, &scene, tell);
	else if (tell)
		narrate_other(story, event, &scene);
}

/* An event whose packet was printed already: time has passed, or the capture has ended. No packet will come for it,
 * and there may be many, so they are printed as blocks of their own. */
static void note_late(struct story *story, const struct event *event)
{
	bool late = event->packet <= story->packet;
	bool waiting = story->before.len || story_has_events(story) || story->gaps_scene.conn;

	if (story->late && (!late || story->events.len > STORY_LATE))
		story_print_late(story);
	else if (!story->late && late && waiting)
		return; /* among events of the packet that is under way: told with them */
	story->late = late;
}

/* The memory of what the event is about, and story->carrier. NULL when out of memory. */
static struct memory *memory_of(struct story *story, const struct event *event)
{
	struct memory *memory = event->stream ? recall_stream(story->recall, event->conn, event->stream) : NULL;

	/* the newest two are never those that have to make room */
	story->carrier = recall_conn(story->recall, event->conn);
	if (!event->stream || !story->carrier)
		return story->carrier;
	story->carrier->websocket = true;
	return memory;
}

void story_event(struct story *story, const struct event *event)
{
	struct memory *memory;

	if (event->kind == EVENT_TCP_OPEN)
		return; /* its segment says it */
	note_late(story, event);
	memory = memory_of(story, event);
	if (!memory)
		return; /* out of memory: the packet's line is still printed */
	if (event->kind == EVENT_GAP)
		on_gap(story, memory, event);
	else if (event->kind == EVENT_MID_STREAM)
		on_mid_stream(story, memory, event);
	else if (event->kind == EVENT_TCP_CLOSE)
		on_close(story, memory, event);
	else
		on_told(story, memory, event);
}
