/* From the chat's deliveries to each worker's batch, and the moment between: the group is in the history, or nothing of
 * what was said in it goes out. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "wschat/dialect.h"
#include "wschat/history.h"
#include "wschat/hub_internal.h"
#include "wschat/room.h"
#include "wschat/slog.h"
#include "wschat/worker.h"

/* Who said something in the group under way, followed by the reference's bytes. */
struct said {
	client_id client;
	size_t reference_len;
};

static struct hub_lane *lane_of(struct hub *hub, client_id client)
{
	return &hub->lanes[client >> CLIENT_WORKER_SHIFT];
}

static int put_parcel(struct hub *hub, struct hub_lane *lane, struct parcel parcel, struct ws_span bytes)
{
	static const uint8_t zeroes[_Alignof(struct parcel)];
	size_t padding = -bytes.len & (_Alignof(struct parcel) - 1);

	parcel.len = (uint32_t)bytes.len;
	if (ws_buf_reserve(&lane->parcels, sizeof(parcel) + bytes.len + padding) < 0) {
		hub->stats.dropped++;
		return -ENOMEM;
	}
	hub->group_bytes += sizeof(parcel) + bytes.len + padding;
	ws_buf_append(&lane->parcels, ws_span_of(&parcel, sizeof(parcel)));
	ws_buf_append(&lane->parcels, bytes);
	return ws_buf_append(&lane->parcels, ws_span_of(zeroes, padding));
}

/* Builds the frame of json in hub->frame: RFC 7692 lets each message be compressed or not. */
static int build_frame(struct hub *hub, struct ws_span json, bool compressed)
{
	struct ws_frame frame = {.fin = true, .opcode = WS_TEXT};
	uint8_t header[WS_FRAME_HEADER_MAX];
	struct ws_buf *buf = &hub->frame;
	size_t room = sizeof(header), len;

	ws_buf_clear(buf);
	if (ws_buf_append(buf, ws_span_of(header, room)) < 0)
		return -ENOMEM;
	if (compressed && !hub->deflate)
		hub->deflate = ws_deflate_create(15, HUB_COMPRESS_LEVEL);
	compressed = compressed && hub->deflate && json.len >= HUB_COMPRESS_MIN;
	if ((compressed ? ws_deflate_message(hub->deflate, json, false, buf) : ws_buf_append(buf, json)) < 0)
		return -ENOMEM;
	frame.rsv = compressed ? WS_RSV1 : 0;
	frame.payload_len = buf->len - room;
	len = ws_frame_write(&frame, header);
	/* The header is as long as it is only now: it goes right before the payload. */
	memcpy(buf->data + room - len, header, len);
	hub->frame_begin = room - len;
	return 0;
}

struct room_delivery {
	struct hub *hub;
	const struct delivery *delivery;
	enum dialect_id dialect;
};

static bool is_kept(const struct delivery *delivery)
{
	return delivery->saying || delivery->kind == DELIVERY_CONFIRMED;
}

static int emit_to_room(void *context, struct ws_span json)
{
	const struct room_delivery *to = context;
	const struct room *room = to->delivery->room;
	struct hub *hub = to->hub;

	for (unsigned compressed = 0; compressed < 2; compressed++) {
		if (!room->variants[to->dialect][compressed])
			continue;
		if (build_frame(hub, json, compressed) < 0) {
			hub->stats.dropped++;
			continue;
		}
		for (unsigned i = 0; i < room->worker_count; i++)
			put_parcel(hub, &hub->lanes[room->workers[i].worker],
				   (struct parcel){.kind = PARCEL_ROOM,
						   .room = room->number,
						   .variant = (uint16_t)variant_of(to->dialect, compressed),
						   .kept = is_kept(to->delivery)},
				   ws_span_from(ws_buf_span(&hub->frame), hub->frame_begin));
	}
	return 0;
}

static int emit_to_one(void *context, struct ws_span json)
{
	const struct room_delivery *to = context;

	return put_parcel(
	    to->hub, lane_of(to->hub, to->delivery->to),
	    (struct parcel){.kind = PARCEL_ONE, .client = to->delivery->to, .kept = is_kept(to->delivery)}, json);
}

static void log_limit(enum chat_error error)
{
	if (error == CHAT_ERROR_ROOMS || error == CHAT_ERROR_ROOM_FULL)
		slog_often(LOG_NOTICES, "limited", "limit",
			   error == CHAT_ERROR_ROOMS ? "max-rooms" : "max-users-per-room", NULL);
}

static void deliver_to_one(struct hub *hub, const struct delivery *delivery)
{
	struct room_delivery to = {.hub = hub, .delivery = delivery, .dialect = hub->speaking};

	if (delivery->kind == DELIVERY_REPLACED) {
		put_parcel(hub, lane_of(hub, delivery->to),
			   (struct parcel){.kind = PARCEL_CLOSE, .client = delivery->to, .code = CLOSE_REPLACED},
			   ws_span_str("continued in another window"));
		return;
	}
	if (delivery->kind == DELIVERY_ERROR)
		log_limit(delivery->error);
	if (delivery->receiver)
		to.dialect = delivery->receiver->dialect;
	if (dialect_write(to.dialect, delivery, &hub->json, emit_to_one, &to) < 0)
		hub->stats.dropped++;
}

static void deliver(void *context, const struct delivery *delivery)
{
	struct hub *hub = context;
	struct room_delivery to = {.hub = hub, .delivery = delivery};

	if (delivery->to) {
		deliver_to_one(hub, delivery);
		return;
	}
	for (unsigned dialect = 0; dialect < DIALECT_COUNT; dialect++) {
		const size_t *variants = delivery->room->variants[dialect];

		to.dialect = (enum dialect_id)dialect;
		if ((variants[0] || variants[1]) &&
		    dialect_write(to.dialect, delivery, &hub->json, emit_to_room, &to) < 0)
			hub->stats.dropped++;
	}
}

static void remember_said(struct hub *hub, client_id client, struct ws_span reference)
{
	struct said said = {.client = client, .reference_len = reference.len};

	if (ws_buf_reserve(&hub->said, sizeof(said) + reference.len) < 0)
		return;
	ws_buf_append(&hub->said, ws_span_of(&said, sizeof(said)));
	ws_buf_append(&hub->said, reference);
}

static int log_history_failed(const struct hub *hub)
{
	slog_often(LOG_ERRORS, "history-failed", "reason", history_error(hub->history), NULL);
	return -EIO;
}

static int record(void *context, const struct saying *saying, client_id client)
{
	struct hub *hub = context;

	if (!hub->in_transaction) {
		if (history_begin(hub->history) < 0)
			return log_history_failed(hub);
		hub->in_transaction = true;
		hub->broken = false;
		hub->first_number = saying->number;
	}
	/* Some failures end the transaction: what came after would be kept by itself, though its group is not. */
	if (hub->broken || history_append(hub->history, saying) < 0) {
		hub->broken = hub->broken || !history_in_transaction(hub->history);
		return log_history_failed(hub);
	}
	remember_said(hub, client, saying->reference);
	return 0;
}

static void enter(void *context, const struct person *person, const struct room *room)
{
	struct hub *hub = context;

	put_parcel(hub, lane_of(hub, person->client),
		   (struct parcel){.kind = PARCEL_ENTER,
				   .client = person->client,
				   .room = room->number,
				   .variant = (uint16_t)variant_of(person->dialect, person->compressed)},
		   ws_span_of(NULL, 0));
}

static void leave(void *context, const struct person *person, const struct room *room)
{
	struct hub *hub = context;

	put_parcel(hub, lane_of(hub, person->client),
		   (struct parcel){.kind = PARCEL_LEAVE, .client = person->client, .room = room->number},
		   ws_span_of(NULL, 0));
}

struct chat_sink hub_chat_sink(struct hub *hub)
{
	return (struct chat_sink){.deliver = deliver, .record = record, .enter = enter, .leave = leave, .context = hub};
}

/* Takes out what must not go out: the group could not be kept. */
static void drop_kept(struct ws_buf *parcels)
{
	size_t from = 0, to = 0;

	while (from < parcels->len) {
		struct parcel parcel;
		size_t len;

		memcpy(&parcel, parcels->data + from, sizeof(parcel));
		len = sizeof(parcel) + parcel.len + (-(size_t)parcel.len & (_Alignof(struct parcel) - 1));
		if (!parcel.kept) {
			memmove(parcels->data + to, parcels->data + from, len);
			to += len;
		}
		from += len;
	}
	parcels->len = to;
}

static void tell_senders(struct hub *hub)
{
	for (size_t at = 0; at < hub->said.len;) {
		struct said said;

		memcpy(&said, hub->said.data + at, sizeof(said));
		at += sizeof(said);
		chat_tell_not_kept(hub->chat, said.client, ws_span_of(hub->said.data + at, said.reference_len));
		at += said.reference_len;
	}
}

/* A worker reads what comes behind a login as that login speaks. Was it refused, and somebody is still here who speaks
 * otherwise, it has to be told. */
void hub_after_login(struct hub *hub, const struct command *command)
{
	enum dialect_id speaks = chat_dialect_of(hub->chat, command->from);

	if (speaks == DIALECT_COUNT || speaks == command->dialect)
		return;
	put_parcel(hub, lane_of(hub, command->from),
		   (struct parcel){
		       .kind = PARCEL_SPEAK, .client = command->from, .variant = (uint16_t)variant_of(speaks, false)},
		   ws_span_of(NULL, 0));
}

static uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void commit(struct hub *hub)
{
	uint64_t begin = clock_us();

	hub->in_transaction = false;
	hub->stats.groups++;
	if (hub->broken || history_commit(hub->history) < 0) {
		hub->stats.commit_failures++;
		log_history_failed(hub);
		history_rollback(hub->history);
		chat_take_back(hub->chat, hub->first_number);
		for (unsigned i = 0; i < hub->lane_count; i++)
			drop_kept(&hub->lanes[i].parcels);
		tell_senders(hub);
	}
	hub->stats.commit_microseconds += clock_us() - begin;
}

static void hand_over(struct hub *hub, unsigned index)
{
	struct hub_lane *lane = &hub->lanes[index];
	struct batch *batch;

	if (!lane->parcels.len)
		return;
	batch = calloc(1, sizeof(*batch));
	if (!batch) {
		hub->stats.dropped++;
		ws_buf_clear(&lane->parcels);
		return;
	}
	batch->worker = hub->server->workers[index];
	batch->post.arrive = worker_take_batch;
	batch->parcels = lane->parcels;
	ws_buf_init(&lane->parcels, HUB_BATCH_MAX);
	loop_post(worker_loop(batch->worker), &batch->post);
}

void hub_finish_group(struct hub *hub)
{
	if (hub->in_transaction)
		commit(hub);
	ws_buf_clear(&hub->said);
	hub->group_size = 0;
	hub->group_bytes = 0;
	for (unsigned i = 0; i < hub->lane_count; i++)
		hand_over(hub, i);
}
