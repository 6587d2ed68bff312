/* How many connections each address has, over all workers: --connections-per-address. IPv6 is counted by /64, which is
 * what one customer has. */
#ifndef WSCHAT_ADDRESSES_H
#define WSCHAT_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

struct addresses;

struct addresses *addresses_create(uint32_t max); /* 0: no limit, and nothing is kept. NULL when out of memory */
void addresses_destroy(struct addresses *addresses);

/* One more of this address (IPv6, or IPv4-mapped); false when it has max already. Any thread. */
bool addresses_take(struct addresses *addresses, const uint8_t address[16]);
void addresses_give_back(struct addresses *addresses, const uint8_t address[16]);

enum {
	ADDRESS_TEXT_MAX = 46, /* with the final zero */
};

/* As people write it: an IPv4-mapped one as IPv4. Returns ret. */
const char *address_text(const uint8_t address[16], char ret[static ADDRESS_TEXT_MAX]);

#endif
