#include "wscap/line_names.h"

#include <netdb.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/seed.h"
#include "base/siphash.h"

enum {
	SLOTS_FIRST = 256,
	PORTS = 65536,
	ETHER_NAME_SIZE = 1025, /* as much as a host's name may have: ether_ntohost() asks for no size */
};

/* What is remembered of an address; name is NULL where it has none. */
struct known {
	bool used;
	uint8_t len;
	uint8_t addr[16];
	char *name;
};

struct service {
	uint16_t port;
	char *name;
};

struct services {
	struct service *list; /* by port */
	size_t count;
	uint64_t known[PORTS / 64]; /* a bit for each port that is in the list: most are not */
};

struct names {
	struct known *slots; /* a hash table with open addressing, at most three quarters full */
	size_t slot_count;   /* a power of two */
	size_t used;
	struct siphash_seed seed;
	struct services tcp, udp;
};

static int compare_ports(const void *a, const void *b)
{
	const struct service *x = a, *y = b;

	return (x->port > y->port) - (x->port < y->port);
}

static void services_finish(struct services *services)
{
	for (size_t i = 0; i < services->count; i++)
		free(services->list[i].name);
	free(services->list);
}

/* The first name of a port in the file is its name. */
static bool services_add(struct services *services, uint16_t port, const char *name)
{
	struct service *list;

	for (size_t i = 0; i < services->count; i++)
		if (services->list[i].port == port)
			return true;
	list = realloc(services->list, (services->count + 1) * sizeof(*list));
	if (!list)
		return false;
	services->list = list;
	list[services->count] = (struct service){.port = port, .name = strdup(name)};
	services->known[port / 64] |= UINT64_C(1) << port % 64;
	return list[services->count++].name;
}

static bool services_read(struct names *names)
{
	struct servent *entry;
	bool good = true;

	setservent(1);
	while (good && (entry = getservent())) {
		uint16_t port = ntohs((uint16_t)entry->s_port);

		if (strcmp(entry->s_proto, "tcp") == 0)
			good = services_add(&names->tcp, port, entry->s_name);
		else if (strcmp(entry->s_proto, "udp") == 0)
			good = services_add(&names->udp, port, entry->s_name);
	}
	endservent();
	if (names->tcp.count)
		qsort(names->tcp.list, names->tcp.count, sizeof(*names->tcp.list), compare_ports);
	if (names->udp.count)
		qsort(names->udp.list, names->udp.count, sizeof(*names->udp.list), compare_ports);
	return good;
}

struct names *names_create(void)
{
	struct names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->slot_count = SLOTS_FIRST;
	seed_make(&names->seed, sizeof(names->seed));
	names->slots = calloc(names->slot_count, sizeof(*names->slots));
	if (!names->slots || !services_read(names)) {
		names_destroy(names);
		return NULL;
	}
	return names;
}

static void forget_all(struct names *names)
{
	for (size_t i = 0; names->slots && i < names->slot_count; i++) {
		free(names->slots[i].name);
		names->slots[i] = (struct known){.used = false};
	}
	names->used = 0;
}

void names_destroy(struct names *names)
{
	if (!names)
		return;
	forget_all(names);
	free(names->slots);
	services_finish(&names->tcp);
	services_finish(&names->udp);
	free(names);
}

static const char *find_service(const struct services *services, uint16_t port)
{
	struct service key = {.port = port};
	const struct service *found;

	if (!(services->known[port / 64] >> port % 64 & 1))
		return NULL;
	found = bsearch(&key, services->list, services->count, sizeof(key), compare_ports);
	return found ? found->name : NULL;
}

const char *names_tcp_port(const struct names *names, uint16_t port)
{
	return find_service(&names->tcp, port);
}

const char *names_udp_port(const struct names *names, uint16_t port)
{
	return find_service(&names->udp, port);
}

/* The slot of this address, or the free one where it would go. Lengths tell the kinds of address apart. */
static struct known *find_known(const struct names *names, struct ws_span addr)
{
	uint64_t words[3] = {addr.len};
	size_t mask = names->slot_count - 1;
	size_t at;

	memcpy(&words[1], addr.data, addr.len);
	at = siphash_words(&names->seed, words, 3) & mask;
	while (names->slots[at].used &&
	       (names->slots[at].len != addr.len || memcmp(names->slots[at].addr, addr.data, addr.len) != 0))
		at = (at + 1) & mask;
	return &names->slots[at];
}

/* Twice the slots. Where there is no memory for them, all is forgotten instead. */
static void grow(struct names *names)
{
	struct names larger = *names;

	larger.slot_count *= 2;
	larger.slots = names->used < NAMES_MAX ? calloc(larger.slot_count, sizeof(*larger.slots)) : NULL;
	if (!larger.slots) {
		forget_all(names);
		return;
	}
	for (size_t i = 0; i < names->slot_count; i++) {
		const struct known *known = &names->slots[i];

		if (known->used)
			*find_known(&larger, ws_span_of(known->addr, known->len)) = *known;
	}
	free(names->slots);
	*names = larger;
}

/* A copy of name, or NULL where it has anything but what names consist of: who runs a resolver can write anything. */
static char *copy_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if (*at <= ' ' || *at > '~')
			return NULL;
	return strdup(name);
}

static char *ask_resolver(struct ws_span addr)
{
	const struct hostent *host = gethostbyaddr(addr.data, (socklen_t)addr.len, addr.len == 4 ? AF_INET : AF_INET6);

	return host ? copy_name(host->h_name) : NULL;
}

static char *ask_ethers(struct ws_span addr)
{
	char name[ETHER_NAME_SIZE];
	struct ether_addr ether;

	memcpy(&ether, addr.data, sizeof(ether));
	return ether_ntohost(name, &ether) == 0 ? copy_name(name) : NULL;
}

static const char *look_up(struct names *names, struct ws_span addr, char *(*ask)(struct ws_span addr))
{
	struct known *known = find_known(names, addr);
	char *name;

	if (known->used)
		return known->name;
	if (names->used >= NAMES_MAX || names->used >= names->slot_count / 4 * 3) {
		grow(names);
		known = find_known(names, addr);
	}
	name = ask(addr);
	*known = (struct known){.used = true, .len = (uint8_t)addr.len, .name = name};
	memcpy(known->addr, addr.data, addr.len);
	names->used++;
	return name;
}

const char *names_host(struct names *names, struct ws_span addr)
{
	return look_up(names, addr, ask_resolver);
}

const char *names_ether(struct names *names, struct ws_span addr)
{
	return look_up(names, addr, ask_ethers);
}
