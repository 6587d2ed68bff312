/* WebSocket packets at a rate that no TCP reaches, for who captures them.
 *
 *     torrent [-q] DEVICE PORT RATE SECONDS
 *
 * CONNECTIONS connections that were never opened: their packets are made ready beforehand, and put on the device by a
 * packet socket, one call for many (sendmmsg; PACKET_TX_RING took longer: of a packet that stays in pages of its
 * sender, the kernel makes a copy for who captures). Each begins with TCP's handshake and WebSocket's; then its client
 * says one message after the other, a packet each, and its server acknowledges every second, as RFC 9293 has it
 * (section 3.8.6.3). Sequence numbers, message numbers and checksums are those of a real capture, and are written anew
 * for each packet.
 *
 * RATE is in messages a second; 0 is as fast as it goes. A packet is the device's, as it was sent, and again as it
 * came: on loopback that makes two for whoever looks at both. With -q it is only put where it comes in
 * (PACKET_QDISC_BYPASS). Addresses are those of documentation (RFC 5737), and the Ethernet address is nobody's, so the
 * host looks no further and answers nothing.
 *
 * Prints the messages and the packets that were sent, and the seconds that it took. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "flood_message.h"
#include "flood_tools.h"

enum {
	CONNECTIONS = 16,
	GROUP = 3, /* packets: two messages, and the ACK of both */
	ROUND = CONNECTIONS * GROUP,
	FRAMES = 2 * ROUND, /* that one call hands over */
	FIRST_PORT = 40000,
};

struct packet {
	struct ether_header ether;
	struct iphdr ip;
	struct tcphdr tcp;
	uint8_t payload[FLOOD_FRAME_MAX];
} __attribute__((packed));

/* What each side sends next. */
struct connection {
	uint32_t client, server;
};

struct torrent {
	int fd;
	unsigned first, next; /* frames: from the one on, to before the other, wait to be sent */
	unsigned port;
	size_t message_len;
	unsigned long messages, packets;
	struct connection connections[CONNECTIONS];
	struct packet frames[FRAMES];
	struct iovec bytes[FRAMES];
	struct mmsghdr calls[FRAMES];
};

static void open_device(struct torrent *torrent, const char *device, bool bypass)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device)};
	int on = 1;

	torrent->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (torrent->fd < 0 ||
	    (bypass && setsockopt(torrent->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) != 0) ||
	    bind(torrent->fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		fail(device);
	for (unsigned i = 0; i < FRAMES; i++) {
		torrent->bytes[i].iov_base = &torrent->frames[i];
		torrent->calls[i].msg_hdr = (struct msghdr){.msg_iov = &torrent->bytes[i], .msg_iovlen = 1};
	}
}

/* RFC 1071; of an even number of bytes. */
static uint32_t sum(uint32_t sum, const void *bytes, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		uint16_t word;

		memcpy(&word, (const uint8_t *)bytes + i, sizeof(word));
		sum += word;
	}
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

/* len: of the payload, to which a byte 0 is put where that makes it even. */
static void check_tcp(struct packet *packet, size_t len)
{
	size_t tcp_len = sizeof(packet->tcp) + len;
	uint32_t pseudo = sum(htons(IPPROTO_TCP) + htons((uint16_t)tcp_len), &packet->ip.saddr, 8);

	packet->payload[len] = 0;
	packet->tcp.check = 0;
	packet->tcp.check = fold(sum(pseudo, &packet->tcp, (tcp_len + 1) & ~(size_t)1));
}

/* Headers of a packet with so much payload; of their fields, sequence numbers and TCP's checksum are written later. */
static void make_headers(const struct torrent *torrent, struct packet *packet, unsigned conn, bool from_client,
			 size_t len)
{
	uint16_t client = htons((uint16_t)(FIRST_PORT + conn)), server = htons((uint16_t)torrent->port);

	*packet = (struct packet){
	    .ether = {.ether_dhost = {2, 0, 0, 0, 0, from_client ? 2 : 1},
		      .ether_shost = {2, 0, 0, 0, 0, from_client ? 1 : 2},
		      .ether_type = htons(ETHERTYPE_IP)},
	    .ip = {.version = 4,
		   .ihl = 5,
		   .tot_len = htons((uint16_t)(sizeof(packet->ip) + sizeof(packet->tcp) + len)),
		   .frag_off = htons(IP_DF),
		   .ttl = 64,
		   .protocol = IPPROTO_TCP,
		   .saddr = htonl(from_client ? 0xc0000201 : 0xc6336401), /* 192.0.2.1, 198.51.100.1 */
		   .daddr = htonl(from_client ? 0xc6336401 : 0xc0000201)},
	    .tcp = {.source = from_client ? client : server,
		    .dest = from_client ? server : client,
		    .doff = 5,
		    .ack = 1,
		    .window = htons(65535)},
	};
	packet->ip.check = fold(sum(0, &packet->ip, sizeof(packet->ip)));
}

static void number_packet(struct torrent *torrent, struct packet *packet, unsigned conn, bool from_client, size_t len)
{
	struct connection *c = &torrent->connections[conn];
	uint32_t *mine = from_client ? &c->client : &c->server, *other = from_client ? &c->server : &c->client;

	packet->tcp.seq = htonl(*mine);
	packet->tcp.ack_seq = packet->tcp.ack ? htonl(*other) : 0;
	*mine += (uint32_t)len + (packet->tcp.syn ? 1 : 0);
	check_tcp(packet, len);
}

static void hand_over(struct torrent *torrent, size_t len)
{
	torrent->bytes[torrent->next++].iov_len = offsetof(struct packet, payload) + len;
	torrent->packets++;
}

/* What was handed over is on the device when this returns. */
static void send_all(struct torrent *torrent)
{
	while (torrent->first < torrent->next) {
		int sent = sendmmsg(torrent->fd, torrent->calls + torrent->first, torrent->next - torrent->first, 0);

		if (sent < 0 && errno != ENOBUFS && errno != EINTR)
			fail("sendmmsg");
		torrent->first += sent > 0 ? (unsigned)sent : 0;
	}
	if (torrent->next == FRAMES)
		torrent->first = torrent->next = 0;
}

static void say(struct torrent *torrent, unsigned conn, bool from_client, bool syn, bool ack, const char *text)
{
	struct packet *packet = &torrent->frames[torrent->next];
	size_t len = strlen(text);

	make_headers(torrent, packet, conn, from_client, len);
	packet->tcp.syn = syn;
	packet->tcp.ack = ack;
	packet->tcp.psh = len != 0;
	memcpy(packet->payload, text, len);
	number_packet(torrent, packet, conn, from_client, len);
	hand_over(torrent, len);
}

static void open_connection(struct torrent *torrent, unsigned conn)
{
	torrent->connections[conn] = (struct connection){.client = 1000 * conn, .server = 7000 * conn};
	say(torrent, conn, true, true, false, "");
	say(torrent, conn, false, true, true, "");
	say(torrent, conn, true, false, true, "");
	say(torrent, conn, true, false, true, flood_request);
	say(torrent, conn, false, false, true, flood_answer);
	say(torrent, conn, true, false, true, "");
	send_all(torrent);
	torrent->first = torrent->next = 0;
}

/* What does not change from one round to the next. */
static void make_frames(struct torrent *torrent)
{
	for (unsigned i = 0; i < FRAMES; i++) {
		struct packet *packet = &torrent->frames[i];
		bool message = i % GROUP < GROUP - 1;
		uint8_t frame[FLOOD_FRAME_MAX];

		torrent->message_len = flood_message(frame, 0);
		make_headers(torrent, packet, i / GROUP % CONNECTIONS, message, message ? torrent->message_len : 0);
		if (message)
			memcpy(packet->payload, frame, torrent->message_len);
		packet->tcp.psh = message;
	}
}

static void put_next(struct torrent *torrent)
{
	struct packet *packet = &torrent->frames[torrent->next];
	unsigned conn = torrent->next / GROUP % CONNECTIONS;
	bool message = torrent->next % GROUP < GROUP - 1;
	size_t len = message ? torrent->message_len : 0;

	if (message)
		flood_renumber(packet->payload, torrent->messages++);
	number_packet(torrent, packet, conn, message, len);
	hand_over(torrent, len);
}

static void run(struct torrent *torrent, double rate, double seconds)
{
	double begin = now(), at;

	while ((at = now() - begin) < seconds) {
		unsigned long due = rate > 0 ? (unsigned long)(at * rate) : torrent->messages + FRAMES;

		while (torrent->messages < due && torrent->next < FRAMES)
			put_next(torrent);
		send_all(torrent);
	}
	printf("%lu %lu %.3f\n", torrent->messages, torrent->packets, now() - begin);
}

int main(int argc, char **argv)
{
	static struct torrent torrent;
	bool bypass = argc == 6 && strcmp(argv[1], "-q") == 0;

	if (argc != (bypass ? 6 : 5) || atof(argv[argc - 1]) <= 0) {
		fprintf(stderr, "Usage: torrent [-q] DEVICE PORT RATE SECONDS\n");
		return 2;
	}
	argv += bypass;
	torrent.port = (unsigned)atoi(argv[2]);
	open_device(&torrent, argv[1], bypass);
	for (unsigned i = 0; i < CONNECTIONS; i++)
		open_connection(&torrent, i);
	make_frames(&torrent);
	run(&torrent, atof(argv[3]), atof(argv[4]));
	close(torrent.fd);
	return 0;
}
