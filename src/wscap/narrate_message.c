/* Messages, and the control frames between them. */
#include "wscap/narrate_words.h"

#include "ws/close.h"

/* mynick, or the browser (port 60653). */
static APART struct arg who_said_it(const struct carried *carried, struct party *party)
{
	*party = (struct party){.kind = carried->browser ? PARTY_BROWSER : PARTY_CLIENT, .port = carried->port};
	return carried->user.len ? ARG_NAME(label_span(&carried->user)) : ARG_PARTY_PORT(party, PARTY_SUBJECT);
}

static void tell_ties(struct narrator *narrator, const struct scene *scene, const struct ties *ties)
{
	const struct carried *carried = &ties->carried;
	struct party party;

	if (ties->name.len)
		SENTENCE(narrator, "From now on, the user of connection #%1$s is %2$s.", ARG_CONN(scene),
			 ARG_NAME(ties->name));
	if (ties->copy.number > 1)
		SENTENCE(narrator,
			 "It is the message of packet %1$s again, to another connection, %2$s later: copy %3$s of it.",
			 ARG_PLAIN(ties->copy.packet), ARG_DURATION(ties->copy.since), ARG_NUMBER(ties->copy.number));
	else if (carried->conn && carried->whole)
		SENTENCE(narrator, "It is word for word what %1$s sent in packet %2$s, %3$s before.",
			 who_said_it(carried, &party), ARG_PLAIN(carried->packet), ARG_DURATION(carried->since));
	else if (carried->conn)
		SENTENCE(narrator, "It carries what %1$s sent in packet %2$s, %3$s before: the same %4$s.",
			 who_said_it(carried, &party), ARG_PLAIN(carried->packet), ARG_DURATION(carried->since),
			 ARG_NAME(carried->key));
	if (ties->list_len && ties->list_of_users)
		SENTENCE_N(narrator, ties->list_len, "There is %1$s user in %2$s.", "There are %1$s users in %2$s.",
			   ARG_NUMBER(ties->list_len), ARG_NAME(ties->list));
	else if (ties->list_len)
		SENTENCE_N(narrator, ties->list_len, "There is %1$s entry in %2$s.", "There are %1$s entries in %2$s.",
			   ARG_NUMBER(ties->list_len), ARG_NAME(ties->list));
	narrate_end_line(narrator);
}

static SELDOM void tell_cut(struct narrator *narrator, const struct ws_item *item)
{
	switch (item->cut) {
	case WS_CUT_NONE:
		break;
	case WS_CUT_MESSAGE_LIMIT:
		if (ws_opcode_is_control(item->opcode))
			SENTENCE(narrator, "Only its first %1$s were kept.", ARG_BYTES(item->payload.len));
		else
			SENTENCE(narrator, "It is longer than --max-message allows: only its first %1$s were kept.",
				 ARG_BYTES(item->payload.len));
		break;
	case WS_CUT_INFLATED_LIMIT:
		SENTENCE(narrator, "It inflates to more than --max-inflated allows: only the first %1$s were kept.",
			 ARG_BYTES(item->payload.len));
		break;
	case WS_CUT_MISSING_BYTES:
		SENTENCE(narrator, "It is not whole: only what came before the missing part is here.");
		break;
	case WS_CUT_MISSING_CONTEXT:
		SENTENCE(narrator, "It cannot be read: it is compressed, and refers to earlier messages that were not "
				   "captured.");
		break;
	case WS_CUT_BAD_DEFLATE:
		SENTENCE(narrator, "It does not inflate: only what came out before the fault is here.");
		break;
	}
	narrate_end_line(narrator);
}

/* How it travelled. Clauses of the line that says how long it is. */
static APART void tell_form(struct narrator *narrator, const struct ws_item *item, bool through_tls)
{
	if (through_tls)
		CLAUSE(narrator, "through TLS");
	if (item->masked)
		CLAUSE(narrator, "masked with %1$s", ARG_KEY(item->mask));
	if (item->frames > 1)
		CLAUSE_N(narrator, item->frames, "in %1$s frame", "in %1$s frames", ARG_NUMBER(item->frames));
	if (item->compressed)
		CLAUSE(narrator, "compressed to %1$s on the wire", ARG_BYTES(item->wire_len));
}

static void tell_length(struct narrator *narrator, const struct ws_item *item)
{
	bool text = item->opcode == WS_TEXT;

	if (!item->len && item->cut == WS_CUT_NONE)
		CLAUSE(narrator, "nothing in it");
	else if (item->len && !item->payload.len)
		CLAUSE(narrator, "%1$s", ARG_BYTES(item->len));
	if (!item->payload.len)
		narrate_end_clauses(narrator);
	else if (text)
		CLAUSE_N(narrator, item->len, "%1$s byte of text:", "%1$s bytes of text:", ARG_NUMBER(item->len));
	else
		CLAUSE(narrator, "%1$s:", ARG_BYTES(item->len));
	narrate_end_line(narrator);
}

static SELDOM void tell_title(struct narrator *narrator, const struct scene *scene, enum dir dir,
			      const struct ws_item *item, const struct ties *ties)
{
	if (ties->label.len)
		TITLE(narrator, "%1$s · message %2$s %3$s", ARG_NAME(ties->label), ARG_FROM(scene, dir),
		      ARG_TO(scene, dir));
	else if (item->opcode == WS_TEXT)
		TITLE(narrator, "Text · message %1$s %2$s", ARG_FROM(scene, dir), ARG_TO(scene, dir));
	else if (item->opcode == WS_BINARY)
		TITLE(narrator, "Binary · message %1$s %2$s", ARG_FROM(scene, dir), ARG_TO(scene, dir));
	else if (item->opcode == WS_CONTINUATION)
		TITLE(narrator, "Continuation of nothing · %1$s %2$s", ARG_FROM(scene, dir), ARG_TO(scene, dir));
	else
		TITLE(narrator, "Frame with the reserved opcode %3$s · %1$s %2$s", ARG_FROM(scene, dir),
		      ARG_TO(scene, dir), ARG_PLAIN(item->opcode));
}

/* All that a title says. False where it is longer than what is kept. */
static bool title_key(const struct scene *scene, enum dir dir, const struct ws_item *item, const struct ties *ties,
		      struct kept_key *ret)
{
	const struct party *client = &scene->client;

	if (ties->label.len > KEPT_LABEL || client->user.len > KEPT_USER || scene->server.user.len)
		return false;
	ret->word[0] = KEPT_TITLE | (uint64_t)dir << 8 | (uint64_t)item->opcode << 16 | (uint64_t)client->kind << 24 |
		       (uint64_t)client->user.len << 32 | (uint64_t)ties->label.len << 40;
	ret->word[1] = (uint64_t)client->port << 16 | scene->server.port;
	kept_names(ret, ties->label, client->user);
	return true;
}

void narrate_message_title(struct narrator *narrator, const struct scene *scene, enum dir dir,
			   const struct ws_item *item, const struct ties *ties)
{
	struct kept_text *kept;
	struct kept_key key;
	size_t from;

	if (!title_key(scene, dir, item, ties, &key)) {
		tell_title(narrator, scene, dir, item, ties);
		return;
	}
	narrate_paragraph(narrator);
	kept = kept_find(&narrator->kept, &key, scene->client.port, dir);
	from = narrator->out->len;
	if (kept_put(kept, &key, scene->client.user.len, narrator->out)) {
		narrator->below = true;
		return;
	}
	tell_title(narrator, scene, dir, item, ties);
	kept_keep(kept, &key, narrator->out, from, from);
}

void narrate_message_itself(struct narrator *narrator, const struct scene *scene, const struct ws_item *item,
			    const struct ties *ties)
{
	tell_ties(narrator, scene, ties);
	if (item->cut != WS_CUT_NONE)
		tell_cut(narrator, item);
	if (scene->tls || item->masked || item->compressed || item->frames > 1)
		tell_form(narrator, item, scene->tls);
	tell_length(narrator, item);
	if (item->opcode == WS_TEXT)
		narrate_text(narrator, item->payload);
	else
		narrate_hex(narrator, item->payload);
}

static void tell_ping(struct narrator *narrator, const struct scene *scene, enum dir dir)
{
	TITLE(narrator, "Ping · %1$s %2$s", ARG_FROM(scene, dir), ARG_TO(scene, dir));
	SENTENCE(narrator, "%1$s asks whether %2$s is still there.", ARG_PARTY(scene_sender(scene, dir), PARTY_START),
		 ARG_PARTY(scene_receiver(scene, dir), PARTY_SUBJECT));
}

static void tell_pong(struct narrator *narrator, const struct scene *scene, enum dir dir, const struct ties *ties)
{
	TITLE(narrator, "Pong · %1$s %2$s", ARG_FROM(scene, dir), ARG_TO(scene, dir));
	if (ties->round_trip >= 0)
		SENTENCE(narrator, "It answers the ping; the round trip took %1$s.", ARG_DURATION(ties->round_trip));
	else
		SENTENCE(narrator, "No ping was seen that it answers.");
}

static void tell_close(struct narrator *narrator, const struct scene *scene, enum dir dir, const struct ws_item *item,
		       const struct ties *ties)
{
	TITLE(narrator, "Close · %1$s %2$s", ARG_FROM(scene, dir), ARG_TO(scene, dir));
	if (!ws_item_has_close_code(item))
		SENTENCE(narrator, "Without a code.");
	else
		SENTENCE(narrator, "Code %1$s: %2$s.", ARG_PLAIN(item->close_code),
			 ARG_WORD(ws_close_code_text(item->close_code)));
	if (ties->answers_close)
		SENTENCE(narrator, "It answers the other side's: the WebSocket is closed.");
	else
		SENTENCE(narrator, "%1$s will send nothing more, and waits for the answer.",
			 ARG_PARTY(scene_sender(scene, dir), PARTY_START));
}

void narrate_control(struct narrator *narrator, const struct scene *scene, enum dir dir, const struct ws_item *item,
		     const struct ties *ties)
{
	if (item->opcode == WS_PING)
		tell_ping(narrator, scene, dir);
	else if (item->opcode == WS_PONG)
		tell_pong(narrator, scene, dir, ties);
	else if (item->opcode == WS_CLOSE)
		tell_close(narrator, scene, dir, item, ties);
	else
		TITLE(narrator, "Control frame with the reserved opcode %3$s · %1$s %2$s", ARG_FROM(scene, dir),
		      ARG_TO(scene, dir), ARG_PLAIN(item->opcode));
	narrate_end_line(narrator);
	if (item->cut != WS_CUT_NONE)
		tell_cut(narrator, item);
	if (scene->tls)
		CLAUSE(narrator, "through TLS");
	if (item->masked)
		CLAUSE(narrator, "masked with %1$s", ARG_KEY(item->mask));
	if (item->opcode == WS_CLOSE && item->payload.len)
		CLAUSE(narrator, "the reason:");
	else if (item->payload.len)
		CLAUSE(narrator, "%1$s:", ARG_BYTES(item->payload.len));
	else
		narrate_end_clauses(narrator);
	narrate_end_line(narrator);
	if (item->utf8)
		narrate_text(narrator, item->payload);
	else
		narrate_hex(narrator, item->payload);
}
