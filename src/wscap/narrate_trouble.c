/* What is missing, broken or given up. */
#include "ws/utf8.h"
#include "wscap/narrate_words.h"

static void tell_lengths(struct narrator *narrator, const struct scene *scene, const uint64_t len[2])
{
	enum dir dir = len[DIR_S2C] ? DIR_S2C : DIR_C2S;

	if (len[DIR_S2C] && len[DIR_C2S])
		SENTENCE(narrator, "%1$s %2$s and %3$s %4$s were not captured.", ARG_BYTES(len[DIR_S2C]),
			 ARG_PARTY(&scene->server, PARTY_FROM), ARG_BYTES(len[DIR_C2S]),
			 ARG_PARTY(&scene->client, PARTY_FROM));
	else
		SENTENCE_N(narrator, len[dir], "%1$s byte %2$s was not captured.", "%1$s bytes %2$s were not captured.",
			   ARG_NUMBER(len[dir]), ARG_PARTY(scene_sender(scene, dir), PARTY_FROM));
}

static void tell_why(struct narrator *narrator, const struct scene *scene, enum dir dir, const char *why)
{
	if (strcmp(why, "exact") == 0)
		SENTENCE(narrator, "Frames %1$s are read from here on, because one fits exactly.",
			 ARG_PARTY(scene_sender(scene, dir), PARTY_FROM));
	else
		SENTENCE(narrator, "Frames %1$s are read from here on, because several follow each other.",
			 ARG_PARTY(scene_sender(scene, dir), PARTY_FROM));
}

void narrate_gaps(struct narrator *narrator, const struct scene *scene, const struct gaps *gaps)
{
	if (gaps->len[DIR_C2S] || gaps->len[DIR_S2C]) {
		TITLE(narrator, "Gap · connection #%1$s", ARG_CONN(scene));
		tell_lengths(narrator, scene, gaps->len);
	} else if (gaps->unread[DIR_C2S] || gaps->unread[DIR_S2C]) {
		TITLE(narrator, "Not read · connection #%1$s", ARG_CONN(scene));
	} else {
		TITLE(narrator, "Mid-stream · connection #%1$s", ARG_CONN(scene));
	}
	if (gaps->joined)
		SENTENCE(narrator, "The WebSocket handshake was not captured: connection #%1$s is joined mid-stream.",
			 ARG_CONN(scene));
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		if (gaps->unread[dir])
			SENTENCE(narrator,
				 "%1$s %2$s are here, but not where a frame begins among them: they are not read.",
				 ARG_BYTES(gaps->unread[dir]), ARG_PARTY(scene_sender(scene, dir), PARTY_FROM));
	for (enum dir dir = DIR_C2S; dir <= DIR_S2C; dir++)
		if (gaps->why[dir])
			tell_why(narrator, scene, dir, gaps->why[dir]);
	narrate_end_line(narrator);
}

/* A section's number out of "RFC 6455, section 5.1", whose words are to be translated. */
static struct ws_span between(const char *text, const char *before, const char *after)
{
	const char *begin = strstr(text, before);

	if (!begin)
		return ws_span_of(NULL, 0);
	begin += strlen(before);
	return ws_span_of(begin, after ? strcspn(begin, after) : strlen(begin));
}

void narrate_violation(struct narrator *narrator, const struct scene *scene, enum dir dir,
		       const struct ws_rule_info *info)
{
	TITLE(narrator, "Violation · %1$s %2$s", ARG_FROM(scene, dir), ARG_TO(scene, dir));
	SENTENCE(narrator, "RFC %1$s, section %2$s: %3$s", ARG_STRANGER(between(info->section, "RFC ", ",")),
		 ARG_STRANGER(between(info->section, "section ", NULL)), ARG_WORD(info->text));
	narrate_end_line(narrator);
}

static void put_versions(struct narrator *narrator, struct ws_span first, struct ws_span last)
{
	narrate_end_line(narrator);
	if (!ws_utf8_valid(first) || !ws_utf8_valid(last))
		return;
	SENTENCE(narrator, "First: %1$s. Last: %2$s.", ARG_STRANGER(first), ARG_STRANGER(last));
	narrate_end_line(narrator);
}

/* What was told before, now that the record that they lie in was opened. */
static void narrate_authentic(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	TITLE(narrator, "Sent twice, and not the same: the authentic one · %1$s %2$s", ARG_FROM(scene, event->dir),
	      ARG_TO(scene, event->dir));
	if (event->as.overlap.kept_last)
		SENTENCE(narrator, "The TLS record is authentic only with what came last: that is read.");
	else
		SENTENCE(narrator, "The TLS record is authentic only with what came first: that is read.");
	put_versions(narrator, event->as.overlap.first, event->as.overlap.last);
}

void narrate_overlap(struct narrator *narrator, const struct scene *scene, const struct event *event)
{
	struct ws_span first = event->as.overlap.first, last = event->as.overlap.last;

	if (event->as.overlap.again) {
		narrate_authentic(narrator, scene, event);
		return;
	}
	TITLE(narrator, "Sent twice, and not the same · %1$s %2$s", ARG_FROM(scene, event->dir),
	      ARG_TO(scene, event->dir));
	SENTENCE(narrator, "It repeats %1$s with other contents than before.", ARG_BYTES(first.len));
	SENTENCE(narrator, "No sender does that by itself: somebody may want to mislead who watches, or who receives.");
	if (event->as.overlap.kept_last)
		SENTENCE(narrator, "What came last counts, as the first was lost on its way or --overlap says so.");
	else
		SENTENCE(narrator, "What came first counts.");
	if (event->as.overlap.authentic && event->as.overlap.receiver == RECEIVER_LAST)
		SENTENCE(narrator,
			 "But its TLS record is authentic only with what came last: that is what the receiver reads.");
	else if (event->as.overlap.authentic)
		SENTENCE(narrator, "Only with that its TLS record is authentic.");
	else if (!event->as.overlap.kept_last && event->as.overlap.receiver == RECEIVER_LAST)
		SENTENCE(narrator, "But the receiver had said that it missed that: it reads what came last.");
	put_versions(narrator, first, last);
}

void narrate_limit(struct narrator *narrator, const struct scene *scene, enum dir dir, const char *name)
{
	TITLE(narrator, "Limit · connection #%1$s", ARG_CONN(scene));
	SENTENCE(narrator, "What comes %1$s met the limit --%2$s: the rest of it is left out.",
		 ARG_PARTY(scene_sender(scene, dir), PARTY_FROM), ARG_TEXT(name));
	narrate_end_line(narrator);
}

void narrate_given_up(struct narrator *narrator, const struct scene *scene, enum conn_close how)
{
	TITLE(narrator, "Connection #%1$s is over · %2$s, %3$s", ARG_CONN(scene),
	      ARG_PARTY_PORT(&scene->client, PARTY_SUBJECT), ARG_PARTY_PORT(&scene->server, PARTY_SUBJECT));
	if (how == CONN_CLOSE_REUSED)
		SENTENCE(narrator, "Its end was not captured: a new connection uses its ports.");
	else
		SENTENCE(narrator, "It was silent for too long and is not followed any more.");
	narrate_end_line(narrator);
}

void narrate_late(struct narrator *narrator)
{
	TITLE(narrator, "Told late");
	SENTENCE(narrator, "This was in packets above: only now is it sure that nothing else comes before it.");
	narrate_end_line(narrator);
}

void narrate_more(struct narrator *narrator, uint64_t events)
{
	TITLE(narrator, "And more");
	SENTENCE_N(narrator, events, "%1$s more event in this packet is not told one by one.",
		   "%1$s more events in this packet are not told one by one.", ARG_NUMBER(events));
	narrate_end_line(narrator);
}
