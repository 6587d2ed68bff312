#include "tcp_script.h"

#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	PAYLOAD_MAX = 1 << 20,
	SHOWN_MAX = 24,
	MS = 1000000,
};

static const char *const fact_names[] = {
    "syn",     "syn-ack", "establishes",   "new",   "fin",         "rst",        "twice",          "retransmitted",
    "overlap", "differs", "ahead",         "fills", "late",        "keep-alive", "keep-alive-ack", "zero-window",
    "probe",   "window",  "duplicate-ack", "acks",  "acks-unseen", "mid-stream", "before-syn",     "syn-again",
    "cut",
};

static const char *arrow(enum dir dir)
{
	return dir == DIR_C2S ? ">" : "<";
}

static void on_open(void *context, struct conn *conn)
{
	struct tcp_script *script = context;

	out_printf(&script->log, "open #%" PRIu64 "%s\n", conn_number(conn), conn_is_mid_stream(conn) ? " mid" : "");
}

static void on_close(void *context, struct conn *conn, enum conn_close how)
{
	static const char *const names[] = {"fin", "rst", "timeout", "reused"};
	struct tcp_script *script = context;

	out_printf(&script->log, "close #%" PRIu64 " %s\n", conn_number(conn), names[how]);
}

static void on_free(void *context, struct conn *conn)
{
	(void)context;
	free(conn_user(conn));
}

static void on_data(void *context, struct conn *conn, enum dir dir, int64_t offset, struct ws_span bytes)
{
	struct tcp_script *script = context;

	if (!conn_user(conn)) {
		conn_set_user(conn, malloc(1));
		if (script->set_client_at_data && conn_role(conn) == ROLE_UNKNOWN) {
			conn_set_client(conn, dir);
			dir = DIR_C2S;
		}
	}
	out_printf(&script->log, "data %s%" PRId64 ":", arrow(dir), offset);
	for (size_t i = 0; i < bytes.len && bytes.len <= SHOWN_MAX; i++)
		if (bytes.data[i] >= ' ')
			out_char(&script->log, (char)bytes.data[i]);
		else
			out_char(&script->log, '~');
	if (bytes.len > SHOWN_MAX)
		out_printf(&script->log, "+%zu", bytes.len);
	out_char(&script->log, '\n');
	if (script->ignore_at_data)
		conn_ignore(conn);
}

static void on_gap(void *context, struct conn *conn, enum dir dir, int64_t offset, uint64_t len)
{
	struct tcp_script *script = context;

	(void)conn;
	out_printf(&script->log, "gap %s%" PRId64 "+%" PRIu64 "\n", arrow(dir), offset, len);
}

static void on_mid_stream(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	struct tcp_script *script = context;

	(void)conn;
	out_printf(&script->log, "mid %s%" PRId64 "\n", arrow(dir), offset);
}

static void on_end(void *context, struct conn *conn, enum dir dir, int64_t offset)
{
	struct tcp_script *script = context;

	(void)conn;
	out_printf(&script->log, "end %s%" PRId64 "\n", arrow(dir), offset);
}

static void on_limit(void *context, struct conn *conn, enum dir dir, const char *name)
{
	struct tcp_script *script = context;

	(void)conn;
	out_printf(&script->log, "limit %s%s\n", arrow(dir), name);
}

void tcp_script_init(struct tcp_script *script)
{
	*script = (struct tcp_script){
	    .limits = {.connections = 1000,
		       .waiting = LIMIT_WAITING,
		       .waiting_total = LIMIT_WAITING_TOTAL,
		       .idle = (int64_t)LIMIT_IDLE_SECONDS * NSEC_PER_SEC,
		       .reorder = (int64_t)LIMIT_REORDER_MS * MS,
		       .reorder_packets = LIMIT_REORDER_PACKETS},
	    .now = (int64_t)1400000000 * NSEC_PER_SEC,
	    .isn = {1000, 5000},
	    .client_port = 40000,
	    .next_id = 1,
	};
	assert_int_equal(out_init(&script->log, -1), 0);
}

void tcp_script_finish(struct tcp_script *script)
{
	conn_table_destroy(script->table);
	out_finish(&script->log);
}

/* What the words of a line say. */
struct line {
	unsigned sender; /* 0 the client, 1 the server */
	int64_t delay;
	int64_t offset, ack;
	bool has_offset, has_ack;
	struct ip ip;
	struct tcp tcp;
	size_t captured;
	uint8_t options[16];
	uint8_t payload[PAYLOAD_MAX];
};

static void read_payload(struct line *line, const char *word)
{
	char *at;
	size_t len = 0;

	line->has_offset = true;
	line->offset = strtoll(word, &at, 10);
	if (*at == '+') {
		len = strtoul(at + 1, NULL, 10);
		assert_true(len <= PAYLOAD_MAX);
		for (size_t i = 0; i < len; i++)
			line->payload[i] = tcp_script_byte(line->offset + (int64_t)i);
	} else if (*at == ':') {
		for (at++; *at; at++, len++) {
			line->payload[len] = (uint8_t)*at;
			if (*at == '\\')
				line->payload[len] = *++at == 'r' ? '\r' : *at == 'n' ? '\n' : ' ';
		}
	}
	line->tcp.payload_len = (uint32_t)len;
}

static void read_flags(struct line *line, const char *word)
{
	static const char letters[] = "FSRP.";

	for (; *word; word++) {
		const char *letter = strchr(letters, *word);

		if (letter)
			line->tcp.flags = (uint16_t)(line->tcp.flags | 1 << (letter - letters));
	}
}

static void put_options(struct line *line, const uint8_t *bytes, size_t len)
{
	memcpy(line->options, bytes, len);
	line->tcp.options = ws_span_of(line->options, len);
	line->tcp.header_len = (uint8_t)(20 + len);
}

static void read_word(struct tcp_script *script, struct line *line, const char *word)
{
	uint32_t value = (uint32_t)strtoul(word + 1, NULL, 10);

	switch (*word) {
	case '>':
	case '<':
		line->sender = *word == '<';
		break;
	case 'a':
		line->has_ack = true;
		line->ack = strtoll(word + 1, NULL, 10);
		line->tcp.flags |= TCP_ACK;
		break;
	case 't':
		line->delay = (int64_t)(strtod(word + 1, NULL) * MS);
		break;
	case 'w':
		line->tcp.window = (uint16_t)value;
		break;
	case 's':
		put_options(line, (const uint8_t[]){3, 3, (uint8_t)value, 0}, 4);
		break;
	case 'c':
		line->captured = value;
		break;
	case 'i':
		line->ip.id = (uint16_t)value;
		break;
	case 'T':
		put_options(line, (const uint8_t[]){1, 1, 8, 10, 0, 0, 0, (uint8_t)value, 0, 0, 0, 0}, 12);
		break;
	case 'v':
		line->ip.version = (uint8_t)value;
		break;
	case 'n':
		script->isn[line->sender] = value;
		break;
	case 'p':
		script->client_port = (uint16_t)value;
		break;
	default:
		if ((*word >= '0' && *word <= '9') || (*word == '-' && word[1]))
			read_payload(line, word);
		else
			read_flags(line, word);
	}
}

static void fill(struct tcp_script *script, struct line *line)
{
	struct tcp *tcp = &line->tcp;
	bool syn = tcp->flags & TCP_SYN;

	line->ip.protocol = 6;
	memcpy(line->sender == 0 ? line->ip.src : line->ip.dst, (const uint8_t[]){10, 0, 0, 1}, 4);
	memcpy(line->sender == 0 ? line->ip.dst : line->ip.src, (const uint8_t[]){10, 0, 0, 2}, 4);
	*(line->sender == 0 ? &tcp->src_port : &tcp->dst_port) = script->client_port;
	*(line->sender == 0 ? &tcp->dst_port : &tcp->src_port) = 80;
	if (!line->has_offset)
		line->offset = 0;
	tcp->seq = script->isn[line->sender] + 1 + (uint32_t)line->offset - syn;
	if (line->has_ack)
		tcp->ack = script->isn[!line->sender] + 1 + (uint32_t)line->ack;
	tcp->payload = ws_span_of(line->payload, tcp->payload_len);
	tcp->payload = ws_span_first(tcp->payload, line->captured);
	if (line->ip.version == 6)
		line->ip.id = 0;
}

static void log_facts(struct tcp_script *script)
{
	const struct segment *segment = &script->segment;

	if (script->quiet)
		return;
	out_printf(&script->log, "  %s", script->conn ? arrow(segment->dir) : "no memory");
	for (size_t i = 0; i < sizeof(fact_names) / sizeof(*fact_names); i++)
		if (segment->facts & 1u << i)
			out_printf(&script->log, " %s", fact_names[i]);
	if (segment->facts & SEGMENT_OUT_OF_ORDER)
		out_printf(&script->log, " missing=%" PRIu32, segment->missing);
	if (segment->new_len != segment->len && segment->new_len)
		out_printf(&script->log, " new=%" PRIu32, segment->new_len);
	if (segment->since_ns)
		out_printf(&script->log, " since=%" PRId64, segment->since_ns / MS);
	if (segment->acks_fin)
		out_lit(&script->log, " fin-acked");
	out_char(&script->log, '\n');
}

static void play_segment(struct tcp_script *script, char *text)
{
	struct line *line = calloc(1, sizeof(*line));
	char *rest = text;
	char *word;

	line->delay = MS;
	line->captured = PAYLOAD_MAX;
	line->ip.version = 4;
	line->ip.id = script->next_id++;
	line->tcp.window = 1000;
	line->tcp.header_len = 20;
	while ((word = strsep(&rest, " ")))
		if (*word)
			read_word(script, line, word);
	fill(script, line);
	script->now += line->delay;
	script->conn = conn_table_segment(script->table, script->now, &line->ip, &line->tcp, &script->segment);
	log_facts(script);
	free(line);
}

static void play_line(struct tcp_script *script, char *text)
{
	if (strncmp(text, "tick ", 5) == 0) {
		script->now += strtoll(text + 5, NULL, 10) * MS;
		conn_table_tick(script->table, script->now);
	} else if (strcmp(text, "flush") == 0) {
		conn_table_flush(script->table, script->now);
	} else if (strcmp(text, "ignore") == 0) {
		conn_ignore(script->conn);
	} else if (strncmp(text, "client ", 7) == 0) {
		conn_set_client(script->conn, text[7] == '>' ? DIR_C2S : DIR_S2C);
	} else {
		play_segment(script, text);
	}
}

void tcp_script_play(struct tcp_script *script, const char *text)
{
	static const struct conn_sink sink = {
	    .open = on_open,
	    .close = on_close,
	    .free = on_free,
	    .data = on_data,
	    .gap = on_gap,
	    .mid_stream = on_mid_stream,
	    .end = on_end,
	    .limit = on_limit,
	};
	char *copy = strdup(text);
	char *rest = copy;
	char *line;

	if (!script->table) {
		struct conn_sink mine = sink;

		mine.context = script;
		script->table = conn_table_create(&script->limits, &mine);
		assert_non_null(script->table);
	}
	while ((line = strsep(&rest, "\n")))
		if (*line)
			play_line(script, line);
	free(copy);
}

void tcp_script_logged(struct tcp_script *script, const char *want)
{
	out_char(&script->log, '\0');
	assert_string_equal(script->log.text, want);
	script->log.len = 0;
}

void tcp_script_gives(const char *text, const char *want)
{
	struct tcp_script script;

	tcp_script_init(&script);
	tcp_script_play(&script, text);
	tcp_script_logged(&script, want);
	tcp_script_finish(&script);
}
