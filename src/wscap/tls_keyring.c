#include "wscap/tls_keyring.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/out.h"
#include "base/seed.h"
#include "base/siphash.h"

const char *const tls_label_names[TLS_LABELS] = {
    [TLS_LABEL_MASTER] = "CLIENT_RANDOM",
    [TLS_LABEL_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
    [TLS_LABEL_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    [TLS_LABEL_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    [TLS_LABEL_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
    [TLS_LABEL_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
};

/* Of which no use is made here; …_N are OpenSSL's, behind a key update, and follow from those before. */
static const char *const other_labels[] = {"EARLY_EXPORTER_SECRET",
					   "EXPORTER_SECRET",
					   "EARLY_EXPORTER_MASTER_SECRET",
					   "ECH_SECRET",
					   "ECH_CONFIG",
					   "SERVER_SECRET_0",
					   "CLIENT_SECRET_0",
					   "CLIENT_TRAFFIC_SECRET_N",
					   "SERVER_TRAFFIC_SECRET_N"};

struct name {
	uint64_t label;
	uint8_t random[TLS_RANDOM_LEN];
};

struct entry {
	struct name name;
	struct tls_secret secret;
	bool in_capture;
	struct entry *newer;
};

struct tls_keyring {
	struct map map;
	struct siphash_seed seed;
	struct entry *oldest, *newest;
	size_t max;
	void (*added)(void *context, const uint8_t *client_random); /* may be NULL */
	void *context;
	struct tls_keyring_stats stats;
};

struct tls_keyring *tls_keyring_create(size_t max)
{
	struct tls_keyring *keyring = calloc(1, sizeof(*keyring));

	if (!keyring)
		return NULL;
	keyring->max = max;
	/* Randoms of ClientHellos are a stranger's. */
	seed_make(&keyring->seed, sizeof(keyring->seed));
	return keyring;
}

static void drop_oldest(struct tls_keyring *keyring);

void tls_keyring_destroy(struct tls_keyring *keyring)
{
	if (!keyring)
		return;
	while (keyring->oldest)
		drop_oldest(keyring);
	map_finish(&keyring->map);
	free(keyring);
}

static uint64_t hash_of(const struct tls_keyring *keyring, const struct name *name)
{
	uint64_t words[sizeof(*name) / sizeof(uint64_t)];

	static_assert(sizeof(*name) % sizeof(uint64_t) == 0, "a name is made of whole words, without padding");
	memcpy(words, name, sizeof(*name));
	return siphash_words(&keyring->seed, words, sizeof(words) / sizeof(*words));
}

static bool has_name(const void *item, const void *key)
{
	return memcmp(&((const struct entry *)item)->name, key, sizeof(struct name)) == 0;
}

static void drop_oldest(struct tls_keyring *keyring)
{
	struct entry *entry = keyring->oldest;

	map_remove(&keyring->map, hash_of(keyring, &entry->name), entry);
	keyring->oldest = entry->newer;
	if (!keyring->oldest)
		keyring->newest = NULL;
	OPENSSL_cleanse(entry, sizeof(*entry));
	free(entry);
}

static struct entry *find(const struct tls_keyring *keyring, const struct name *name)
{
	return map_find(&keyring->map, hash_of(keyring, name), has_name, name);
}

/* Out of memory, a secret is not remembered: what it opens is told as locked. */
static void add(struct tls_keyring *keyring, const struct name *name, const struct tls_secret *secret, bool in_capture)
{
	struct entry *entry = find(keyring, name);

	if (entry) {
		entry->secret = *secret;
		entry->in_capture |= in_capture;
		return;
	}
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return;
	if (keyring->map.count && keyring->map.count >= keyring->max) {
		drop_oldest(keyring);
		keyring->stats.dropped++;
	}
	entry->name = *name;
	entry->secret = *secret;
	entry->in_capture = in_capture;
	if (map_add(&keyring->map, hash_of(keyring, name), entry) < 0) {
		OPENSSL_cleanse(entry, sizeof(*entry));
		free(entry);
		return;
	}
	*(keyring->newest ? &keyring->newest->newer : &keyring->oldest) = entry;
	keyring->newest = entry;
	keyring->stats.secrets++;
	if (keyring->added)
		keyring->added(keyring->context, entry->name.random);
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All of hex, as bytes: how many, or -1 where it is not of digits or more than max. */
static int read_hex(struct ws_span hex, uint8_t *to, size_t max)
{
	struct ws_cursor at = ws_cursor_of(hex);
	uint8_t high, low;
	int count = 0;

	if (hex.len % 2 || hex.len / 2 > max)
		return -1;
	while (ws_take_u8(&at, &high) && ws_take_u8(&at, &low)) {
		if (hex_digit(high) < 0 || hex_digit(low) < 0)
			return -1;
		to[count++] = (uint8_t)(hex_digit(high) << 4 | hex_digit(low));
	}
	return count;
}

/* The next word of a line: what stands before a space, or its end. */
static struct ws_span take_word(struct ws_cursor *at)
{
	struct ws_span rest = ws_span_of(at->at, ws_cursor_left(at)), word;
	const uint8_t *space = rest.len ? memchr(rest.data, ' ', rest.len) : NULL;

	word = space ? ws_span_first(rest, (size_t)(space - rest.data)) : rest;
	at->at += word.len + (space ? 1 : 0);
	return word;
}

static bool is_other(struct ws_span label)
{
	for (size_t i = 0; i < sizeof(other_labels) / sizeof(*other_labels); i++)
		if (ws_span_equal(label, ws_span_str(other_labels[i])))
			return true;
	return false;
}

/* RFC 9850, section 2. */
static bool read_secret(struct ws_cursor *at, enum tls_label label, struct name *name, struct tls_secret *secret)
{
	int len;

	if (read_hex(take_word(at), name->random, sizeof(name->random)) != TLS_RANDOM_LEN)
		return false;
	len = read_hex(take_word(at), secret->bytes, sizeof(secret->bytes));
	secret->len = (uint8_t)len;
	name->label = label;
	if (ws_cursor_left(at))
		return false;
	if (label == TLS_LABEL_MASTER)
		return len == TLS_MASTER_LEN;
	return len == tls_hash_sizes[TLS_SHA256] || len == tls_hash_sizes[TLS_SHA384];
}

static void read_line(struct tls_keyring *keyring, struct ws_span line, bool in_capture)
{
	struct ws_cursor at;
	struct ws_span word;
	struct tls_secret secret = {0};
	struct name name = {0};
	size_t label = 0;

	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (!line.len || line.data[0] == '#')
		return;
	at = ws_cursor_of(line);
	word = take_word(&at);
	while (label < TLS_LABELS && !ws_span_equal(word, ws_span_str(tls_label_names[label])))
		label++;
	if (label < TLS_LABELS && read_secret(&at, (enum tls_label)label, &name, &secret))
		add(keyring, &name, &secret, in_capture);
	else if (ws_span_equal(word, ws_span_str("RSA")))
		keyring->stats.rsa++;
	else if (!is_other(word))
		keyring->stats.not_read++;
	OPENSSL_cleanse(&secret, sizeof(secret));
}

/* A line that is whole now, its beginning in keylog. */
static void end_line(struct tls_keyring *keyring, struct tls_keylog *keylog)
{
	if (keylog->too_long)
		keyring->stats.not_read++;
	else
		read_line(keyring, ws_span_of(keylog->line, keylog->len), keylog->in_capture);
	OPENSSL_cleanse(keylog->line, keylog->len);
	keylog->len = 0;
	keylog->too_long = false;
}

void tls_keyring_read(struct tls_keyring *keyring, struct tls_keylog *keylog, struct ws_span bytes)
{
	while (bytes.len) {
		const uint8_t *newline = memchr(bytes.data, '\n', bytes.len);
		size_t len = newline ? (size_t)(newline - bytes.data) : bytes.len;

		if (len > sizeof(keylog->line) - keylog->len) {
			keylog->too_long = true;
		} else {
			memcpy(keylog->line + keylog->len, bytes.data, len);
			keylog->len += len;
		}
		if (newline)
			end_line(keyring, keylog);
		bytes = ws_span_from(bytes, newline ? len + 1 : len);
	}
}

void tls_keyring_read_end(struct tls_keyring *keyring, struct tls_keylog *keylog)
{
	if (keylog->len || keylog->too_long)
		end_line(keyring, keylog);
}

bool tls_keyring_find(const struct tls_keyring *keyring, enum tls_label label, const uint8_t random[TLS_RANDOM_LEN],
		      struct tls_secret *ret)
{
	struct name name = {.label = label};
	const struct entry *entry;

	memcpy(name.random, random, sizeof(name.random));
	entry = find(keyring, &name);
	if (entry)
		*ret = entry->secret;
	return entry;
}

static void put_hex(struct out *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out_hex(out, bytes[i], 2);
}

static_assert(TLS_LABELS <= 8, "a bit for each label");

void tls_keyring_put(const struct tls_keyring *keyring, const uint8_t random[TLS_RANDOM_LEN], uint8_t *done,
		     struct out *out)
{
	struct name name = {0};

	memcpy(name.random, random, sizeof(name.random));
	for (unsigned label = 0; label < TLS_LABELS; label++) {
		const struct entry *entry;

		name.label = label;
		entry = *done & 1U << label ? NULL : find(keyring, &name);
		if (!entry)
			continue;
		*done |= (uint8_t)(1U << label);
		if (entry->in_capture)
			continue;
		out_str(out, tls_label_names[label]);
		out_char(out, ' ');
		put_hex(out, random, TLS_RANDOM_LEN);
		out_char(out, ' ');
		put_hex(out, entry->secret.bytes, entry->secret.len);
		out_char(out, '\n');
	}
}

void tls_keyring_on_added(struct tls_keyring *keyring, void (*added)(void *context, const uint8_t *client_random),
			  void *context)
{
	keyring->added = added;
	keyring->context = context;
}

uint64_t tls_keyring_hash(const struct tls_keyring *keyring, const uint8_t random[TLS_RANDOM_LEN])
{
	uint64_t words[TLS_RANDOM_LEN / sizeof(uint64_t)];

	memcpy(words, random, TLS_RANDOM_LEN);
	return siphash_words(&keyring->seed, words, sizeof(words) / sizeof(*words));
}

uint64_t tls_keyring_added(const struct tls_keyring *keyring)
{
	return keyring->stats.secrets;
}

void tls_keyring_stats(const struct tls_keyring *keyring, struct tls_keyring_stats *ret)
{
	*ret = keyring->stats;
}
