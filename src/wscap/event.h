/* Anything that can happen. Nothing above a sink prints; a sink is told events, in order, and then the packet that made
 * them. Everything in an event lives until the call returns. */
#ifndef WSCAP_EVENT_H
#define WSCAP_EVENT_H

#include "ws/handshake.h"
#include "ws/message.h"
#include "wscap/conn.h"
#include "wscap/h2_conn.h"
#include "wscap/packet.h"
#include "wscap/tls.h"

enum event_kind {
	EVENT_TCP_OPEN, /* at its SYN; without one, once the place of the first byte is decided (conn_is_mid_stream) */
	EVENT_TCP_CLOSE,
	EVENT_REQUEST,   /* the handshake's request is complete (story; JSON waits for the answer) */
	EVENT_HANDSHAKE, /* its answer is complete: the WebSocket is open, or was refused */
	EVENT_TUNNEL,    /* a proxy's answer to CONNECT; behind a 2xx the connection begins anew (RFC 9110, 9.3.6) */
	EVENT_UPGRADE,   /* a 101 to another protocol than WebSocket: it is not followed */
	EVENT_MESSAGE,
	EVENT_CONTROL,
	EVENT_GAP,
	EVENT_VIOLATION,
	EVENT_MID_STREAM, /* decoding of a stream begins at a frame boundary that is trusted, without its handshake */
	EVENT_LIMIT,      /* a named limit was met */
	EVENT_TLS_HELLO,  /* a client asks for TLS (story; JSON waits for the answer) */
	EVENT_TLS_OPEN,   /* what both sides agreed on is known */
	EVENT_TLS_ALERT,
	EVENT_TLS_LOCKED, /* it cannot be read: told once */
	EVENT_OVERLAP,    /* bytes were sent twice, with other contents */
	EVENT_H2,         /* of HTTP/2, besides violations and limits: as.h2.kind says what */
	EVENT_COUNT,
};

struct decode_conn;

struct event {
	enum event_kind kind;
	enum dir dir;    /* of MESSAGE, CONTROL, GAP, VIOLATION, MID_STREAM, LIMIT, OVERLAP */
	int64_t time;    /* of the packet that completed it */
	uint64_t packet; /* its number */
	struct conn *conn;
	uint64_t stream;             /* HTTP/2's, of the WebSocket that this is of; 0: the connection itself.
				      * Where that HTTP/2 is in a tunnel of another, that one's stream above 32 bits */
	bool tls;                    /* what it tells came through TLS */
	struct decode_conn *channel; /* for decode_user(); NULL where it is of no WebSocket in particular */
	union {
		enum conn_close close;
		struct {
			const struct ws_http_head *request;  /* NULL where it was not captured */
			const struct ws_http_head *response; /* NULL in EVENT_REQUEST */
			bool accept_known;                   /* both the key and the accept value are there */
			bool accept_ok;
			struct ws_deflate_params deflate;
			int64_t
			    took; /* nanoseconds from the request's last byte to the response's; -1 where not known */
			int64_t request_begin, request_end; /* stream offsets; -1 where not known */
			int64_t response_begin, response_end;
		} handshake;
		struct {
			struct ws_span target; /* host and port, as the client said */
			const struct ws_http_head *response;
		} tunnel;
		struct {
			struct ws_span protocol; /* as the answer says */
		} upgrade;
		struct ws_item item; /* MESSAGE, CONTROL; begin and end are stream offsets of its stream */
		struct {
			int64_t offset;
			uint64_t len;
			bool captured; /* the bytes are there, but not where a frame begins among them */
		} gap;
		struct {
			enum ws_rule rule; /* NONE where it is HTTP/2's */
			const struct ws_rule_info *info;
		} violation;
		struct {
			int64_t offset;
			const char
			    *why; /* an id: "exact" (a frame fits exactly), "chain" (several follow each other) */
		} mid_stream;
		struct {
			const char *name; /* of the option, without dashes: "max-message" */
		} limit;
		struct {
			const struct tls_facts *facts;
			enum tls_lock lock;  /* of LOCKED */
			const char *missing; /* …the secret's label in a key log, where lock is about one; else NULL */
			uint8_t level, code; /* of ALERT */
		} tls;
		struct conn_overlap overlap;
		struct h2_news h2;
	} as;
};

/* …of an event's stream: its own number, and the tunnel's, or 0. */
static inline uint32_t event_stream(uint64_t stream)
{
	return (uint32_t)stream;
}

static inline uint32_t event_within(uint64_t stream)
{
	return (uint32_t)(stream >> 32);
}

/* Does this answer open the WebSocket? Over HTTP/2 any 2xx does (RFC 8441, section 5). */
static inline bool event_opens(const struct ws_http_head *response)
{
	return response->version_major >= 2 ? response->status / 100 == 2 : response->status == 101;
}

#endif
