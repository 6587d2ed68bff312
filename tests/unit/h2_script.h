/* For tests of HTTP/2: frames are written for each direction, played to an h2_conn in pieces, and what it tells is
 * compared as text, a line for each call of the sink. */
#ifndef H2_SCRIPT_H
#define H2_SCRIPT_H

#include "base/out.h"
#include "ws/buf.h"
#include "wscap/h2_conn.h"

struct nghttp2_hd_deflater;

enum {
	H2_STEPS_MAX = 64,
};

struct h2_script {
	struct h2_step {
		enum dir dir;
		bool lost; /* its bytes are not captured */
		size_t begin, len;
	} steps[H2_STEPS_MAX];
	size_t count;
	struct ws_buf bytes;
	struct nghttp2_hd_deflater *deflaters[2];
	struct h2_limits limits;
	bool joined;
};

void h2_script_init(struct h2_script *script);
void h2_script_finish(struct h2_script *script);

void h2_raw(struct h2_script *script, enum dir dir, struct ws_span bytes);
void h2_frame(struct h2_script *script, enum dir dir, uint8_t type, uint8_t flags, uint32_t stream,
	      struct ws_span payload);
#define H2_FRAME(script, dir, type, flags, stream, literal)                                                            \
	h2_frame((script), (dir), (type), (flags), (stream), ws_span_of((literal), sizeof(literal) - 1))
/* Fields as "name: value\n" each. */
void h2_headers(struct h2_script *script, enum dir dir, uint8_t flags, uint32_t stream, const char *fields);
struct ws_buf h2_block(struct h2_script *script, enum dir dir, const char *fields); /* to be freed */
void h2_lose(struct h2_script *script, size_t step);

/* Preface and settings of both, WebSockets allowed. */
void h2_open(struct h2_script *script);
#define H2_OPENED "c2s 0 open\ns2c 0 settings allowed\n" /* …is told as this */
/* A script that begins so. */
void h2_begin(struct h2_script *script);
extern const char h2_request[], h2_answer[];

/* What is told when the steps are given whole (piece 0) or in pieces of so many bytes. False: out of memory. */
bool h2_play(const struct h2_script *script, size_t piece, struct out *log);

/* The script gives this, whole and in pieces. */
void h2_gives(const struct h2_script *script, const char *want);
/* …and is finished. */
void h2_ends(struct h2_script *script, const char *want);

#endif
