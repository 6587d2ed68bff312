/* One device, several of the kernel's rings: each packet goes into one of them. packet(7), PACKET_FANOUT. */
#ifndef WSCAP_FANOUT_H
#define WSCAP_FANOUT_H

#include <pcap/pcap.h>

/* The pcaps, activated on the same device, get each packet once between them from now on. Until now each got all of
 * them. Both directions of a connection go the same way, and what finds its ring full goes into another.
 *
 * Returns 0, or a negative errno where the device or the kernel does not know this. */
int fanout_join(pcap_t *const *pcaps, unsigned count);

#endif
