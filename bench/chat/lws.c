/* A libwebsockets server as a chat of one room, as its users write it: what came in is built once, every client's queue
 * refers to it, and each is written when the library says that its client is writable, one message each time.
 *
 * Usage: lws PORT [quiet]
 * quiet: who comes is told to nobody, and gets a list of itself alone; with 10,000 people those lists take minutes. */
#include <jansson.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RECEIVE = 4096, /* bytes of a message from a client, which must come in one piece */
	ID_LEN = 20,
};

/* The payload has LWS_PRE bytes before it: the library writes the frame's header there. */
struct message {
	unsigned holders;
	size_t len;
	unsigned char bytes[];
};

struct entry {
	struct entry *next;
	struct message *message;
};

struct person {
	struct lws *wsi;
	struct person *next, **prev; /* of those who logged in; prev is NULL before */
	char id[ID_LEN + 1], *name;
	struct entry *first, *last;
};

static struct person *people;
static unsigned long long next_id;
static bool quiet;

static struct message *message_create(const json_t *json)
{
	size_t len = json_dumpb(json, NULL, 0, JSON_COMPACT);
	struct message *message = malloc(sizeof(*message) + LWS_PRE + len);

	if (!message)
		abort();
	*message = (struct message){.holders = 1, .len = len};
	json_dumpb(json, (char *)message->bytes + LWS_PRE, len, JSON_COMPACT);
	return message;
}

static void message_drop(struct message *message)
{
	if (--message->holders == 0)
		free(message);
}

static void queue(struct person *person, struct message *message)
{
	struct entry *entry = malloc(sizeof(*entry));

	if (!entry)
		abort();
	*entry = (struct entry){.message = message};
	message->holders++;
	if (person->last)
		person->last->next = entry;
	else
		person->first = entry;
	person->last = entry;
	lws_callback_on_writable(person->wsi);
}

static void unqueue(struct person *person)
{
	struct entry *entry = person->first;

	person->first = entry->next;
	if (!person->first)
		person->last = NULL;
	message_drop(entry->message);
	free(entry);
}

/* To these, and all behind them in the list. */
static void broadcast(struct person *person, const json_t *json)
{
	struct message *message = message_create(json);

	for (; person; person = person->next)
		queue(person, message);
	message_drop(message);
}

static json_t *now(void)
{
	char text[32];
	time_t seconds = time(NULL);

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &(struct tm){0}));
	return json_string(text);
}

static void put_in(struct person *person, const char *name)
{
	if (person->prev)
		return;
	snprintf(person->id, sizeof(person->id), "%020llx", ++next_id);
	person->name = strdup(name);
	person->next = people;
	person->prev = &people;
	if (people)
		people->prev = &person->next;
	people = person;
}

static void take_out(struct person *person)
{
	if (person->prev) {
		*person->prev = person->next;
		if (person->next)
			person->next->prev = person->prev;
	}
	while (person->first)
		unqueue(person);
	free(person->name);
}

static void log_in(struct person *person, const char *name)
{
	json_t *list = json_object(), *login;
	struct message *welcome;

	put_in(person, name);
	login = json_pack("{s:s,s:s,s:s,s:o}", "type", "login", "client_id", person->id, "client_name", person->name,
			  "time", now());
	for (struct person *who = person; who; who = quiet ? NULL : who->next)
		json_object_set_new(list, who->id, json_string(who->name));
	if (!quiet)
		broadcast(person->next, login);
	json_object_set_new(login, "client_list", list);
	welcome = message_create(login);
	queue(person, welcome);
	message_drop(welcome);
	json_decref(login);
}

static void say(const struct person *person, const char *content)
{
	json_t *json =
	    json_pack("{s:s,s:s,s:s,s:s,s:s,s:o}", "type", "say", "from_client_id", person->id, "from_client_name",
		      person->name, "to_client_id", "all", "content", content, "time", now());

	broadcast(people, json);
	json_decref(json);
}

static void take(struct person *person, const char *text, size_t len)
{
	json_t *json = json_loadb(text, len, 0, NULL);
	const char *type = json_string_value(json_object_get(json, "type"));
	const char *name = json_string_value(json_object_get(json, "client_name"));
	const char *content = json_string_value(json_object_get(json, "content"));

	if (type && name && strcmp(type, "login") == 0)
		log_in(person, name);
	else if (type && content && person->prev && strcmp(type, "say") == 0)
		say(person, content);
	json_decref(json);
}

static int write_one(struct person *person)
{
	struct message *message;
	int written;

	if (!person->first)
		return 0;
	message = person->first->message;
	written = lws_write(person->wsi, message->bytes + LWS_PRE, message->len, LWS_WRITE_TEXT);
	unqueue(person);
	if (written < 0)
		return -1;
	if (person->first)
		lws_callback_on_writable(person->wsi);
	return 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct person *person = user;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		*person = (struct person){.wsi = wsi};
		break;
	case LWS_CALLBACK_CLOSED:
		take_out(person);
		break;
	case LWS_CALLBACK_RECEIVE:
		take(person, in, len);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return write_one(person);
	default:
		break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {{.name = "chat",
							  .callback = on_event,
							  .per_session_data_size = sizeof(struct person),
							  .rx_buffer_size = RECEIVE},
							 {0}};
	struct lws_context_creation_info info = {.protocols = protocols, .iface = "127.0.0.1"};
	struct lws_context *context;

	if (argc < 2)
		return 2;
	info.port = atoi(argv[1]);
	quiet = argc > 2 && strcmp(argv[2], "quiet") == 0;
	lws_set_log_level(LLL_ERR, NULL);
	context = lws_create_context(&info);
	while (context && lws_service(context, 0) >= 0)
		;
	return 1;
}
