/* What zlib alone takes for the messages of a capture that make_capture -z made.
 *
 *     inflate [-p] -r FILE
 *
 * Finds and unmasks all payloads first. Then each is inflated as RFC 7692, section 7.2.2 has it, its tail in a call of
 * its own, into the same memory as the one before, and only that is timed: prints the seconds of the processor. With -p
 * prints the messages instead. It knows what make_capture writes, one whole frame to a packet, and nothing else. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	IP = 14,
	TCP = IP + 20,
	PAYLOAD = TCP + 32,
	SERVER_PORT = 7272,
	MESSAGE_MAX = 4096,
	FIRST_ADDRESS = 0x0a010000,
	FIRST_PORT = 10000,
	PORTS = 50000, /* of an address */
};

struct message {
	uint32_t stream; /* a connection's direction */
	uint32_t len;
	const uint8_t *bytes;
};

struct list {
	struct message *messages;
	size_t count, room;
	uint32_t streams;
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint32_t get(const uint8_t *at, unsigned bytes)
{
	uint32_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

static void add(struct list *list, const struct message *message)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 1024;
		list->messages = realloc(list->messages, list->room * sizeof(*list->messages));
		if (!list->messages)
			fail("inflate");
	}
	list->messages[list->count++] = *message;
	if (message->stream >= list->streams)
		list->streams = message->stream + 1;
}

/* The frame in a packet's payload, unmasked in place; no first byte but a compressed text's begins one. */
static void find(struct list *list, uint8_t *packet, uint32_t len)
{
	bool from_client = get(packet + TCP + 2, 2) == SERVER_PORT;
	uint32_t address = get(packet + IP + (from_client ? 12 : 16), 4),
		 port = get(packet + TCP + (from_client ? 0 : 2), 2);
	struct message message = {.stream = 2 * ((address - FIRST_ADDRESS) * PORTS + port - FIRST_PORT) + from_client};
	uint8_t *frame = packet + PAYLOAD, *at = frame + 2;

	if (len <= PAYLOAD || frame[0] != 0xc1)
		return;
	message.len = frame[1] & 0x7f;
	if (message.len == 126) {
		message.len = get(at, 2);
		at += 2;
	}
	if (frame[1] & 0x80) {
		const uint8_t *mask = at;

		at += 4;
		for (uint32_t i = 0; i < message.len; i++)
			at[i] ^= mask[i % 4];
	}
	message.bytes = at;
	add(list, &message);
}

static uint8_t *read_file(const char *name, size_t *ret_len)
{
	FILE *file = fopen(name, "rb");
	uint8_t *bytes = NULL;
	long len = 0;

	if (!file || fseek(file, 0, SEEK_END) || (len = ftell(file)) < FILE_HEADER || fseek(file, 0, SEEK_SET) ||
	    !(bytes = malloc((size_t)len)) || fread(bytes, 1, (size_t)len, file) != (size_t)len)
		fail(name);
	fclose(file);
	*ret_len = (size_t)len;
	return bytes;
}

/* Returns the length. */
static size_t inflate_message(z_stream *z, const struct message *message, uint8_t out[MESSAGE_MAX])
{
	static const uint8_t tail[] = {0x00, 0x00, 0xff, 0xff};

	z->next_out = out;
	z->avail_out = MESSAGE_MAX;
	z->next_in = message->bytes;
	z->avail_in = message->len;
	if (inflate(z, Z_SYNC_FLUSH) != Z_OK)
		abort();
	z->next_in = tail;
	z->avail_in = sizeof(tail);
	if (inflate(z, Z_SYNC_FLUSH) != Z_OK || z->avail_in)
		abort();
	return MESSAGE_MAX - z->avail_out;
}

static double processor(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void inflate_all(const struct list *list, bool print)
{
	z_stream *streams = calloc(list->streams, sizeof(*streams));
	uint8_t out[MESSAGE_MAX];
	double begin;

	if (!streams)
		fail("inflate");
	begin = processor();
	for (size_t i = 0; i < list->count; i++) {
		z_stream *z = &streams[list->messages[i].stream];
		size_t len;

		if (!z->state && inflateInit2(z, -15) != Z_OK)
			abort();
		len = inflate_message(z, &list->messages[i], out);
		if (print)
			printf("%.*s\n", (int)len, (const char *)out);
	}
	if (!print)
		printf("%.6f\n", processor() - begin);
	for (uint32_t i = 0; i < list->streams; i++)
		if (streams[i].state)
			inflateEnd(&streams[i]);
	free(streams);
}

int main(int argc, char **argv)
{
	const char *name = NULL;
	struct list list = {0};
	bool print = false;
	uint8_t *bytes;
	size_t len;
	int option;

	while ((option = getopt(argc, argv, "pr:")) != -1) {
		if (option == 'r')
			name = optarg;
		print |= option == 'p';
	}
	if (!name) {
		fprintf(stderr, "usage: inflate [-p] -r FILE\n");
		return 2;
	}
	bytes = read_file(name, &len);
	for (size_t at = FILE_HEADER; len - at >= RECORD_HEADER;) {
		uint32_t captured;

		memcpy(&captured, bytes + at + 8, sizeof(captured));
		at += RECORD_HEADER;
		if (captured > len - at)
			break;
		find(&list, bytes + at, captured);
		at += captured;
	}
	inflate_all(&list, print);
	free(list.messages);
	free(bytes);
	return 0;
}
