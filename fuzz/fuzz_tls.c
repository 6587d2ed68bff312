/* A TLS connection of a stranger's, from the wire up, with the secrets that open it.
 *
 * The input begins with a key log: its length in two bytes (their highest bit: it is not read before a step says so;
 * the next: it is only hoped for; the third: bytes wait until they are acknowledged), and its text. Then come steps: a
 * byte that says what happens, a length in two bytes, and so many bytes of payload. Sequence numbers go on by
 * themselves. So a real conversation is a seed, and what is changed of it may lie behind a handshake that fits. */
#include "base/out.h"
#include "wscap/sink.h"
#include "wscap/tls_keyring.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	DLT_RAW_IP = 12, /* libpcap's DLT_RAW on Linux */
	HEADERS = 40,
	PAYLOAD_MAX = UINT16_MAX - HEADERS,
	MSEC = 1000000,
	UNREAD = 1 << 15,
	HOPED = 1 << 14,
	ACKNOWLEDGED = 1 << 13,
};

/* Bits of a step's first byte. */
enum {
	FROM_SERVER = 1 << 0,
	LOSE = 1 << 1,  /* the payload was sent, but not captured */
	LATE = 1 << 2,  /* the key log is read only now */
	AGAIN = 1 << 3, /* sequence numbers do not go on: the next segment overlaps this one */
	TIME = 1 << 4,  /* two seconds pass */
	END = 1 << 5,   /* FIN */
};

struct run {
	struct decode *decode;
	struct sink sink;
	struct out out;
	struct packet packet;
	struct tls_keyring *keyring;
	struct tls_keylog lines;
	struct ws_span keylog;
	uint32_t seq[2];
	uint32_t locked;     /* a bit for each reason that was told */
	const char *missing; /* the secret that was named last */
	uint8_t bytes[HEADERS + PAYLOAD_MAX];
};

static void check(bool good)
{
	if (!good)
		abort();
}

static void on_event(void *context, const struct event *event)
{
	struct run *run = context;

	check(event->conn && event->packet && event->packet <= run->packet.number);
	check(!event->tls || event->channel);
	if (event->kind == EVENT_TLS_LOCKED) {
		if (conn_number(event->conn) == 1) { /* once; of secrets another one may be missing later */
			check(event->as.tls.lock == TLS_LOCK_SECRET || !(run->locked & 1U << event->as.tls.lock));
			check(event->as.tls.lock != TLS_LOCK_SECRET || event->as.tls.missing != run->missing);
			run->locked |= 1U << event->as.tls.lock;
			run->missing = event->as.tls.missing;
		}
		check((event->as.tls.lock == TLS_LOCK_SECRET) == (event->as.tls.missing != NULL));
	}
	run->out.len = 0;
	sink_json.event(&run->sink, event);
	check(!run->out.len || run->out.text[run->out.len - 1] == '\n');
}

static void put_u16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static void put_u32(uint8_t *to, uint32_t value)
{
	put_u16(to, value >> 16);
	put_u16(to + 2, value & 0xffff);
}

static void send_segment(struct run *run, bool server, uint8_t flags, struct ws_span payload)
{
	struct packet_view view;
	uint8_t *ip = run->bytes, *tcp = ip + 20;
	unsigned len = HEADERS + (unsigned)payload.len;

	memset(run->bytes, 0, HEADERS);
	ip[0] = 0x45;
	put_u16(ip + 2, len);
	ip[8] = 64;
	ip[9] = 6;
	put_u32(ip + 12, server ? 0x0a000002 : 0x0a000001);
	put_u32(ip + 16, server ? 0x0a000001 : 0x0a000002);
	put_u16(tcp, server ? 443 : 40000);
	put_u16(tcp + 2, server ? 40000 : 443);
	put_u32(tcp + 4, run->seq[server]);
	put_u32(tcp + 8, run->seq[!server]);
	tcp[12] = 0x50;
	tcp[13] = flags;
	put_u16(tcp + 14, 0xffff);
	if (payload.len)
		memcpy(run->bytes + HEADERS, payload.data, payload.len);
	run->packet = (struct packet){.number = run->packet.number + 1,
				      .time = run->packet.time + MSEC,
				      .link_type = DLT_RAW_IP,
				      .bytes = ws_span_of(run->bytes, len),
				      .wire_len = len};
	decode_packet(run->decode, &run->packet, &view);
}

static void step(struct run *run, uint8_t what, struct ws_span payload)
{
	bool server = what & FROM_SERVER;

	if (what & TIME) {
		run->packet.time += INT64_C(2000) * MSEC;
		decode_tick(run->decode, run->packet.time);
	}
	if (what & LATE) {
		tls_keyring_read(run->keyring, &run->lines, run->keylog);
		tls_keyring_read_end(run->keyring, &run->lines);
		decode_keys_came(run->decode);
	}
	if (!(what & LOSE))
		send_segment(run, server, what & END ? 0x11 : 0x10, payload);
	if (!(what & AGAIN))
		run->seq[server] += (uint32_t)payload.len + !!(what & END);
}

static void open_connection(struct run *run)
{
	send_segment(run, false, 0x02, ws_span_of(NULL, 0));
	run->seq[0]++;
	send_segment(run, true, 0x12, ws_span_of(NULL, 0));
	run->seq[1]++;
	send_segment(run, false, 0x10, ws_span_of(NULL, 0));
}

/* The steps behind the key log. */
static void play(struct run *run, struct ws_cursor at, uint16_t keylog_len)
{
	struct ws_span payload;
	uint16_t len;
	uint8_t what;

	decode_use_keys(run->decode, run->keyring, NULL, NULL);
	decode_keys_may_come(run->decode, keylog_len & HOPED ? DECODE_KEYS_HOPED : DECODE_KEYS_EXPECTED);
	if (!(keylog_len & UNREAD))
		tls_keyring_read(run->keyring, &run->lines, run->keylog);
	open_connection(run);
	while (ws_take_u8(&at, &what) && ws_take_u16(&at, &len) && len <= PAYLOAD_MAX &&
	       ws_take_span(&at, len, &payload))
		step(run, what, payload);
	decode_flush(run->decode);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct run run;
	struct ws_cursor at = ws_cursor_of(ws_span_of(data, size));
	struct limits limits = {.connections = 10,
				.waiting = 1 << 20,
				.waiting_total = 1 << 20,
				.head = 1 << 12,
				.message = 1 << 16,
				.inflated = 1 << 16,
				.message_total = 1 << 20,
				.fragments = 1 << 16,
				.compared = 1 << 16,
				.idle = INT64_C(3600000) * MSEC,
				.reorder = INT64_C(1000) * MSEC,
				.reorder_packets = 64,
				.tls_waiting = 1 << 15,
				.tls_waiting_total = 1 << 16,
				.keys = 16};
	const struct decode_sink sink = {.event = on_event, .context = &run};
	uint16_t keylog_len;

	run = (struct run){.seq = {1000, 5000}};
	if (!ws_take_u16(&at, &keylog_len) || !ws_take_span(&at, keylog_len % ACKNOWLEDGED, &run.keylog))
		return 0;
	limits.acknowledged = keylog_len & ACKNOWLEDGED;
	if (out_init(&run.out, -1) < 0)
		return 0;
	run.sink = (struct sink){.ops = &sink_json, .out = &run.out};
	run.keyring = tls_keyring_create(limits.keys);
	run.decode = decode_create(&limits, DECODE_ALL, &sink);
	if (run.keyring && run.decode)
		play(&run, at, keylog_len);
	decode_destroy(run.decode);
	tls_keyring_destroy(run.keyring);
	out_finish(&run.out);
	return 0;
}
