#include "capture_script.h"

#include "wscap/capture_usual.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void put_bytes(struct script *script, const void *bytes, size_t len)
{
	if (len > sizeof(script->bytes) - script->len)
		abort();
	if (len)
		memcpy(script->bytes + script->len, bytes, len);
	script->len += len;
}

void put_u16(struct script *script, uint16_t value)
{
	value = script->big ? __builtin_bswap16(value) : value;
	put_bytes(script, &value, sizeof(value));
}

void put_u32(struct script *script, uint32_t value)
{
	value = script->big ? __builtin_bswap32(value) : value;
	put_bytes(script, &value, sizeof(value));
}

void put_u64(struct script *script, uint64_t value)
{
	value = script->big ? __builtin_bswap64(value) : value;
	put_bytes(script, &value, sizeof(value));
}

static void put_fill(struct script *script, uint32_t len, uint8_t fill)
{
	for (uint32_t i = 0; i < len; i++)
		put_bytes(script, &fill, 1);
}

void put_head(struct script *script, uint32_t magic, uint16_t minor, uint32_t link_type, uint32_t snaplen)
{
	put_u32(script, magic);
	put_u16(script, 2);
	put_u16(script, minor);
	put_u64(script, 0);
	put_u32(script, snaplen);
	put_u32(script, link_type);
}

void put_record(struct script *script, uint32_t seconds, uint32_t fraction, uint32_t len, uint8_t fill)
{
	put_u32(script, seconds);
	put_u32(script, fraction);
	put_u32(script, len);
	put_u32(script, len);
	put_fill(script, len, fill);
}

size_t begin_block(struct script *script, uint32_t type)
{
	put_u32(script, type);
	put_u32(script, 0);
	return script->len;
}

void end_block(struct script *script, size_t begin)
{
	struct script len = {.big = script->big};

	put_fill(script, (uint32_t)(-(script->len - begin) & 3), 0);
	put_u32(&len, (uint32_t)(script->len - begin + PCAPNG_BLOCK_MIN));
	memcpy(script->bytes + begin - len.len, len.bytes, len.len);
	put_bytes(script, len.bytes, len.len);
}

void put_option(struct script *script, uint16_t code, const void *value, uint16_t len)
{
	put_u16(script, code);
	put_u16(script, len);
	put_bytes(script, value, len);
	put_fill(script, -len & 3u, 0);
}

void put_section(struct script *script)
{
	size_t begin = begin_block(script, PCAPNG_SECTION);

	put_u32(script, PCAPNG_BYTE_ORDER);
	put_u16(script, 1);
	put_u16(script, 0);
	put_u64(script, UINT64_MAX);
	end_block(script, begin);
}

void put_interface(struct script *script, uint16_t link_type, uint32_t snaplen)
{
	size_t begin = begin_block(script, PCAPNG_INTERFACE);

	put_u16(script, link_type);
	put_u16(script, 0);
	put_u32(script, snaplen);
	end_block(script, begin);
}

void put_packet(struct script *script, uint32_t interface, uint64_t units, uint32_t len, uint8_t fill)
{
	size_t begin = begin_block(script, PCAPNG_PACKET);

	put_u32(script, interface);
	put_u32(script, (uint32_t)(units >> 32));
	put_u32(script, (uint32_t)units);
	put_u32(script, len);
	put_u32(script, len);
	put_fill(script, len, fill);
	end_block(script, begin);
}

static ssize_t give(void *context, uint8_t *bytes, size_t size)
{
	struct reading *reading = context;
	size_t left = reading->script->len - reading->given;
	size_t len = left < reading->piece ? left : reading->piece;

	reading->idle = !reading->idle;
	if (reading->idle && reading->given)
		return -EAGAIN;
	len = len < size ? len : size;
	memcpy(bytes, reading->script->bytes + reading->given, len);
	reading->given += len;
	return (ssize_t)len;
}

static void take_block(void *context, const struct pcapng_block *block)
{
	struct reading *reading = context;
	struct ws_span secrets;

	reading->blocks++;
	if (block->type != PCAPNG_SECRETS || !pcapng_secrets_parse(block, &reading->secrets_type, &secrets))
		return;
	snprintf(reading->secrets, sizeof(reading->secrets), "%.*s", (int)secrets.len, (const char *)secrets.data);
}

static void take(struct reading *reading, const struct packet *packet)
{
	struct ws_span beginning = ws_span_first(packet->bytes, sizeof(reading->bytes));

	if (reading->count == PACKETS_MAX)
		abort();
	memcpy(reading->bytes, beginning.data, beginning.len);
	reading->got[reading->count++] = (struct got){
	    .time = packet->time,
	    .len = (uint32_t)packet->bytes.len,
	    .wire_len = packet->wire_len,
	    .interface = packet->interface,
	    .link_type = packet->link_type,
	    .fill = packet->bytes.len ? *packet->bytes.data : 0,
	    .last = packet->bytes.len ? packet->bytes.data[packet->bytes.len - 1] : 0,
	};
}

/* It changes nothing, and what it gives lies in what was read; in a whole file they are packets that come. */
static void look_ahead(struct capture *capture)
{
	struct ws_span left = feed_left(&capture->feed);
	struct packet packets[3];
	size_t count = capture_ahead(capture, packets, 1 + left.len % 3);

	for (size_t i = 0; i < count; i++) {
		struct ws_span bytes = packets[i].bytes;

		if (bytes.len && (bytes.data < left.data || bytes.data + bytes.len > left.data + left.len))
			abort();
	}
}

static bool is_same(const struct reading *a, const struct reading *b)
{
	if (a->count != b->count || a->end != b->end || a->given != b->given || a->blocks != b->blocks ||
	    a->damage.places != b->damage.places || a->damage.first != b->damage.first ||
	    a->damage.bytes != b->damage.bytes || strcmp(a->error, b->error) != 0 ||
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) != 0)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct got *one = &a->got[i], *other = &b->got[i];

		if (one->time != other->time || one->len != other->len || one->wire_len != other->wire_len ||
		    one->interface != other->interface || one->link_type != other->link_type ||
		    one->fill != other->fill || one->last != other->last)
			return false;
	}
	return true;
}

/* usual: the usual records by capture_usual(). */
static void read_way(struct reading *reading, const struct script *script, size_t piece, bool usual)
{
	static struct link_types types;
	static struct capture capture;
	const struct capture_interface *interface;
	struct packet packet;

	*reading = (struct reading){.script = script, .piece = piece};
	capture_init(&capture, &types, give, reading);
	do {
		reading->end = capture_begin(&capture);
	} while (reading->end == CAPTURE_IDLE);
	capture.on_block = take_block;
	capture.block_context = reading;
	while (reading->end == CAPTURE_PACKET || reading->end == CAPTURE_IDLE) {
		look_ahead(&capture);
		if (usual && capture_usual(&capture, &packet)) {
			reading->usual++;
			reading->end = CAPTURE_PACKET;
		} else {
			reading->end = capture_next(&capture, &packet, &interface);
		}
		if (reading->end == CAPTURE_PACKET)
			take(reading, &packet);
	}
	reading->damage = capture.damage;
	if (capture_error(&capture))
		snprintf(reading->error, sizeof(reading->error), "%s", capture_error(&capture));
	capture_finish(&capture);
	link_types_finish(&types);
}

void read_script(struct reading *reading, const struct script *script, size_t piece)
{
	static struct reading other;

	read_way(&other, script, piece, false);
	read_way(reading, script, piece, true);
	if (!is_same(reading, &other))
		abort();
}
