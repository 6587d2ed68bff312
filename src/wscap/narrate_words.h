/* What the narrator's files share: lines made of a title or of sentences. */
#ifndef WSCAP_NARRATE_WORDS_H
#define WSCAP_NARRATE_WORDS_H

#include "base/i18n.h"
#include "base/put.h"
#include "base/seldom.h"
#include "wscap/narrate.h"

/* xgettext knows these by name: TITLE, SENTENCE and CLAUSE have their msgid second, SENTENCE_N and CLAUSE_N have both
 * forms behind the number. */
#define TITLE(narrator, msgid, ...) narrate_title((narrator), (msgid), ARGS(__VA_ARGS__))
#define SENTENCE(narrator, msgid, ...)                                                                                 \
	narrate_sentence((narrator), words_get(&(narrator)->words, (msgid)), ARGS(__VA_ARGS__))
#define SENTENCE_N(narrator, number, one, many, ...)                                                                   \
	narrate_sentence((narrator), phrases_get_n(&(narrator)->words.phrases, (one), (many), (number)),               \
			 ARGS(__VA_ARGS__))
#define CLAUSE(narrator, msgid, ...)                                                                                   \
	narrate_clause((narrator), words_get(&(narrator)->words, (msgid)), ARGS(__VA_ARGS__))
#define CLAUSE_N(narrator, number, one, many, ...)                                                                     \
	narrate_clause((narrator), phrases_get_n(&(narrator)->words.phrases, (one), (many), (number)),                 \
		       ARGS(__VA_ARGS__))

/* An empty line, where a paragraph stands above the title that comes now. */
void narrate_paragraph(struct narrator *narrator);

/* A whole line, marked as a title. msgid is not translated yet. */
void narrate_title(struct narrator *narrator, const char *msgid, const struct arg *args, size_t count);

/* A sentence behind those of the same line. */
void narrate_sentence(struct narrator *narrator, const struct phrase *phrase, const struct arg *args, size_t count);

/* A part of a sentence that is a list, behind a semicolon where it is not the first of its line. The first begins with
 * a capital letter. */
void narrate_clause(struct narrator *narrator, const struct phrase *phrase, const struct arg *args, size_t count);

/* Ends a line of clauses with a full stop; where there are none it does nothing. */
void narrate_end_clauses(struct narrator *narrator);

/* Ends the line where it has anything in it. */
static inline void narrate_end_line(struct narrator *narrator)
{
	char *room = narrator->has_text ? out_room(narrator->out, 1) : NULL;

	if (room)
		out_advance(narrator->out, (size_t)(put_char(room, '\n') - room));
	narrator->has_text = false;
}

/* Lines of a stranger's text, the first TEXT_SHOWN_MAX bytes of it, and how much was left out. Lines behind its first
 * are set in, so that none of them passes for ours. */
void narrate_text(struct narrator *narrator, struct ws_span text);
void narrate_head(struct narrator *narrator, struct ws_span head); /* without setting in: no line of it is prose */
void narrate_hex(struct narrator *narrator, struct ws_span bytes); /* rows of hex and ASCII */

/* A msgid for who takes part; with a name in it ("%1$s") where named says so. The server has no name. form is one of
 * the first PARTY_FORMS. */
const char *narrate_party_phrase(enum party_kind kind, enum party_form form, bool named);

/* Whose bytes dir's are, and who gets them. */
static inline const struct party *scene_sender(const struct scene *scene, enum dir dir)
{
	return dir == DIR_C2S ? &scene->client : &scene->server;
}

static inline const struct party *scene_receiver(const struct scene *scene, enum dir dir)
{
	return scene_sender(scene, dir_other(dir));
}

#define ARG_FROM(scene, dir) ARG_PARTY_PORT(scene_sender((scene), (dir)), PARTY_FROM)
#define ARG_TO(scene, dir)   ARG_PARTY_PORT(scene_receiver((scene), (dir)), PARTY_TO)

#endif
