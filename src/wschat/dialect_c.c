/* workerman-chat's dialect of today, and ours, which is the same with additions (docs/chat-protocol.md). */
#include "wschat/dialect_internal.h"

enum {
	HISTORY_MESSAGE_BYTES = 60 << 10, /* of one history message; more sayings go into the next */
};

static void put_field(struct json_text *json, const char *name, const char *value)
{
	json_raw(json, ",\"");
	json_raw(json, name);
	json_raw(json, "\":\"");
	json_raw(json, value);
	json_raw(json, "\"");
}

static void put_html(struct json_text *json, const char *name, struct ws_span text)
{
	json_raw(json, ",\"");
	json_raw(json, name);
	json_raw(json, "\":");
	dialect_html(json, text);
}

static void put_count(struct json_text *json, const char *name, uint64_t number)
{
	json_raw(json, ",\"");
	json_raw(json, name);
	json_raw(json, "\":");
	json_number(json, number);
}

static void put_time(struct json_text *json, int64_t time)
{
	json_raw(json, ",\"time\":");
	dialect_time(json, time);
}

static void put_bool(struct json_text *json, const char *name, bool value)
{
	json_raw(json, ",\"");
	json_raw(json, name);
	json_raw(json, value ? "\":true" : "\":false");
}

static void put_client_list(struct json_text *json, const struct room *room)
{
	json_raw(json, ",\"client_list\":{");
	for (size_t i = 0; i < room->size; i++) {
		json_raw(json, i ? ",\"" : "\"");
		json_raw(json, room->persons[i]->hex);
		json_raw(json, "\":");
		dialect_html(json, room->persons[i]->name);
	}
	json_raw(json, "}");
}

static void put_login(struct json_text *json, const struct delivery *delivery)
{
	json_raw(json, "{\"type\":\"login\"");
	put_field(json, "client_id", delivery->person->hex);
	put_html(json, "client_name", delivery->person->name);
	put_time(json, delivery->time);
}

/* Everything of a saying behind the opening brace or type, as history and say have it. */
static void put_saying(struct json_text *json, const struct saying *saying)
{
	json_raw(json, "\"from_client_id\":\"");
	json_raw(json, saying->from_hex);
	json_raw(json, "\"");
	put_html(json, "from_client_name", saying->from_name);
	put_field(json, "to_client_id", saying->to ? saying->to_hex : "all");
	if (saying->to)
		put_html(json, "to_client_name", saying->to_name);
	put_html(json, "content", saying->content);
	put_time(json, saying->time);
	put_count(json, "ms", (uint64_t)saying->time);
}

/* One history message with as many sayings as it holds. Returns how many, or a failure. more: what the last one says.
 */
static long write_history_message(struct dialect_out *out, const struct delivery *delivery, size_t from)
{
	struct json_text *json = &out->json;
	size_t i;
	int status;

	json_raw(json, "{\"type\":\"history\",\"messages\":[");
	for (i = from; i < delivery->saying_count && (i == from || json->buf->len < HISTORY_MESSAGE_BYTES); i++) {
		json_raw(json, i == from ? "{\"id\":" : ",{\"id\":");
		json_number(json, delivery->sayings[i].number);
		json_raw(json, ",");
		put_saying(json, &delivery->sayings[i]);
		json_raw(json, "}");
	}
	json_raw(json, "]");
	if (delivery->kind == DELIVERY_HISTORY)
		put_count(json, "before", delivery->number);
	/* Of several messages, only the first has older ones that were not given. */
	put_bool(json, "more", delivery->more && from == 0);
	json_raw(json, "}");
	status = dialect_emit(out);
	return status < 0 ? status : (long)(i - from);
}

static int write_history(struct dialect_out *out, const struct delivery *delivery)
{
	size_t at = 0;

	do {
		long written = write_history_message(out, delivery, at);

		if (written < 0)
			return (int)written;
		at += (size_t)written;
	} while (at < delivery->saying_count);
	return 0;
}

static int write_welcome(struct dialect_out *out, const struct delivery *delivery, bool ours)
{
	struct json_text *json = &out->json;
	int status;

	put_login(json, delivery);
	put_client_list(json, delivery->room);
	if (ours) {
		put_field(json, "token", delivery->token);
		put_count(json, "since", delivery->number);
		put_bool(json, "resumed", delivery->resumed);
	}
	json_raw(json, "}");
	status = dialect_emit(out);
	return status < 0 || !ours ? status : write_history(out, delivery);
}

static int write_joined(struct dialect_out *out, const struct delivery *delivery)
{
	put_login(&out->json, delivery);
	json_raw(&out->json, "}");
	return dialect_emit(out);
}

static int write_ours_say(struct dialect_out *out, const struct saying *saying)
{
	json_raw(&out->json, "{\"type\":\"say\",");
	put_saying(&out->json, saying);
	put_count(&out->json, "id", saying->number);
	json_raw(&out->json, "}");
	return dialect_emit(out);
}

/* The content of a private message begins with words for whom it is, in the original's language, as HTML. */
static void put_private_content(struct json_text *json, const struct saying *saying, bool own)
{
	json_raw(json, ",\"content\":");
	if (own)
		json_html(json, "<b>你对", saying->to_name, "说: </b>", saying->content);
	else
		json_html(json, "<b>对你说: </b>", ws_span_of(NULL, 0), "", saying->content);
}

static int write_say(struct dialect_out *out, const struct delivery *delivery)
{
	const struct saying *saying = delivery->saying;
	struct json_text *json = &out->json;

	json_raw(json, "{\"type\":\"say\"");
	put_field(json, "from_client_id", saying->from_hex);
	put_html(json, "from_client_name", saying->from_name);
	put_field(json, "to_client_id", saying->to ? saying->to_hex : "all");
	if (saying->to)
		put_private_content(json, saying, delivery->own);
	else
		put_html(json, "content", saying->content);
	put_time(json, saying->time);
	json_raw(json, "}");
	return dialect_emit(out);
}

static int write_left(struct dialect_out *out, const struct delivery *delivery)
{
	json_raw(&out->json, "{\"type\":\"logout\"");
	put_field(&out->json, "from_client_id", delivery->person->hex);
	put_html(&out->json, "from_client_name", delivery->person->name);
	put_time(&out->json, delivery->time);
	json_raw(&out->json, "}");
	return dialect_emit(out);
}

static int write_confirmed(struct dialect_out *out, const struct delivery *delivery)
{
	json_raw(&out->json, "{\"type\":\"said\",\"ref\":");
	json_string(&out->json, delivery->reference);
	put_count(&out->json, "id", delivery->number);
	json_raw(&out->json, "}");
	return dialect_emit(out);
}

static int write_error(struct dialect_out *out, const struct delivery *delivery)
{
	static const struct {
		const char *code, *message;
	} errors[CHAT_ERROR_COUNT] = {
	    [CHAT_ERROR_NAME] = {"name", "a name has 1 to 64 characters, none of them a control character"},
	    [CHAT_ERROR_ROOM] = {"room", "a room's name has 1 to 64 characters, none of them a control character"},
	    [CHAT_ERROR_ROOMS] = {"rooms", "the server has no room for another room"},
	    [CHAT_ERROR_ROOM_FULL] = {"room-full", "the room is full"},
	    [CHAT_ERROR_CONTENT] = {"content", "a message has 1 to 16384 bytes"},
	    [CHAT_ERROR_NOBODY] = {"nobody", "the person is not in the room any more"},
	    [CHAT_ERROR_RATE] = {"rate", "too many messages in a short time"},
	    [CHAT_ERROR_LOGIN] = {"login", "log in first"},
	    [CHAT_ERROR_HISTORY] = {"history", "the server could not keep or read the message"},
	};

	json_raw(&out->json, "{\"type\":\"error\"");
	put_field(&out->json, "code", errors[delivery->error].code);
	put_field(&out->json, "message", errors[delivery->error].message);
	if (delivery->reference.len) {
		json_raw(&out->json, ",\"ref\":");
		json_string(&out->json, delivery->reference);
	}
	json_raw(&out->json, "}");
	return dialect_emit(out);
}

int dialect_c_write(struct dialect_out *out, const struct delivery *delivery, bool ours)
{
	switch (delivery->kind) {
	case DELIVERY_WELCOME:
		return write_welcome(out, delivery, ours);
	case DELIVERY_JOINED:
		return write_joined(out, delivery);
	case DELIVERY_SAID:
	case DELIVERY_PRIVATE:
		return ours ? write_ours_say(out, delivery->saying) : write_say(out, delivery);
	case DELIVERY_LEFT:
		return write_left(out, delivery);
	case DELIVERY_HISTORY:
		return ours ? write_history(out, delivery) : 0;
	case DELIVERY_CONFIRMED:
		return ours ? write_confirmed(out, delivery) : 0;
	case DELIVERY_ERROR:
		return write_error(out, delivery);
	case DELIVERY_REPLACED:
		return 0;
	}
	return 0;
}
