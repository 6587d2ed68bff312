#include "wscap/conn_slots.h"

#include "base/fetch.h"
#include "wscap/huge.h"

enum {
	SLOTS_FIRST = 1024,
	SLOTS_MOVED_AT_ONCE = 16, /* with each connection that is added: far fewer would be enough */
};

#define SLOT_LEFT UINT32_MAX

bool conn_slots_init(struct conn_slots *slots, const struct pool *pool)
{
	*slots = (struct conn_slots){.pool = pool, .now.mask = SLOTS_FIRST - 1};
	slots->now.slots = huge_create(SLOTS_FIRST * sizeof(*slots->now.slots));
	return slots->now.slots;
}

static void free_table(struct slot_table *table)
{
	huge_destroy(table->slots, (table->mask + 1) * sizeof(*table->slots));
	*table = (struct slot_table){0};
}

void conn_slots_finish(struct conn_slots *slots)
{
	free_table(&slots->now);
	free_table(&slots->old);
	*slots = (struct conn_slots){0};
}

static struct conn *find_in(const struct conn_slots *slots, const struct slot_table *table, uint32_t hash,
			    const struct conn_key *key)
{
	for (size_t at = hash & table->mask; table->slots[at].conn; at = (at + 1) & table->mask) {
		struct slot slot = table->slots[at];
		struct conn *conn;

		if (slot.hash != hash || slot.conn == SLOT_LEFT)
			continue;
		conn = pool_at(slots->pool, slot.conn - 1);
		if (conn_key_equal(&conn->key, key))
			return conn;
	}
	return NULL;
}

struct conn *conn_slots_find(const struct conn_slots *slots, uint64_t hash, const struct conn_key *key)
{
	struct conn *conn = find_in(slots, &slots->now, (uint32_t)hash, key);

	return conn || !slots->old.slots ? conn : find_in(slots, &slots->old, (uint32_t)hash, key);
}

static struct conn *guess_in(const struct conn_slots *slots, const struct slot_table *table, uint32_t hash)
{
	for (size_t at = hash & table->mask; table->slots[at].conn; at = (at + 1) & table->mask)
		if (table->slots[at].hash == hash && table->slots[at].conn != SLOT_LEFT)
			return pool_at(slots->pool, table->slots[at].conn - 1);
	return NULL;
}

struct conn *conn_slots_guess(const struct conn_slots *slots, uint64_t hash)
{
	struct conn *conn = guess_in(slots, &slots->now, (uint32_t)hash);

	return conn || !slots->old.slots ? conn : guess_in(slots, &slots->old, (uint32_t)hash);
}

static void put(struct slot_table *table, struct slot slot)
{
	size_t at = slot.hash & table->mask;

	while (table->slots[at].conn)
		at = (at + 1) & table->mask;
	table->slots[at] = slot;
	table->count++;
}

/* Where the ones that move next will go: there, too, memory is waited for. */
static void move_ahead(const struct conn_slots *slots)
{
	const struct slot_table *old = &slots->old;
	size_t end = slots->moved + SLOTS_MOVED_AT_ONCE;

	for (size_t at = slots->moved; at < end && at <= old->mask; at++)
		if (old->slots[at].conn)
			fetch_write(&slots->now.slots[old->slots[at].hash & slots->now.mask]);
}

/* The next few slots of the smaller table: what moved leaves a mark, so that what has not is still found behind it. */
static void move(struct conn_slots *slots, size_t count)
{
	struct slot_table *old = &slots->old;

	for (; count && slots->moved <= old->mask; count--) {
		struct slot *slot = &old->slots[slots->moved++];

		if (!slot->conn || slot->conn == SLOT_LEFT)
			continue;
		put(&slots->now, *slot);
		slot->conn = SLOT_LEFT;
	}
	if (slots->moved <= old->mask)
		return;
	free_table(old);
}

/* Where there is no memory for twice as many slots, the table fills up. */
static bool grow(struct conn_slots *slots)
{
	size_t count = (slots->now.mask + 1) * 2;
	struct slot *more;

	if (slots->old.slots)
		move(slots, SIZE_MAX);
	more = huge_create_busy(count * sizeof(*more));
	if (!more)
		return slots->now.count < slots->now.mask;
	slots->old = slots->now;
	slots->moved = 0;
	slots->now = (struct slot_table){.slots = more, .mask = count - 1};
	return true;
}

bool conn_slots_reserve(struct conn_slots *slots)
{
	if (slots->old.slots)
		move(slots, SLOTS_MOVED_AT_ONCE);
	if (slots->old.slots)
		move_ahead(slots);
	return slots->now.count < (slots->now.mask + 1) / 4 * 3 || grow(slots);
}

void conn_slots_add(struct conn_slots *slots, uint64_t hash, const struct conn *conn)
{
	put(&slots->now, (struct slot){.hash = (uint32_t)hash, .conn = conn->number_in_pool + 1});
}

static struct slot *slot_of(const struct slot_table *table, uint64_t hash, const struct conn *conn)
{
	size_t at = (uint32_t)hash & table->mask;

	while (table->slots[at].conn && table->slots[at].conn != conn->number_in_pool + 1)
		at = (at + 1) & table->mask;
	return table->slots[at].conn ? &table->slots[at] : NULL;
}

/* Closes up the run of slots behind the one that becomes free, so that each entry is still found from its place. */
static void close_up(struct slot_table *table, struct slot *slot)
{
	size_t hole = (size_t)(slot - table->slots);

	for (size_t at = (hole + 1) & table->mask; table->slots[at].conn; at = (at + 1) & table->mask) {
		size_t home = table->slots[at].hash & table->mask;

		if (((at - home) & table->mask) >= ((at - hole) & table->mask)) {
			table->slots[hole] = table->slots[at];
			hole = at;
		}
	}
	table->slots[hole] = (struct slot){0};
	table->count--;
}

void conn_slots_remove(struct conn_slots *slots, uint64_t hash, const struct conn *conn)
{
	struct slot *slot = slot_of(&slots->now, hash, conn);

	if (slot)
		close_up(&slots->now, slot);
	else if (slots->old.slots && (slot = slot_of(&slots->old, hash, conn)))
		slot->conn = SLOT_LEFT;
}

size_t conn_slots_memory(const struct conn_slots *slots)
{
	size_t count = slots->now.mask + 1 + (slots->old.slots ? slots->old.mask + 1 : 0);

	return count * sizeof(*slots->now.slots);
}
