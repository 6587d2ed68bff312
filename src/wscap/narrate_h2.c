/* HTTP/2 around its WebSockets. */
#include "wscap/narrate_words.h"

/* "CANCEL", or the number of a code that has no name. */
static void tell_code(struct narrator *narrator, uint32_t code)
{
	const char *name = h2_error_name(code);

	if (name)
		SENTENCE(narrator, "The reason: %1$s.", ARG_TEXT(name));
	else
		SENTENCE(narrator, "The reason is a code that has no name: %1$s.", ARG_PLAIN(code));
}

static void on_open(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "HTTP/2 · connection #%1$s", ARG_CONN(scene));
	if (news->joined)
		SENTENCE(narrator,
			 "This is HTTP/2, joined in its middle. What its header blocks refer to was not captured: "
			 "who asked for which stream may stay unknown.");
	else
		SENTENCE(narrator, "Both sides speak HTTP/2 from here on: each WebSocket has a stream of its own.");
}

static void on_settings(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "HTTP/2 settings · %1$s %2$s", ARG_FROM(scene, DIR_S2C), ARG_TO(scene, DIR_S2C));
	if (news->allowed)
		SENTENCE(narrator, "The server allows WebSockets on its streams.");
	else
		SENTENCE(narrator, "The server does not allow WebSockets on its streams.");
}

static void on_end(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "End of a stream · %1$s %2$s", ARG_FROM(scene, news->dir), ARG_TO(scene, news->dir));
	SENTENCE(narrator, "%1$s sends nothing more on stream #%2$s.",
		 ARG_PARTY(scene_sender(scene, news->dir), PARTY_START), ARG_CONN(scene));
}

static void on_reset(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "Reset of a stream · %1$s %2$s", ARG_FROM(scene, news->dir), ARG_TO(scene, news->dir));
	SENTENCE(narrator, "%1$s breaks off stream #%2$s: nothing more is sent or taken on it.",
		 ARG_PARTY(scene_sender(scene, news->dir), PARTY_START), ARG_CONN(scene));
	tell_code(narrator, news->code);
}

static void on_goaway(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "Farewell · %1$s %2$s", ARG_FROM(scene, news->dir), ARG_TO(scene, news->dir));
	if (news->last == H2_STREAM_MAX)
		SENTENCE(narrator, "%1$s wants no more streams on this connection.",
			 ARG_PARTY(scene_sender(scene, news->dir), PARTY_START));
	else
		SENTENCE(narrator, "%1$s wants no more streams on this connection, and deals with none above %2$s.",
			 ARG_PARTY(scene_sender(scene, news->dir), PARTY_START), ARG_PLAIN(news->last));
	tell_code(narrator, news->code);
	if (news->text.len)
		SENTENCE(narrator, "It adds: %1$s.", ARG_STRANGER(news->text));
}

static void on_blocked(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "Window used up · %1$s %2$s", ARG_FROM(scene, news->dir), ARG_TO(scene, news->dir));
	if (news->stream)
		SENTENCE(narrator, "%1$s has sent as much as the window of stream #%2$s allows, and has to wait.",
			 ARG_PARTY(scene_sender(scene, news->dir), PARTY_START), ARG_CONN(scene));
	else
		SENTENCE(narrator,
			 "%1$s has sent as much as the connection's window allows, and has to wait on all streams.",
			 ARG_PARTY(scene_sender(scene, news->dir), PARTY_START));
}

static void on_unblocked(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "Window opened · %1$s %2$s", ARG_FROM(scene, dir_other(news->dir)),
	      ARG_TO(scene, dir_other(news->dir)));
	SENTENCE(narrator, "%1$s may send again, after %2$s.", ARG_PARTY(scene_sender(scene, news->dir), PARTY_START),
		 ARG_DURATION(news->waited));
}

static void on_unreadable(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "Header fields · %1$s %2$s", ARG_FROM(scene, news->dir), ARG_TO(scene, news->dir));
	SENTENCE(narrator,
		 "They cannot be read: they refer to earlier ones, which were not captured or are broken. So it may "
		 "be with others behind them.");
}

static void on_within(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	TITLE(narrator, "HTTP/2 in HTTP/2 · connection #%1$s", ARG_PLAIN(scene->conn));
	(void)news;
	SENTENCE(narrator, "In the tunnel of stream #%1$s both sides speak HTTP/2 again: that is not followed.",
		 ARG_CONN(scene));
}

void narrate_h2(struct narrator *narrator, const struct scene *scene, const struct h2_news *news)
{
	static void (*const kinds[H2_NEWS_KINDS])(struct narrator * narrator, const struct scene *scene,
						  const struct h2_news *news) = {
	    [H2_NEWS_OPEN] = on_open,           [H2_NEWS_SETTINGS] = on_settings,     [H2_NEWS_END] = on_end,
	    [H2_NEWS_RESET] = on_reset,         [H2_NEWS_GOAWAY] = on_goaway,         [H2_NEWS_BLOCKED] = on_blocked,
	    [H2_NEWS_UNBLOCKED] = on_unblocked, [H2_NEWS_UNREADABLE] = on_unreadable, [H2_NEWS_WITHIN] = on_within,
	};

	if (!kinds[news->kind])
		return;
	kinds[news->kind](narrator, scene, news);
	narrate_end_line(narrator);
}
