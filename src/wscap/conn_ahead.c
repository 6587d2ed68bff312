#include "wscap/conn_ahead.h"

#include "base/fetch.h"
#include "wscap/conn_lists.h"

enum {
	LINE = 64, /* bytes that come at once */
	USER_LINES = 1,
};

static void fetch(const void *memory, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += LINE)
		fetch_read((const uint8_t *)memory + at);
}

static struct conn_run *run_at(struct conn_ahead *ahead, uint32_t number)
{
	return &ahead->runs[number % AHEAD_RUNS];
}

/* Those whose turn has come need nothing more. */
static uint32_t behind_turn(const struct conn_ahead *ahead, uint32_t number)
{
	return (int32_t)(number - ahead->turn) > 0 ? number : ahead->turn;
}

static void set_conn(struct conn_run *run, struct conn *conn)
{
	run->ways[0].conn = run->ways[1].conn = conn;
}

void conn_ahead_begin(struct conn_ahead *ahead, const struct conn_slots *slots, const struct conn_lists *lists,
		      int64_t now)
{
	uint32_t user = behind_turn(ahead, ahead->users), conn = behind_turn(ahead, ahead->conns);

	while (user != conn) {
		const struct conn *soon = run_at(ahead, ++user)->ways->conn;

		if (!soon)
			continue;
		if (soon->user)
			fetch(soon->user, USER_LINES * LINE);
		conn_lists_fetch(lists, soon, now);
	}
	ahead->users = user;
	while (conn != ahead->slots) {
		struct conn_run *run = run_at(ahead, ++conn);
		struct conn *guess = conn_slots_guess(slots, run->ways->hash);

		set_conn(run, guess);
		if (guess)
			fetch(guess, sizeof(*guess));
	}
	ahead->conns = conn;
}

static void set_run(struct conn_run *run, const struct ip *ip, const struct tcp *tcp,
		    const struct conn_ends_entry *about)
{
	uint64_t addresses = conn_ends_addresses(ip);
	uint32_t ports = conn_ends_ports(tcp);
	unsigned side = about->side;

	run->ways[!side] = (struct conn_ends_entry){
	    .addresses = addresses << 32 | addresses >> 32,
	    .ports = ports << 16 | ports >> 16,
	    .side = !side,
	    .hash = about->hash,
	    .conn = about->conn,
	};
	run->ways[side] = (struct conn_ends_entry){
	    .addresses = addresses,
	    .ports = ports,
	    .side = side,
	    .hash = about->hash,
	    .conn = about->conn,
	};
}

void conn_ahead_add(struct conn_ahead *ahead, const struct conn_slots *slots, const struct ip *ip,
		    const struct tcp *tcp, const struct conn_ends_entry *about)
{
	if (ahead->slots - ahead->turn == AHEAD_RUNS - 1) /* what it was told of does not come */
		set_conn(run_at(ahead, ++ahead->turn), NULL);
	set_run(run_at(ahead, ++ahead->slots), ip, tcp, about);
	conn_slots_prefetch(slots, about->hash);
}

/* Is it the run's? Its key may be another's whose hash is as long as a slot has it. */
static bool is_its_conn(const struct conn *conn, const struct conn_run *run)
{
	const uint64_t *words = conn->key.words;
	const struct conn_ends_entry *way = &run->ways[0];

	return words[KEY_WORDS - 1] == ((uint64_t)way->ports << 32 | 4) && words[0] == (uint32_t)way->addresses &&
	       words[2] == way->addresses >> 32;
}

const struct conn_ends_entry *conn_ahead_turn(struct conn_ahead *ahead, uint64_t addresses, uint32_t ports)
{
	for (uint32_t number = ahead->turn; number != ahead->slots;) {
		struct conn_run *run = run_at(ahead, ++number);
		const struct conn_ends_entry *way = conn_run_way(run, addresses, ports);

		if (!way)
			continue;
		ahead->turn = number;
		if (way->conn && !is_its_conn(way->conn, run))
			set_conn(run, NULL);
		return way;
	}
	return NULL;
}

void conn_ahead_learn(struct conn_ahead *ahead, const struct ip *ip, const struct tcp *tcp,
		      const struct conn_ends_entry *about)
{
	if (ip->version == 4)
		set_run(run_at(ahead, ahead->turn), ip, tcp, about);
}

void conn_ahead_began(struct conn_ahead *ahead, struct conn *conn)
{
	struct conn_run *run = run_at(ahead, ahead->turn);

	if (is_its_conn(conn, run))
		set_conn(run, conn);
}

void conn_ahead_forget(struct conn_ahead *ahead, const struct conn *conn)
{
	for (uint32_t number = ahead->turn; number - 1 != ahead->slots; number++)
		if (run_at(ahead, number)->ways->conn == conn)
			set_conn(run_at(ahead, number), NULL);
}
