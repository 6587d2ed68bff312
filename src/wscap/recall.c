/* Connections and what they wait for. A chained hash table, and a list from the newest used to the oldest, which goes
 * first when there are too many. The order among the newest RECALL_FRESH does not matter, so that those which are under
 * way at a time need not be moved with each packet. */
#include "wscap/recall_internal.h"

#include "base/fetch.h"
#include "base/seed.h"
#include "wscap/span_hash.h"

#include <stddef.h>
#include <stdlib.h>

enum {
	MEMORY_WARM = offsetof(struct memory, user) + 1, /* bytes of it that begin() and forget() touch */
};

static_assert(offsetof(struct memory, newer) == MEMORY_LINE && MEMORY_WARM <= 2 * MEMORY_LINE,
	      "what each packet asks for is one line");

struct recall *recall_create(int64_t copy_window)
{
	struct recall *recall = calloc(1, sizeof(*recall));

	if (!recall)
		return NULL;
	recall->copy_window = copy_window;
	seed_make(&recall->seed, sizeof(recall->seed));
	return recall;
}

static void unlink_memory(struct recall *recall, struct memory *memory)
{
	*(memory->newer ? &memory->newer->older : &recall->newest) = memory->older;
	*(memory->older ? &memory->older->newer : &recall->oldest) = memory->newer;
}

static void link_newest(struct recall *recall, struct memory *memory)
{
	memory->newer = NULL;
	memory->older = recall->newest;
	*(memory->older ? &memory->older->newer : &recall->oldest) = memory;
	recall->newest = memory;
	memory->turn = recall->turns++;
}

/* Numbers are our own: nobody picks them. Streams are few of each. */
static struct memory **bucket(struct recall *recall, uint64_t number, uint64_t stream)
{
	return &recall->buckets[(number + stream) % RECALL_BUCKETS];
}

static void give_ring(struct recall *recall, struct memory *memory, enum dir dir)
{
	struct recall_sent_ring *ring = memory->sent[dir];

	if (!ring)
		return;
	ring->next = recall->spare_ring;
	recall->spare_ring = ring;
	memory->sent[dir] = NULL;
}

static void forget(struct recall *recall, struct memory *memory)
{
	struct memory **at = bucket(recall, memory->number, memory->stream);

	while (*at != memory)
		at = &(*at)->chain;
	*at = memory->chain;
	unlink_memory(recall, memory);
	recall->conns--;
	give_ring(recall, memory, DIR_C2S);
	give_ring(recall, memory, DIR_S2C);
	free(memory->pings);
	memory->chain = recall->spare;
	recall->spare = memory;
}

/* The next one that will have to make room, if there are so many: it was not near for long. */
static void forget_oldest(struct recall *recall)
{
	forget(recall, recall->oldest);
	for (size_t at = 0; at < MEMORY_WARM; at += MEMORY_LINE)
		fetch_write((const uint8_t *)recall->oldest + at);
}

static struct memory *find(struct recall *recall, uint64_t number, uint64_t stream)
{
	struct memory *memory = *bucket(recall, number, stream);

	while (memory && (memory->number != number || memory->stream != stream))
		memory = memory->chain;
	return memory;
}

void recall_forget(struct recall *recall, uint64_t number)
{
	struct memory *memory = find(recall, number, 0);

	if (memory)
		forget(recall, memory);
}

void recall_destroy(struct recall *recall)
{
	struct recall_sent_ring *ring;
	struct memory *memory;

	if (!recall)
		return;
	while (recall->oldest)
		forget(recall, recall->oldest);
	while ((memory = recall->spare)) {
		recall->spare = memory->chain;
		free(memory);
	}
	while ((ring = recall->spare_ring)) {
		recall->spare_ring = ring->next;
		free(ring);
	}
	free(recall);
}

/* Until the roles are known, they may still be turned. */
static void learn_ends(const struct recall *recall, struct memory *memory, const struct conn *conn)
{
	struct endpoint server = conn_server(conn);

	memory->server = span_hash(ws_span_of(server.addr, sizeof(server.addr)), recall->seed + server.port);
	memory->port = conn_client(conn).port;
	memory->ends_known = conn_role(conn) == ROLE_KNOWN;
}

/* Field by field: text that is not there, and copies, may be anything. */
static void begin(struct memory *memory, uint64_t number, uint64_t stream)
{
	memory->number = number;
	memory->stream = stream;
	memory->sent[0] = memory->sent[1] = NULL;
	memory->opened = -1;
	memory->browser = memory->answered = memory->websocket = memory->open = memory->not_websocket = false;
	memory->fin_sent[0] = memory->fin_sent[1] = false;
	memory->close_sent[0] = memory->close_sent[1] = false;
	memory->pings = NULL;
	memory->user.len = 0;
	memory->copies_end = 0;
}

/* One that was given back, or a new one, with any content. NULL when out of memory. */
static struct memory *take_memory(struct recall *recall)
{
	struct memory *memory;

	if (recall->conns == RECALL_CONNS)
		forget_oldest(recall);
	memory = recall->spare;
	if (!memory)
		return aligned_alloc(MEMORY_LINE, sizeof(*memory));
	recall->spare = memory->chain;
	return memory;
}

static APART struct memory *make(struct recall *recall, const struct conn *conn, uint64_t stream)
{
	struct memory *memory = take_memory(recall);
	struct memory **at;

	if (!memory)
		return NULL;
	begin(memory, conn_number(conn), stream);
	learn_ends(recall, memory, conn);
	at = bucket(recall, memory->number, memory->stream);
	memory->chain = *at;
	*at = memory;
	link_newest(recall, memory);
	recall->conns++;
	return memory;
}

struct memory *recall_conn(struct recall *recall, const struct conn *conn)
{
	return recall_stream(recall, conn, 0);
}

struct memory *recall_stream(struct recall *recall, const struct conn *conn, uint64_t stream)
{
	struct memory *memory = find(recall, conn_number(conn), stream);

	if (!memory)
		return make(recall, conn, stream);
	if (!memory->ends_known)
		learn_ends(recall, memory, conn);
	if (recall->turns - memory->turn > RECALL_FRESH) {
		unlink_memory(recall, memory);
		link_newest(recall, memory);
	}
	return memory;
}

bool recall_name(struct recall *recall, struct memory *memory, const struct label *label)
{
	uint64_t told_by = span_hash(label_span(&label->label), recall->seed);

	if (!label->user.len || (memory->user.len && memory->user_told_by != told_by) ||
	    ws_span_equal(label_span(&memory->user), label_span(&label->user)))
		return false;
	memory->user = label->user;
	memory->user_told_by = told_by;
	return true;
}

/* One in which nothing waits. NULL when out of memory. */
static struct recall_sent_ring *take_ring(struct recall *recall)
{
	struct recall_sent_ring *ring = recall->spare_ring;

	if (ring)
		recall->spare_ring = ring->next;
	else
		ring = malloc(sizeof(*ring));
	if (ring)
		ring->first = ring->end = 0;
	return ring;
}

struct sent *recall_sending(struct recall *recall, struct memory *memory, enum dir dir, int64_t end, int64_t time)
{
	struct recall_sent_ring *ring = memory->sent[dir];
	struct sent *sent;

	if (!ring)
		ring = memory->sent[dir] = take_ring(recall);
	if (!ring)
		return NULL;
	sent = &ring->sent[ring->end++ % RECALL_SENT];
	if (ring->end - ring->first > RECALL_SENT)
		ring->first++;
	sent->end = end;
	sent->time = time;
	sent->copies = 0;
	return sent;
}

void recall_sent(struct recall *recall, struct memory *memory, enum dir dir, const struct sent *sent)
{
	struct sent *place = recall_sending(recall, memory, dir, sent->end, sent->time);

	if (place)
		*place = *sent;
}

/* One more connection has it. Returns to how many it went when that makes all of them. */
static uint32_t copy_acked(struct recall *recall, uint64_t id)
{
	struct recall_copies *copies = &recall->copies[id % RECALL_COPIES];

	if (!id || copies->id != id)
		return 0;
	copies->acked++;
	return copies->acked == copies->count && copies->count > 1 ? copies->count : 0;
}

size_t recall_acked(struct recall *recall, struct memory *memory, enum dir dir, int64_t to,
		    const struct sent **ret_last, uint32_t *ret_all)
{
	struct recall_sent_ring *ring = memory->sent[dir];
	uint64_t before;
	size_t count;

	*ret_all = 0;
	if (!ring)
		return 0;
	before = ring->first;
	for (; ring->first < ring->end; ring->first++) {
		const struct sent *sent = &ring->sent[ring->first % RECALL_SENT];

		if (sent->end > to)
			break;
		*ret_all = copy_acked(recall, sent->copies);
		*ret_last = sent;
	}
	count = ring->first - before;
	if (ring->first == ring->end)
		give_ring(recall, memory, dir); /* what it has stays until it is taken */
	return count;
}

void recall_ping(struct recall *recall, struct memory *memory, enum dir dir, struct ws_span payload, int64_t time)
{
	uint64_t at;

	if (!memory->pings)
		memory->pings = calloc(1, sizeof(*memory->pings));
	if (!memory->pings)
		return;
	at = memory->pings->dir[dir].count++ % RECALL_PINGS;
	memory->pings->dir[dir].ping[at].hash = span_hash(payload, recall->seed) | 1;
	memory->pings->dir[dir].ping[at].time = time;
}

int64_t recall_pong(struct recall *recall, struct memory *memory, enum dir dir, struct ws_span payload, int64_t time)
{
	struct recall_pings *pings = memory->pings;
	enum dir other = dir_other(dir);
	uint64_t hash = span_hash(payload, recall->seed) | 1;

	/* the latest first: an endpoint may answer only that one (RFC 6455, section 5.5.3) */
	for (uint64_t back = 1; pings && back <= RECALL_PINGS && back <= pings->dir[other].count; back++) {
		uint64_t at = (pings->dir[other].count - back) % RECALL_PINGS;

		if (pings->dir[other].ping[at].hash != hash)
			continue;
		pings->dir[other].ping[at].hash = 0;
		return recall_since(time, pings->dir[other].ping[at].time);
	}
	return -1;
}
