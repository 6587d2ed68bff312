/* Capture files of both kinds, compressed or not, as a feed gives them: at once, and in pieces of a size that the first
 * byte chooses, with idle moments between them. Both ways must find the same packets; at once, the usual records are
 * taken by capture_usual(), and in pieces none are. */
#include <errno.h>
#include <stdlib.h>

#include "wscap/capture_usual.h"
#include "wscap/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	UNPACKED_MAX = 16 << 20, /* bytes of packets that are looked at: a bomb is stopped there */
};

struct run {
	struct ws_span file;
	size_t given, piece;
	bool idle;
	bool usual; /* what capture_usual() takes, it may */

	uint64_t packets, bytes, sum, left_out;
	enum capture_step end;
};

static ssize_t give(void *context, uint8_t *bytes, size_t size)
{
	struct run *run = context;
	struct ws_span piece = ws_span_first(ws_span_from(run->file, run->given), run->piece);

	run->idle = !run->idle;
	if (run->idle && run->given)
		return -EAGAIN;
	piece = ws_span_first(piece, size);
	if (piece.len)
		memcpy(bytes, piece.data, piece.len);
	run->given += piece.len;
	return (ssize_t)piece.len;
}

/* A read past the packet is the sanitizer's to see. */
static void take(struct run *run, const struct packet *packet)
{
	run->packets++;
	run->bytes += packet->bytes.len;
	run->sum = run->sum * 31 + (uint64_t)packet->time + packet->wire_len + packet->interface;
	for (size_t i = 0; i < packet->bytes.len; i++)
		run->sum = run->sum * 31 + packet->bytes.data[i];
}

static void take_block(void *context, const struct pcapng_block *block)
{
	struct run *run = context;
	struct ws_cursor options = ws_cursor_of(block->body);
	struct ws_span value;
	uint16_t code;
	uint32_t type;

	if (pcapng_secrets_parse(block, &type, &value))
		run->sum += type + value.len;
	while (pcapng_option_take(&options, block->big, &code, &value))
		run->sum += code + value.len;
}

static void read_all(struct run *run)
{
	static struct link_types types;
	static struct capture capture;
	const struct capture_interface *interface;
	struct packet packet;

	capture_init(&capture, &types, give, run);
	do {
		run->end = capture_begin(&capture);
	} while (run->end == CAPTURE_IDLE);
	capture.on_block = take_block;
	capture.block_context = run;
	while ((run->end == CAPTURE_PACKET || run->end == CAPTURE_IDLE) && run->bytes < UNPACKED_MAX) {
		run->end = run->usual && capture_usual(&capture, &packet) ? CAPTURE_PACKET
									  : capture_next(&capture, &packet, &interface);
		if (run->end == CAPTURE_PACKET)
			take(run, &packet);
	}
	run->left_out = capture.damage.bytes;
	if (run->end == CAPTURE_ERROR && !capture_error(&capture))
		abort();
	if (!capture.feed.unpack && run->left_out > run->file.len)
		abort();
	capture_finish(&capture);
	link_types_finish(&types);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ws_span file = ws_span_from(ws_span_of(data, size), 1);
	struct run whole = {.file = file, .piece = SIZE_MAX, .usual = true}, pieces = {.file = file};
	size_t wants;

	if (size == 0)
		return 0;
	pieces.piece = data[0] ? data[0] : 1;
	read_all(&whole);
	read_all(&pieces);
	/* Of compressed data that is damaged, more or less comes out before that is found. */
	if (!unpack_find(file, &wants) && (whole.packets != pieces.packets || whole.sum != pieces.sum ||
					   whole.left_out != pieces.left_out || whole.end != pieces.end))
		abort();
	return 0;
}
