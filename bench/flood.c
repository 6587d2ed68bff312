/* A WebSocket over loopback that carries messages at a given rate, for who captures it.
 *
 *     flood PORT RATE SECONDS
 *
 * Both ends are this process and this thread, so that it takes one core. Each message is a send of its own: masked text
 * of about 140 bytes, from the client. RATE 0 is as fast as it goes. Prints how many were sent, and the seconds that it
 * took.
 *
 * The messages are numbered, so that who captured them can be asked for each. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "flood_message.h"
#include "flood_tools.h"

enum {
	IN_A_ROW = 32, /* messages that are sent before the other end is read */
	READ_SIZE = 1 << 20,
};

/* Both ends of a connection over loopback. */
static void meet(unsigned port, int *ret_client, int *ret_server)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(listener, 1) != 0)
		fail("listen");
	*ret_client = socket(AF_INET, SOCK_STREAM, 0);
	if (*ret_client < 0 || connect(*ret_client, (struct sockaddr *)&at, sizeof(at)) != 0)
		fail("connect");
	*ret_server = accept(listener, NULL, NULL);
	if (*ret_server < 0 || setsockopt(*ret_client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0)
		fail("accept");
	close(listener);
}

static void send_all(int fd, const void *bytes, size_t len)
{
	if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		fail("send");
}

static void shake_hands(int client, int server)
{
	size_t request_len = strlen(flood_request), answer_len = strlen(flood_answer);
	char read[FLOOD_HEAD_MAX];

	send_all(client, flood_request, request_len);
	if (recv(server, read, request_len, MSG_WAITALL) < 0)
		fail("recv");
	send_all(server, flood_answer, answer_len);
	if (recv(client, read, answer_len, MSG_WAITALL) < 0)
		fail("recv");
}

static void read_all(int server)
{
	static char bytes[READ_SIZE];

	while (recv(server, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void send_message(int client, int server, unsigned long number)
{
	uint8_t frame[FLOOD_FRAME_MAX];
	size_t len = flood_message(frame, number), done = 0;

	while (done < len) {
		ssize_t sent = send(client, frame + done, len - done, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			fail("send");
		if (sent < 0)
			read_all(server); /* nobody else makes room */
		else
			done += (size_t)sent;
	}
}

int main(int argc, char **argv)
{
	double rate = argc == 4 ? atof(argv[2]) : 0, seconds = argc == 4 ? atof(argv[3]) : 0, begin, at;
	unsigned long sent = 0;
	int client, server;

	if (argc != 4 || seconds <= 0) {
		fprintf(stderr, "Usage: flood PORT RATE SECONDS\n");
		return 2;
	}
	meet((unsigned)atoi(argv[1]), &client, &server);
	shake_hands(client, server);
	begin = now();
	while ((at = now() - begin) < seconds) {
		unsigned long due = rate > 0 ? (unsigned long)(at * rate) : sent + IN_A_ROW;

		for (int i = 0; i < IN_A_ROW && sent < due; i++)
			send_message(client, server, sent++);
		read_all(server);
	}
	at = now() - begin;
	close(client);
	close(server);
	printf("%lu %.3f\n", sent, at);
	return 0;
}
