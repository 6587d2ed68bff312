/* TCP segments from a few words, and a log of all that a connection table makes of them.
 *
 * One segment a line, words apart by spaces:
 *
 *     >  <         who sends: the client (10.0.0.1:40000, ISN 1000) or the server (10.0.0.2:80, ISN 5000)
 *     S F R P .    flags, in one word; "." is ACK, "-" none
 *     12:hello     payload that begins at offset 12; \r and \n as in C.  12+300 is 300 bytes of a pattern.  12 alone:
 * no payload. Offset 0 is the byte behind the SYN; a SYN without this word stands at -1 a7           acknowledges up to
 * offset 7 (adds ".") t500         500 ms after the segment before; without it 1 ms w100         window; without it
 * 1000 s7           window scale option (for a SYN) c3           only 3 bytes of the payload were captured i9 IP
 * identification; without it one more than the last T9           timestamp option with that value 6            IPv6
 *     n100         with ISN 100 from now on for this sender
 *     p100         from client port 100 from now on
 *
 * or a line "tick 500" (ms pass without a packet), "flush", "ignore" or "client >" (conn_ignore(), conn_set_client()
 * for the last segment's connection). The log has one line for each call of the sink, and one for each segment's facts.
 */
#ifndef TCP_SCRIPT_H
#define TCP_SCRIPT_H

#include "base/out.h"
#include "wscap/conn.h"

struct tcp_script {
	struct conn_table *table;
	struct limits limits;
	struct out log;
	struct conn *conn; /* of the last segment */
	struct segment segment;
	int64_t now;
	uint32_t isn[2];
	uint16_t client_port, next_id;
	bool ignore_at_data;     /* calls conn_ignore() from data() */
	bool set_client_at_data; /* tells that the first data of a connection are the client's */
	bool quiet;              /* no lines for facts */
};

void tcp_script_init(struct tcp_script *script);
void tcp_script_finish(struct tcp_script *script);

/* Plays the lines of text. The table is made with script->limits at the first line. */
void tcp_script_play(struct tcp_script *script, const char *text);

/* Plays it in a script of its own and compares the log. */
void tcp_script_gives(const char *text, const char *want);

/* The log so far, and none from now on. */
void tcp_script_logged(struct tcp_script *script, const char *want);

/* The byte at that offset of a pattern. */
static inline uint8_t tcp_script_byte(int64_t offset)
{
	return (uint8_t)('a' + offset % 26);
}

#endif
