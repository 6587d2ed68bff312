/* Some link types begin with fields in the byte order of the machine that captured. In a file of the other order
 * libpcap turns them into this machine's, and all that reads packets, compiled filters too, counts on that. */
#ifndef WSCAP_CAPTURE_SWAP_H
#define WSCAP_CAPTURE_SWAP_H

#include <stddef.h>
#include <stdint.h>

/* Turns them in place: bytes, len of them, are a packet of that type (DLT_*) from such a file. */
void capture_swap(int link_type, uint8_t *bytes, size_t len);

#endif
