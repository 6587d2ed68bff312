#include "wscap/fanout.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdint.h>
#include <sys/socket.h>

/* By the hash of the connection, which is the same for both directions. */
enum {
	MANNER = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_ROLLOVER,
};

/* As packet(7) has it: the group's number, and above it how packets go. */
static int join(int fd, uint32_t number, uint32_t manner)
{
	uint32_t group = number | manner << 16;

	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)) == 0 ? 0 : -errno;
}

int fanout_join(pcap_t *const *pcaps, unsigned count)
{
	uint32_t group;
	socklen_t size = sizeof(group);
	/* The first has the kernel find a number that no other program has. */
	int status = join(pcap_fileno(pcaps[0]), 0, MANNER | PACKET_FANOUT_FLAG_UNIQUEID);

	if (status < 0)
		return status;
	if (getsockopt(pcap_fileno(pcaps[0]), SOL_PACKET, PACKET_FANOUT, &group, &size) != 0)
		return -errno;
	for (unsigned i = 1; i < count && status == 0; i++)
		status = join(pcap_fileno(pcaps[i]), group & 0xffff, MANNER);
	return status;
}
