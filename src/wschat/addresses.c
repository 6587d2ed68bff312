#include "wschat/addresses.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/map.h"
#include "base/siphash.h"

enum {
	NETWORK_BYTES = 8, /* of an IPv6 address: /64 */
};

struct entry {
	uint64_t key[2];
	uint32_t connections;
};

struct addresses {
	pthread_mutex_t lock;
	struct siphash_seed seed;
	struct map entries;
	uint32_t max;
};

struct addresses *addresses_create(uint32_t max)
{
	struct addresses *addresses = calloc(1, sizeof(*addresses));

	if (!addresses)
		return NULL;
	pthread_mutex_init(&addresses->lock, NULL);
	addresses->max = max;
	if (getrandom(&addresses->seed, sizeof(addresses->seed), 0) != (ssize_t)sizeof(addresses->seed)) {
		addresses_destroy(addresses);
		return NULL;
	}
	return addresses;
}

void addresses_destroy(struct addresses *addresses)
{
	size_t at = 0;

	if (!addresses)
		return;
	for (struct entry *entry; (entry = map_next(&addresses->entries, &at));)
		free(entry);
	map_finish(&addresses->entries);
	pthread_mutex_destroy(&addresses->lock);
	free(addresses);
}

static bool is_key(const void *item, const void *key)
{
	return memcmp(((const struct entry *)item)->key, key, sizeof(((const struct entry *)item)->key)) == 0;
}

static void key_of(const uint8_t address[16], uint64_t ret[2])
{
	struct in6_addr in6;

	memcpy(&in6, address, sizeof(in6));
	memset(ret, 0, sizeof(uint64_t[2]));
	memcpy(ret, address, IN6_IS_ADDR_V4MAPPED(&in6) ? sizeof(in6) : NETWORK_BYTES);
}

static bool add(struct addresses *addresses, uint64_t hash, const uint64_t key[2])
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return false;
	memcpy(entry->key, key, sizeof(entry->key));
	entry->connections = 1;
	if (map_add(&addresses->entries, hash, entry) == 0)
		return true;
	free(entry);
	return false;
}

bool addresses_take(struct addresses *addresses, const uint8_t address[16])
{
	struct entry *entry;
	uint64_t key[2], hash;
	bool taken;

	if (!addresses->max)
		return true;
	key_of(address, key);
	hash = siphash_words(&addresses->seed, key, 2);
	pthread_mutex_lock(&addresses->lock);
	entry = map_find(&addresses->entries, hash, is_key, key);
	taken = entry ? entry->connections < addresses->max : add(addresses, hash, key);
	if (entry && taken)
		entry->connections++;
	pthread_mutex_unlock(&addresses->lock);
	return taken;
}

void addresses_give_back(struct addresses *addresses, const uint8_t address[16])
{
	struct entry *entry;
	uint64_t key[2], hash;

	if (!addresses->max)
		return;
	key_of(address, key);
	hash = siphash_words(&addresses->seed, key, 2);
	pthread_mutex_lock(&addresses->lock);
	entry = map_find(&addresses->entries, hash, is_key, key);
	if (entry && --entry->connections == 0) {
		map_remove(&addresses->entries, hash, entry);
		free(entry);
	}
	pthread_mutex_unlock(&addresses->lock);
}

const char *address_text(const uint8_t address[16], char ret[static ADDRESS_TEXT_MAX])
{
	struct in6_addr in6;

	static_assert(ADDRESS_TEXT_MAX == INET6_ADDRSTRLEN, "room for the longest");
	memcpy(&in6, address, sizeof(in6));
	if (IN6_IS_ADDR_V4MAPPED(&in6))
		inet_ntop(AF_INET, address + 12, ret, ADDRESS_TEXT_MAX);
	else
		inet_ntop(AF_INET6, address, ret, ADDRESS_TEXT_MAX);
	return ret;
}
