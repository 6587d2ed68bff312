/* Messages that belong together: copies of one, and what a server's message carries of a client's.
 *
 * Both are found by a hash (recall_ring.h): a new one takes the place of the oldest one. The hashes are seeded, and all
 * that two equal ones can do is a wrong sentence. */
#include "wscap/recall_internal.h"

#include "wscap/json_walk.h"
#include "wscap/span_hash.h"

static bool is_own_copy(const struct memory *memory, uint64_t id)
{
	for (uint32_t i = 0; i < RECALL_OWN_COPIES && i < memory->copies_end; i++)
		if (memory->copies[i] == id)
			return true;
	return false;
}

/* Beyond that only the turn counts. */
static void add_own_copy(struct memory *memory, uint64_t id)
{
	memory->copies[memory->copies_end % RECALL_OWN_COPIES] = id;
	memory->copies_end =
	    memory->copies_end + 1 < 2 * RECALL_OWN_COPIES ? memory->copies_end + 1 : RECALL_OWN_COPIES;
}

/* An id's place in the table is its rest by the table's size, so that an ACK finds it again. */
static uint64_t new_id(struct recall *recall, size_t place)
{
	return ++recall->last_id * RECALL_COPIES + place;
}

/* Says nothing yet. */
static void begin_copies(struct recall_copies *copies, uint64_t id, int64_t time, uint64_t packet)
{
	copies->id = id;
	copies->packet = packet;
	copies->time = time;
	copies->count = copies->acked = 0;
	copies->kept = false;
}

struct copy recall_copy(struct recall *recall, struct memory *memory, struct ws_span payload, int64_t time,
			uint64_t packet)
{
	uint64_t hash = span_hash(payload, memory->server);
	uint16_t place = recall_ring_find(&recall->copies_ring, hash);
	bool seen = place != RING_NONE;
	struct recall_copies *copies;

	if (!seen)
		place = recall_ring_take(&recall->copies_ring, hash);
	copies = &recall->copies[place];
	if (!seen || !recall_within(copies->time, time, recall->copy_window) || is_own_copy(memory, copies->id))
		begin_copies(copies, new_id(recall, place), time, packet);
	else
		recall->copies_seen++;
	copies->count++;
	add_own_copy(memory, copies->id);
	return (struct copy){.id = copies->id,
			     .number = copies->count,
			     .packet = copies->packet,
			     .since = recall_since(time, copies->time)};
}

void recall_copy_keep(struct recall *recall, uint64_t id, const struct says *says)
{
	struct recall_copies *copies = &recall->copies[id % RECALL_COPIES];

	if (!id || copies->id != id)
		return;
	copies->says = *says;
	copies->kept = true;
}

const struct says *recall_copy_says(const struct recall *recall, uint64_t id)
{
	const struct recall_copies *copies = &recall->copies[id % RECALL_COPIES];

	return id && copies->id == id && copies->kept ? &copies->says : NULL;
}

uint64_t recall_copies_seen(const struct recall *recall)
{
	return recall->copies_seen;
}

typedef uint64_t string_hash(struct ws_span text, uint64_t seed);

static inline void add_field(const struct recall *recall, struct ws_span key, struct ws_span value,
			     string_hash *hash_of, struct fields *ret)
{
	if (ret->count == RECALL_FIELDS || !value.len)
		return;
	ret->field[ret->count].key = key;
	ret->field[ret->count].hash = hash_of(value, hash_of(key, recall->seed) ^ UINT64_C(0x5851f42d4c957f2d));
	ret->field[ret->count].len = value.len;
	ret->count++;
}

static bool has_word(struct ws_span key, const char *word)
{
	return key.data && memmem(key.data, key.len, word, strlen(word));
}

/* user_list, clients, members: a plural of who takes part. */
static bool names_users(struct ws_span key)
{
	return (has_word(key, "list") || (key.len && key.data[key.len - 1] == 's')) &&
	       (has_word(key, "user") || has_word(key, "client") || has_word(key, "member") || has_word(key, "player"));
}

/* A list is an array, or an object that has a user under each key. */
static bool begins_list(const struct json_token *token, struct ws_span key)
{
	return token->kind == JSON_OPEN && token->depth == 1 && (*token->text.data == '[' || names_users(key));
}

/* A value, where it stands in an array; in an object, its key, so that it is counted once. */
static bool is_entry(const struct json_token *token, bool object)
{
	if (token->depth != 2)
		return false;
	if (object)
		return token->kind == JSON_KEY;
	return token->kind == JSON_STRING || token->kind == JSON_SCALAR || token->kind == JSON_OPEN;
}

/* Walks an object's top level: its strings but for the label, and how long its first list is. */
void recall_fields(const struct recall *recall, struct ws_span payload, struct ws_span label, struct fields *ret)
{
	struct json_walk walk;
	struct json_token token;
	struct ws_span key = {0}, value;
	bool counting = false, object = false;

	recall_fields_init(ret);
	json_walk_init(&walk, ws_span_first(payload, LABEL_SCAN_MAX));
	token = json_walk_next(&walk);
	if (token.kind != JSON_OPEN || *token.text.data != '{')
		return;
	for (;;) {
		while (walk.depth == 1 && json_walk_member(&walk, &key, &value))
			if (!ws_span_equal(value, label))
				add_field(recall, key, value, json_plain_hash, ret);
		token = json_walk_next(&walk);
		if (token.kind == JSON_BAD || token.kind == JSON_END)
			return;
		if (token.kind == JSON_KEY && token.depth == 1) {
			key = token.text;
		} else if (token.kind == JSON_STRING && token.depth == 1 && !ws_span_equal(token.text, label)) {
			add_field(recall, key, token.text, json_string_hash, ret);
		} else if (begins_list(&token, key) && !ret->list.data) {
			counting = true;
			object = *token.text.data == '{';
			ret->list = key;
			ret->list_of_users = names_users(key);
		} else if (token.kind == JSON_CLOSE && token.depth == 1) {
			counting = false;
		} else if (counting && is_entry(&token, object)) {
			ret->list_len++;
		}
	}
}

static void remember_value(struct recall *recall, const struct memory *memory, uint64_t hash, int64_t time,
			   uint64_t packet)
{
	uint16_t place = recall_ring_find(&recall->said_ring, hash);
	bool again = place != RING_NONE;
	struct recall_value *value;

	if (!again)
		place = recall_ring_take(&recall->said_ring, hash);
	value = &recall->said[place];
	*value = (struct recall_value){
	    .packet = packet,
	    .conn = memory->number,
	    .time = time,
	    .uses = again ? value->uses + 1 : 1,
	    .port = memory->port,
	    .browser = memory->browser,
	    .user = memory->user,
	};
}

static uint64_t payload_hash(const struct memory *memory, struct ws_span payload)
{
	return span_hash(payload, memory->server + 1);
}

static uint64_t field_hash(const struct memory *memory, const struct fields *fields, size_t i)
{
	return span_hash_mix(memory->server, fields->field[i].hash);
}

void recall_said(struct recall *recall, const struct memory *memory, struct ws_span payload,
		 const struct fields *fields, int64_t time, uint64_t packet)
{
	if (payload.len)
		remember_value(recall, memory, payload_hash(memory, payload), time, packet);
	for (size_t i = 0; i < fields->count; i++)
		remember_value(recall, memory, field_hash(memory, fields, i), time, packet);
}

static const struct recall_value *find_value(const struct recall *recall, uint64_t hash, int64_t time)
{
	uint16_t place = recall_ring_find(&recall->said_ring, hash);
	const struct recall_value *value = place == RING_NONE ? NULL : &recall->said[place];

	return value && recall_within(value->time, time, RECALL_SAID_NS) ? value : NULL;
}

/* A value that fewer messages had tells more ("all" is in every one), and then a longer one does. */
static bool tells_more(const struct recall_value *a, size_t a_len, const struct recall_value *b, size_t b_len)
{
	return !b || a->uses < b->uses || (a->uses == b->uses && a_len > b_len);
}

void recall_carried(const struct recall *recall, const struct memory *memory, struct ws_span payload,
		    const struct fields *fields, int64_t time, struct carried *ret)
{
	const struct recall_value *best = payload.len ? find_value(recall, payload_hash(memory, payload), time) : NULL;
	size_t best_len = 0;

	ret->conn = ret->packet = 0;
	ret->whole = best != NULL;
	ret->key = ws_span_of(NULL, 0);
	for (size_t i = 0; i < fields->count && !ret->whole; i++) {
		const struct recall_value *value = find_value(recall, field_hash(memory, fields, i), time);

		if (!value || !tells_more(value, fields->field[i].len, best, best_len))
			continue;
		best = value;
		best_len = fields->field[i].len;
		ret->key = fields->field[i].key;
	}
	if (!best)
		return;
	ret->conn = best->conn;
	ret->packet = best->packet;
	ret->since = recall_since(time, best->time);
	ret->port = best->port;
	ret->browser = best->browser;
	ret->user = best->user;
}
