/* The document's dialect, until August 2014: people are numbers, there is one room (room 1 of dialect C). */
#include "wschat/dialect_internal.h"

static void put_person(struct json_text *json, const struct person *person)
{
	json_raw(json, "\"uid\":");
	json_number(json, person->uid);
	json_raw(json, ",\"name\":");
	dialect_html(json, person->name);
}

static int write_user_list(struct dialect_out *out, const struct room *room)
{
	struct json_text *json = &out->json;

	json_raw(json, "{\"type\":\"user_list\",\"user_list\":[");
	for (size_t i = 0; i < room->size; i++) {
		json_raw(json, i ? ",{" : "{");
		put_person(json, room->persons[i]);
		json_raw(json, "}");
	}
	json_raw(json, "]}");
	return dialect_emit(out);
}

static int write_login(struct dialect_out *out, const struct delivery *delivery)
{
	json_raw(&out->json, "{\"type\":\"login\",");
	put_person(&out->json, delivery->person);
	json_raw(&out->json, ",\"time\":");
	dialect_time(&out->json, delivery->time);
	json_raw(&out->json, "}");
	return dialect_emit(out);
}

static int write_say(struct dialect_out *out, const struct saying *saying)
{
	struct json_text *json = &out->json;

	json_raw(json, "{\"type\":\"say\",\"from_uid\":");
	json_number(json, saying->from);
	json_raw(json, ",\"to_uid\":");
	if (saying->to)
		json_number(json, saying->to);
	else
		json_raw(json, "\"all\"");
	json_raw(json, ",\"content\":");
	dialect_html(json, saying->content);
	json_raw(json, ",\"time\":");
	dialect_time(json, saying->time);
	json_raw(json, "}");
	return dialect_emit(out);
}

static int write_logout(struct dialect_out *out, const struct delivery *delivery)
{
	json_raw(&out->json, "{\"type\":\"logout\",\"uid\":");
	json_number(&out->json, delivery->person->uid);
	json_raw(&out->json, ",\"time\":");
	dialect_time(&out->json, delivery->time);
	json_raw(&out->json, "}");
	return dialect_emit(out);
}

int dialect_a_write(struct dialect_out *out, const struct delivery *delivery)
{
	int status;

	switch (delivery->kind) {
	case DELIVERY_WELCOME:
		status = write_user_list(out, delivery->room);
		return status < 0 ? status : write_login(out, delivery);
	case DELIVERY_JOINED:
		return write_login(out, delivery);
	case DELIVERY_SAID:
		return write_say(out, delivery->saying);
	case DELIVERY_PRIVATE:
		return delivery->own ? 0 : write_say(out, delivery->saying); /* the sender gets no copy here */
	case DELIVERY_LEFT:
		return write_logout(out, delivery);
	case DELIVERY_HISTORY:
	case DELIVERY_CONFIRMED:
	case DELIVERY_ERROR:
	case DELIVERY_REPLACED:
		return 0;
	}
	return 0;
}
