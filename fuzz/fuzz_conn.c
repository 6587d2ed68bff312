/* TCP segments that nobody would send, on a few connections and under small limits: wild sequence numbers, SYNs in the
 * middle, both IP versions, an endpoint that talks to itself, bytes that are ignored. Eight bytes make a segment.
 *
 * Each payload byte follows from its sequence number, so that whatever order they come in, what is delivered can be
 * checked: nothing twice, nothing left out but for a gap, nothing misplaced, and nothing after the end. */
#include "wscap/conn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	RECORD = 8,
	PAYLOAD_MAX = 256,
	CONNECTIONS = 3,
	WAITING = 600,
	MEMORY_MAX = 1 << 20,
	MS = 1000000,
};

/* One direction, as it was told. */
struct half {
	int64_t at;
	bool begun, ended;
	bool has_first;
	uint8_t first; /* what the byte at offset 0 would be */
};

struct book {
	struct half halves[2];
	bool told, closed, ignored;
};

struct fuzz {
	unsigned open;
	uint8_t choice; /* of the record that is played */
};

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void on_open(void *context, struct conn *conn)
{
	((struct fuzz *)context)->open++;
	conn_set_user(conn, calloc(1, sizeof(struct book)));
	check(conn_user(conn) != NULL);
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
	struct book *book = conn_user(conn);

	(void)context;
	check(!book->closed);
	check(how != CONN_CLOSE_FIN || book->ignored || (book->halves[0].ended && book->halves[1].ended));
	book->closed = true;
}

static void on_free(void *context, struct conn *conn)
{
	((struct fuzz *)context)->open--;
	free(conn_user(conn));
}

/* The next thing that is told of a direction. */
static struct half *next(struct conn *conn, enum dir dir, int64_t offset)
{
	struct book *book = conn_user(conn);
	struct half *half = &book->halves[dir];

	check(!book->closed && !book->ignored && !half->ended);
	check(offset == half->at);
	half->begun = true;
	return half;
}

static void on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	const struct fuzz *fuzz = context;
	struct book *book = conn_user(conn);
	struct half *half;

	if (!book->told && conn_role(conn) == ROLE_UNKNOWN && fuzz->choice & 1) {
		struct half turned = book->halves[0];

		conn_set_client(conn, dir);
		if (dir != DIR_C2S) {
			book->halves[0] = book->halves[1];
			book->halves[1] = turned;
		}
		dir = DIR_C2S;
	}
	book->told = true;
	half = next(conn, dir, offset);
	check(bytes.len > 0);
	if (!half->has_first)
		half->first = (uint8_t)(bytes.data[0] - offset);
	half->has_first = true;
	for (size_t i = 0; i < bytes.len; i++)
		check(bytes.data[i] == (uint8_t)(half->first + offset + (int64_t)i));
	half->at += (int64_t)bytes.len;
	if ((fuzz->choice & 0xf0) == 0xf0) {
		book->ignored = true;
		conn_ignore(conn);
	}
}

static void on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	(void)context;
	check(len > 0 && len < (uint64_t)1 << 32);
	next(conn, dir, offset)->at += (int64_t)len;
}

static void on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	const struct book *book = conn_user(conn);

	(void)context;
	check(!book->halves[dir].begun);
	next(conn, dir, offset);
}

static void on_end(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	(void)context;
	next(conn, dir, offset)->ended = true;
}

static void on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	const struct book *book = conn_user(conn);

	(void)context;
	(void)dir;
	check(name && !book->closed && !book->ignored);
}

/* Steps of sequence numbers: near, far, and around where they wrap. */
static uint32_t step(uint8_t value, uint8_t choice)
{
	static const uint32_t scales[] = {1, 1, 7, 64, 4096, 1 << 20, 1 << 24, 0x40000001};

	return (uint32_t)((int8_t)value) * scales[choice & 7];
}

static void play(struct conn_table *table, struct fuzz *fuzz, const uint8_t *record, int64_t now)
{
	uint8_t who = record[0];
	unsigned side = who & 1;
	uint32_t isn[2] = {0xffffff00, 77};
	uint8_t payload[PAYLOAD_MAX], options[4] = {3, 3, 2, 0};
	struct ip ip = {.version = who & 2 ? 6 : 4, .protocol = 6, .id = record[7] & 8 ? 0 : record[7]};
	struct tcp tcp = {
	    .src_port = (uint16_t)(side ? 80 : 100 + (who >> 2 & 3)),
	    .dst_port = (uint16_t)(side ? 100 + (who >> 2 & 3) : 80),
	    .flags = record[1] & 0x3f,
	    .seq = isn[side] + step(record[2], record[3]),
	    .ack = isn[!side] + step(record[4], record[3] >> 4),
	    .window = record[7] & 0x70,
	    .payload_len = record[5],
	};
	struct segment segment;

	if (who >> 2 == 0x3f) /* to itself */
		tcp.src_port = tcp.dst_port;
	else
		ip.src[0] = 1;
	for (size_t i = 0; i < tcp.payload_len; i++)
		payload[i] = (uint8_t)(tcp.seq + (tcp.flags & TCP_SYN ? 1 : 0) + i);
	tcp.payload = ws_span_first(ws_span_of(payload, tcp.payload_len), record[6] & 1 ? record[6] : PAYLOAD_MAX);
	if (tcp.flags & TCP_SYN)
		tcp.options = ws_span_of(options, sizeof(options));
	fuzz->choice = record[7];
	check(conn_table_segment(table, now, &ip, &tcp, &segment) != NULL);
	check(segment.new_len <= segment.len);
	check(!(segment.facts & SEGMENT_CAPTURED_TWICE) || segment.facts == SEGMENT_CAPTURED_TWICE);
	check(!segment.ack_placed || segment.acked_from <= segment.acked_to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz fuzz = {0};
	struct limits limits = {.connections = CONNECTIONS,
				.waiting = WAITING,
				.waiting_total = WAITING * 3 / 2,
				.idle = (int64_t)1000 * MS,
				.reorder = (int64_t)100 * MS,
				.reorder_packets = 10};
	struct conn_sink sink = {on_open,       on_close, on_free,  on_data, on_gap,
				 on_mid_stream, on_end,   on_limit, NULL,    &fuzz};
	struct conn_table *table = conn_table_create(&limits, &sink);
	struct conn_stats stats;
	int64_t now = (int64_t)1 << 60;

	check(table != NULL);
	for (; size >= RECORD; data += RECORD, size -= RECORD) {
		now += (int64_t)(int8_t)data[6] * (data[7] & 4 ? MS : MS / 100);
		play(table, &fuzz, data, now);
		if (data[7] == 0xee)
			conn_table_flush(table, now);
		conn_table_stats(table, &stats);
		check(stats.open == fuzz.open && stats.open <= CONNECTIONS && stats.memory < MEMORY_MAX);
	}
	conn_table_flush(table, now);
	conn_table_destroy(table);
	check(fuzz.open == 0);
	return 0;
}
