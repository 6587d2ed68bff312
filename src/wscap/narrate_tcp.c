/* What a segment is, beyond the events that it completes: TCP's own steps, and what its ACK acknowledges. */
#include "wscap/narrate_words.h"

/* Titles of segments that complete no event: the first fact that is there gives it. Places are the sender, the
 * receiver, and the connection's number. */
static const struct {
	uint32_t fact;
	const char *msgid;
} titles[] = {
    {SEGMENT_CAPTURED_TWICE, N_("Captured twice · %1$s %2$s")},
    {SEGMENT_RST, N_("Reset · %1$s %2$s")},
    {SEGMENT_SYN_REPEATED, N_("TCP handshake, again · connection #%3$s")},
    {SEGMENT_SYN, N_("TCP handshake, step 1 of 3 · connection #%3$s")},
    {SEGMENT_SYN_ACK, N_("TCP handshake, step 2 of 3 · connection #%3$s")},
    {SEGMENT_RETRANSMISSION, N_("Retransmission · %1$s %2$s")},
    {SEGMENT_FIN, N_("TCP close · %1$s %2$s")},
    {SEGMENT_KEEP_ALIVE, N_("TCP keep-alive · %1$s %2$s")},
    {SEGMENT_KEEP_ALIVE_ACK, N_("TCP keep-alive, the answer · %1$s %2$s")},
    {SEGMENT_WINDOW_PROBE, N_("Window probe · %1$s %2$s")},
    {SEGMENT_OUT_OF_ORDER, N_("Out of order · %1$s %2$s")},
    {SEGMENT_LATE, N_("Too late · %1$s %2$s")},
    {SEGMENT_ESTABLISHES, N_("TCP handshake, step 3 of 3 · connection #%3$s")},
    {SEGMENT_ZERO_WINDOW, N_("Window closed · %1$s %2$s")},
    {SEGMENT_WINDOW_UPDATE, N_("Window update · %1$s %2$s")},
};

/* What most segments are, and what has neither a title nor a sentence of its own. */
#define USUAL_FACTS ((uint32_t)(SEGMENT_NEW_DATA | SEGMENT_ACKS_NEW))

/* Sentences that need no number: each fact that is there has its own. Places are the sender and the receiver. */
static const struct {
	uint32_t fact;
	const char *msgid;
} sentences[] = {
    {SEGMENT_BEFORE_SYN, N_("It was captured before the SYN of its connection.")},
    {SEGMENT_FILLS, N_("It brings bytes that were missing: what waited for them can be read now.")},
    {SEGMENT_LATE, N_("Its bytes had been given up already as not captured.")},
    {SEGMENT_KEEP_ALIVE, N_("%1$s asks whether %2$s is still there; it says nothing new.")},
    {SEGMENT_KEEP_ALIVE_ACK, N_("%1$s is still there.")},
    {SEGMENT_WINDOW_PROBE, N_("%1$s tests whether %2$s can take a byte again.")},
    {SEGMENT_ZERO_WINDOW, N_("%1$s can take nothing more for now: its window is closed.")},
};

static struct arg sender(const struct scene *scene, enum dir dir)
{
	return ARG_PARTY(scene_sender(scene, dir), PARTY_START);
}

static struct arg receiver(const struct scene *scene, enum dir dir)
{
	return ARG_PARTY(scene_receiver(scene, dir), PARTY_SUBJECT);
}

static APART void title_of_acked(struct narrator *narrator, const struct scene *scene, const struct sent *sent)
{
	struct arg conn = ARG_CONN(scene);

	if (sent->kind == SENT_REQUEST || sent->kind == SENT_ANSWER || sent->kind == SENT_REFUSAL)
		TITLE(narrator, "WebSocket handshake · acknowledged on connection #%1$s", conn);
	else if (sent->kind == SENT_MESSAGE && sent->label_len)
		TITLE(narrator, "%2$s · acknowledged on connection #%1$s", conn, ARG_NAME(sent_label(sent)));
	else if (sent->kind == SENT_MESSAGE)
		TITLE(narrator, "Message · acknowledged on connection #%1$s", conn);
	else if (sent->kind == SENT_PING)
		TITLE(narrator, "Ping · acknowledged on connection #%1$s", conn);
	else if (sent->kind == SENT_PONG)
		TITLE(narrator, "Pong · acknowledged on connection #%1$s", conn);
	else
		TITLE(narrator, "Close · acknowledged on connection #%1$s", conn);
}

static APART void title(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
			uint32_t facts, const struct tidings *tidings)
{
	for (size_t i = 0; (facts & ~USUAL_FACTS) && i < sizeof(titles) / sizeof(titles[0]); i++) {
		if (!(facts & titles[i].fact))
			continue;
		narrate_title(narrator, titles[i].msgid,
			      ARGS(ARG_FROM(scene, segment->dir), ARG_TO(scene, segment->dir), ARG_CONN(scene)));
		return;
	}
	if (segment->len && tidings->open)
		TITLE(narrator, "Part of a message · %1$s %2$s", ARG_FROM(scene, segment->dir),
		      ARG_TO(scene, segment->dir));
	else if (segment->len)
		TITLE(narrator, "Data · %1$s %2$s", ARG_FROM(scene, segment->dir), ARG_TO(scene, segment->dir));
	else if (tidings->acked_count)
		title_of_acked(narrator, scene, tidings->acked);
	else
		TITLE(narrator, "ACK · %1$s %2$s", ARG_FROM(scene, segment->dir), ARG_TO(scene, segment->dir));
}

static SELDOM void tell_opening(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
				const struct tidings *tidings)
{
	struct arg client = ARG_PLAIN(scene->client.port), server = ARG_PLAIN(scene->server.port);

	if (segment->facts & SEGMENT_SYN)
		SENTENCE(narrator, "Port %1$s asks port %2$s for a connection: %1$s is the client, %2$s the server.",
			 client, server);
	if (segment->facts & SEGMENT_SYN_ACK)
		SENTENCE(narrator, "Port %2$s agrees, and asks the same of port %1$s.", client, server);
	if (segment->facts & SEGMENT_SYN_REPEATED)
		SENTENCE(narrator, "It was sent before; the answer did not come in time.");
	if ((segment->facts & SEGMENT_ESTABLISHES) && tidings->handshake_took >= 0)
		SENTENCE(narrator,
			 "Port %1$s agrees too: its connection to port %2$s stands, %3$s after it was asked for.",
			 client, server, ARG_DURATION(tidings->handshake_took));
	else if (segment->facts & SEGMENT_ESTABLISHES)
		SENTENCE(narrator, "Port %1$s agrees too: its connection to port %2$s stands.", client, server);
	if ((segment->facts & SEGMENT_MID_STREAM) && !(segment->facts & SEGMENT_SYN))
		SENTENCE(narrator, "Connection #%1$s is joined mid-stream: its start was not captured.",
			 ARG_CONN(scene));
}

static SELDOM void tell_order(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
			      uint32_t facts)
{
	if ((segment->facts & SEGMENT_RETRANSMISSION) && segment->since_ns > 0)
		SENTENCE(narrator, "%1$s sends again what it sent %2$s before: it has seen no ACK for it.",
			 sender(scene, segment->dir), ARG_DURATION(segment->since_ns));
	else if (segment->facts & SEGMENT_RETRANSMISSION)
		SENTENCE(narrator, "%1$s sends again what was seen before: it has seen no ACK for it.",
			 sender(scene, segment->dir));
	if (segment->facts & SEGMENT_OVERLAP)
		SENTENCE(narrator, "Of its %1$s, %2$s are new; the others were seen before.", ARG_BYTES(segment->len),
			 ARG_NUMBER(segment->new_len));
	if (facts & SEGMENT_OUT_OF_ORDER)
		SENTENCE(narrator, "It waits for what comes before it: %1$s are missing so far.",
			 ARG_BYTES(segment->missing));
}

static SELDOM void tell_plain_facts(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
				    uint32_t facts)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (facts & sentences[i].fact)
			narrate_sentence(narrator, words_get(&narrator->words, sentences[i].msgid),
					 ARGS(sender(scene, segment->dir), receiver(scene, segment->dir)));
	if (segment->facts & SEGMENT_WINDOW_UPDATE)
		SENTENCE(narrator, "%1$s can take %2$s now.", sender(scene, segment->dir), ARG_BYTES(segment->window));
}

static void tell_length(struct narrator *narrator, const struct segment *segment, const struct tidings *tidings)
{
	uint32_t done = SEGMENT_RETRANSMISSION | SEGMENT_OUT_OF_ORDER | SEGMENT_OVERLAP | SEGMENT_KEEP_ALIVE |
			SEGMENT_WINDOW_PROBE | SEGMENT_LATE;

	if (segment->facts & SEGMENT_CUT)
		SENTENCE(narrator, "The capture cut it: %1$s of its %2$s are here.", ARG_NUMBER(tidings->captured),
			 ARG_BYTES(segment->len));
	else if (tidings->alone && segment->len && !(segment->facts & done))
		SENTENCE(narrator, tidings->open ? N_("%1$s; the message is not whole yet.") : N_("%1$s."),
			 ARG_BYTES(segment->len));
	if (tidings->not_websocket)
		SENTENCE(narrator, "This is not a WebSocket: only its TCP is told.");
}

/* A pure ACK: who has what. */
static APART void tell_arrival(struct narrator *narrator, const struct arg *who, const struct tidings *tidings)
{
	const struct sent *last = tidings->acked;

	if (tidings->acked_count > 1)
		SENTENCE_N(narrator, tidings->acked_count, "%1$s has the last message.",
			   "%1$s has the last %2$s messages.", *who, ARG_NUMBER(tidings->acked_count));
	else if (last->kind == SENT_REQUEST)
		SENTENCE(narrator, "%1$s has the whole request.", *who);
	else if (last->kind == SENT_ANSWER)
		SENTENCE(narrator, "%1$s has the answer: the WebSocket is open.", *who);
	else if (last->kind == SENT_REFUSAL)
		SENTENCE(narrator, "%1$s has the answer.", *who);
	else if (last->kind == SENT_MESSAGE && last->label_len)
		SENTENCE(narrator, "%1$s has %2$s.", *who, ARG_NAME(sent_label(last)));
	else if (last->kind == SENT_MESSAGE)
		SENTENCE(narrator, "%1$s has the message.", *who);
	else if (last->kind == SENT_PING)
		SENTENCE(narrator, "%1$s has the ping.", *who);
	else if (last->kind == SENT_PONG)
		SENTENCE(narrator, "%1$s has the pong.", *who);
	else
		SENTENCE(narrator, "%1$s has the close frame.", *who);
}

/* An ACK that comes along with data. */
static APART void tell_acknowledged(struct narrator *narrator, const struct scene *scene, const struct tidings *tidings)
{
	const struct sent *last = tidings->acked;
	struct arg since = ARG_DURATION(recall_since(scene->time, last->time));

	if (tidings->acked_count > 1)
		SENTENCE_N(narrator, tidings->acked_count, "It acknowledges the last message.",
			   "It acknowledges the last %1$s messages.", ARG_NUMBER(tidings->acked_count));
	else if (last->kind == SENT_REQUEST)
		SENTENCE(narrator, "It acknowledges the request, %1$s after it.", since);
	else if (last->kind == SENT_ANSWER)
		SENTENCE(narrator, "It acknowledges the answer, %1$s after it: the WebSocket is open.", since);
	else if (last->kind == SENT_REFUSAL)
		SENTENCE(narrator, "It acknowledges the answer, %1$s after it.", since);
	else if (last->kind == SENT_MESSAGE && last->label_len)
		SENTENCE(narrator, "It acknowledges %1$s, %2$s after it.", ARG_NAME(sent_label(last)), since);
	else if (last->kind == SENT_MESSAGE)
		SENTENCE(narrator, "It acknowledges the message, %1$s after it.", since);
	else if (last->kind == SENT_PING)
		SENTENCE(narrator, "It acknowledges the ping, %1$s after it.", since);
	else if (last->kind == SENT_PONG)
		SENTENCE(narrator, "It acknowledges the pong, %1$s after it.", since);
	else
		SENTENCE(narrator, "It acknowledges the close frame, %1$s after it.", since);
}

/* By more than one. */
static APART void tell_reach(struct narrator *narrator, uint32_t connections)
{
	if (connections == 2)
		SENTENCE(narrator, "It has reached both connections that it was sent to so far.");
	else
		SENTENCE_N(narrator, connections, "It has reached the %1$s connection that it was sent to so far.",
			   "It has reached all %1$s connections that it was sent to so far.", ARG_NUMBER(connections));
}

static void tell_ack(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
		     const struct tidings *tidings)
{
	struct arg who = sender(scene, segment->dir);

	/* what was read with this very packet (--acknowledged) came no time before it */
	if (tidings->acked_count && (segment->len || !tidings->alone) && tidings->acked->time != scene->time)
		tell_acknowledged(narrator, scene, tidings);
	else if (tidings->acked_count)
		tell_arrival(narrator, &who, tidings);
	else if (tidings->alone && !segment->len && (segment->facts & SEGMENT_ACKS_NEW) && segment->ack_placed &&
		 segment->acked_to > segment->acked_from)
		SENTENCE(narrator, "%1$s has %2$s more.", who,
			 ARG_BYTES((uint64_t)(segment->acked_to - segment->acked_from)));
	if (segment->facts & SEGMENT_DUPLICATE_ACK)
		SENTENCE(narrator, "%1$s repeats its last ACK: it waits for what comes behind that.", who);
	if (tidings->all_have_it)
		tell_reach(narrator, tidings->all_have_it);
}

static SELDOM void tell_end(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
			    const struct tidings *tidings)
{
	struct arg who = sender(scene, segment->dir);

	if (tidings->refused)
		SENTENCE(narrator, "%1$s refuses the connection: nobody listens there.", who);
	else if (segment->facts & SEGMENT_RST)
		SENTENCE(narrator, "%1$s breaks the connection off; what was on its way may be lost.", who);
	if ((segment->facts & SEGMENT_FIN) && !(segment->facts & SEGMENT_RETRANSMISSION)) {
		if (tidings->answers_fin)
			SENTENCE(narrator, "%1$s has sent everything too (FIN).", who);
		else
			SENTENCE(narrator, "%1$s has sent everything and closes its direction (FIN).", who);
	}
	if (segment->acks_fin && !(segment->facts & SEGMENT_FIN))
		SENTENCE(narrator, "%1$s knows that %2$s has sent everything.", who, receiver(scene, segment->dir));
	if (tidings->closed)
		SENTENCE(narrator, "Connection #%1$s is closed.", ARG_CONN(scene));
}

static void tell(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
		 const struct tidings *tidings)
{
	uint32_t facts = segment->facts;

	if (tidings->gap_told)
		facts &= ~(uint32_t)SEGMENT_OUT_OF_ORDER;
	if (facts & SEGMENT_ZERO_WINDOW)
		facts &= ~(uint32_t)SEGMENT_KEEP_ALIVE_ACK; /* it answers a probe of the window */
	if (facts & SEGMENT_OUT_OF_ORDER)
		facts &= ~(uint32_t)SEGMENT_FILLS; /* a later hole: nothing can be read yet */

	if (tidings->alone)
		title(narrator, scene, segment, facts, tidings);
	if (segment->facts & SEGMENT_CAPTURED_TWICE) {
		SENTENCE(narrator, "The same packet once more: it was seen at two places of this machine.");
	} else {
		if (segment->facts & ~USUAL_FACTS) {
			tell_opening(narrator, scene, segment, tidings);
			tell_order(narrator, scene, segment, facts);
			tell_plain_facts(narrator, scene, segment, facts);
		}
		tell_length(narrator, segment, tidings);
		tell_ack(narrator, scene, segment, tidings);
		if ((segment->facts & (SEGMENT_FIN | SEGMENT_RST)) || segment->acks_fin || tidings->refused ||
		    tidings->closed)
			tell_end(narrator, scene, segment, tidings);
	}
	narrate_end_line(narrator);
}

/* Every other packet is the bare ACK of a message with a label, and nothing else: what its title says, and its first
 * sentence. False where it may say other things, or longer ones. */
static bool ack_key(const struct scene *scene, const struct segment *segment, const struct tidings *tidings,
		    struct kept_key *ret)
{
	const struct party *client = &scene->client;
	const struct sent *acked = tidings->acked;

	if (segment->facts & ~USUAL_FACTS || segment->len || segment->acks_fin || tidings->acked_count != 1 ||
	    !tidings->alone || tidings->not_websocket || tidings->closed || tidings->refused)
		return false;
	if (acked->kind != SENT_MESSAGE || !acked->label_len || acked->label_len > KEPT_LABEL ||
	    client->user.len > KEPT_USER || scene->server.user.len || (scene->conn | scene->stream) > UINT32_MAX)
		return false;
	ret->word[0] = KEPT_ACK | (uint64_t)segment->dir << 8 | (uint64_t)client->kind << 16 |
		       (uint64_t)client->user.len << 24 | (uint64_t)acked->label_len << 32;
	ret->word[1] = scene->conn << 32 | scene->stream;
	kept_names(ret, sent_label(acked), client->user);
	return true;
}

static void tell_usual_ack(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
			   const struct tidings *tidings, const struct kept_key *key)
{
	struct kept_text *kept = kept_find(&narrator->kept, key, scene->conn, 2 + segment->dir);
	struct arg who = sender(scene, segment->dir);
	size_t from;

	narrate_paragraph(narrator);
	from = narrator->out->len;
	if (kept_put(kept, key, scene->client.user.len, narrator->out)) {
		narrator->below = narrator->has_text = true;
		narrator->line = from + kept->line;
	} else {
		title_of_acked(narrator, scene, tidings->acked);
		tell_arrival(narrator, &who, tidings);
		kept_keep(kept, key, narrator->out, from, narrator->line);
	}
	if (tidings->all_have_it)
		tell_reach(narrator, tidings->all_have_it);
	narrate_end_line(narrator);
}

void narrate_segment(struct narrator *narrator, const struct scene *scene, const struct segment *segment,
		     const struct tidings *tidings)
{
	struct kept_key key;

	if (ack_key(scene, segment, tidings, &key))
		tell_usual_ack(narrator, scene, segment, tidings, &key);
	else
		tell(narrator, scene, segment, tidings);
}
