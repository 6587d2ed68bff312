/* Connections and what they wait for. A chained hash table, and a list from the newest used to the oldest, which goes
 * first when there are too many. The order among the newest RECALL_FRESH does not matter, so that those which are under
 * way at a time need not be moved with each packet. */
#include "wscap/recall_internal.h"

#include "base/seed.h"
#include "wscap/span_hash.h"

#include <stdlib.h>

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

static SELDOM void forget(struct recall *recall, struct memory *memory)
{
	struct memory **at = bucket(recall, memory->number, memory->stream);

	while (*at != memory)
		at = &(*at)->chain;
	*at = memory->chain;
	unlink_memory(recall, memory);
	recall->conns--;
	free(memory->traffic);
	free(memory);
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
	if (!recall)
		return;
	while (recall->oldest)
		forget(recall, recall->oldest);
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

static SELDOM struct memory *make(struct recall *recall, const struct conn *conn, uint64_t stream)
{
	struct memory *memory = calloc(1, sizeof(*memory));
	struct memory **at;

	if (!memory)
		return NULL;
	if (recall->conns == RECALL_CONNS)
		forget(recall, recall->oldest);
	memory->number = conn_number(conn);
	memory->stream = stream;
	memory->opened = -1;
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

struct recall_traffic *recall_traffic(struct memory *memory)
{
	if (!memory->traffic)
		memory->traffic = calloc(1, sizeof(*memory->traffic));
	return memory->traffic;
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

struct sent *recall_sending(struct memory *memory, enum dir dir, int64_t end, int64_t time)
{
	struct recall_traffic *traffic = recall_traffic(memory);
	struct recall_sent_ring *ring;
	struct sent *sent;

	if (!traffic)
		return NULL;
	ring = &traffic->dir[dir].ring;
	if (ring->first == ring->end)
		ring->first = ring->end = 0;
	sent = &ring->sent[ring->end++ % RECALL_SENT];
	if (ring->end - ring->first > RECALL_SENT)
		ring->first++;
	sent->end = end;
	sent->time = time;
	sent->copies = 0;
	return sent;
}

void recall_sent(struct memory *memory, enum dir dir, const struct sent *sent)
{
	struct sent *place = recall_sending(memory, dir, sent->end, sent->time);

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
	struct recall_sent_ring *ring = memory->traffic ? &memory->traffic->dir[dir].ring : NULL;
	uint64_t first;

	*ret_all = 0;
	if (!ring)
		return 0;
	first = ring->first;
	for (; ring->first < ring->end; ring->first++) {
		const struct sent *sent = &ring->sent[ring->first % RECALL_SENT];

		if (sent->end > to)
			break;
		*ret_all = copy_acked(recall, sent->copies);
		*ret_last = sent;
	}
	return ring->first - first;
}

void recall_ping(struct recall *recall, struct memory *memory, enum dir dir, struct ws_span payload, int64_t time)
{
	struct recall_traffic *traffic = recall_traffic(memory);
	uint64_t at;

	if (!traffic)
		return;
	at = traffic->dir[dir].pings++ % RECALL_PINGS;
	traffic->dir[dir].ping[at].hash = span_hash(payload, recall->seed) | 1;
	traffic->dir[dir].ping[at].time = time;
}

int64_t recall_pong(struct recall *recall, struct memory *memory, enum dir dir, struct ws_span payload, int64_t time)
{
	struct recall_traffic *traffic = memory->traffic;
	enum dir other = dir_other(dir);
	uint64_t hash = span_hash(payload, recall->seed) | 1;

	/* the latest first: an endpoint may answer only that one (RFC 6455, section 5.5.3) */
	for (uint64_t back = 1; traffic && back <= RECALL_PINGS && back <= traffic->dir[other].pings; back++) {
		uint64_t at = (traffic->dir[other].pings - back) % RECALL_PINGS;

		if (traffic->dir[other].ping[at].hash != hash)
			continue;
		traffic->dir[other].ping[at].hash = 0;
		return recall_since(time, traffic->dir[other].ping[at].time);
	}
	return -1;
}
