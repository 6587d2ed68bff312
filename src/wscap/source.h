/* Where packets come from: a file, standard input, a live device. Linux, libpcap. */
#ifndef WSCAP_SOURCE_H
#define WSCAP_SOURCE_H

#include "base/log.h"
#include "wscap/packet.h"

struct options;

enum source_step {
	SOURCE_PACKET,
	SOURCE_IDLE, /* nothing came for a while, and time goes on: ret->time is what it is by now */
	SOURCE_TURN, /* all of the window that source_turn() was given is read */
	SOURCE_END,
	SOURCE_ERROR, /* said in source_error() */
};

struct source; /* source_internal.h */

/* Opens what options name, compiles the filter. NULL with a sentence in error (one line, with the thing's name).
 * options must outlive the source. A file is announced on standard error, as tcpdump does it. */
struct source *source_open(const struct options *options, char error[static SENTENCE_SIZE]);
void source_close(struct source *source);

/* Live: says on standard error what is listened on. Call it when everything else stands. */
void source_announce(const struct source *source);

/* The next packet that passes the filter; its bytes live until the next call, or as source_turn() says. Numbered
 * from 1.
 */
enum source_step source_next(struct source *source, struct packet *ret);

/* Up to count packets that will come after those that were looked at so before: as capture_ahead(), and with the same
 * reserves. Call it before or after source_next(), as often as wanted; bytes live until the next call of that. */
size_t source_ahead(struct source *source, struct packet *ret, size_t count);

/* Reading by turns, each with a window of its own, which is the caller's: as feed_fetch(), feed_turn() and
 * feed_leave(). Bytes of packets that lie in the window stay there until it is fetched into again. SOURCE_TURN ends a
 * turn, and so may the caller. last: there is none behind it, and who fetches is to stop. A source whose packets come
 * another way does nothing here. */
struct feed_window;
void source_fetch(struct source *source, struct feed_window *window);
int source_turn(struct source *source, struct feed_window *window); /* 0, or -ENOMEM: nothing more can be read */
int source_leave(struct source *source, bool last);                 /* the same */

/* Was something left out on the way, although reading went on (damage in the middle of a file)? */
bool source_left_out(const struct source *source);

/* The sentence after SOURCE_ERROR and for what was left out, with the file's or device's name. */
const char *source_error(struct source *source);

/* wait is called whenever the next packet is not there yet, right before the source waits for it: what is printed so
 * far should be shown then. */
void source_on_wait(struct source *source, void (*wait)(void *context), void *context);

/* Secrets that a capture file brings along (pcapng's Decryption Secrets Block), each told as it is read: before the
 * packets that stand behind it. type is the block's; bytes live until secrets returns. */
enum {
	SECRETS_MAY_COME = 0, /* none yet, and no block: a section begins that can have such blocks anywhere in it */
	SECRETS_TLS_KEY_LOG = 0x544c534b, /* "TLSK": a key log as SSLKEYLOGFILE has it, RFC 9850 */
};
typedef void source_secrets(void *context, uint32_t type, struct ws_span bytes);
void source_on_secrets(struct source *source, source_secrets *secrets, void *context);

/* Where a block of a pcapng file stands: the numbers that packet.interface gives to its section's interfaces. */
struct source_place {
	uint32_t first; /* of the section's first interface */
	uint32_t count; /* so far, the block included */
};

/* The blocks of pcapng files that are no packets, each told as it is read; they live until blocks returns. */
struct pcapng_block;
typedef void source_blocks(void *context, const struct pcapng_block *block, const struct source_place *place);
void source_on_blocks(struct source *source, source_blocks *blocks, void *context);

/* The device's name, or the file's. */
const char *source_name(const struct source *source);

/* Does it count (live), and what the time of packets is a multiple of (a power of ten, in nanoseconds), where their
 * file does not say it with its interfaces. */
uint32_t source_resolution(const struct source *source);

/* What a capture file written from it says of itself. With several files, the current one's. */
int source_link_type(const struct source *source); /* DLT_* */
uint32_t source_snaplen(const struct source *source);

struct source_counters {
	uint64_t received; /* by the filter */
	uint64_t dropped;  /* by the kernel, for want of room */
	uint64_t left;     /* received, and left out: printing was so slow that the backlog had no room */
	uint64_t dropped_by_interface;
};

/* Live only: false for files, which count nothing. The capture pauses for a moment; what comes meanwhile is kept. */
bool source_counters(struct source *source, struct source_counters *ret);

/* From a signal handler: the source ends at its next packet. */
void source_break(struct source *source);

#endif
