#include "wscap/secrets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/log.h"

/* The environment names a file for all programs of a session: it asks for less than an option does. */
static void open_environment(struct secrets *secrets, const struct options *options)
{
	const char *path = getenv("SSLKEYLOGFILE");
	int failed;

	if (!path || !*path)
		return;
	secrets->keylog = keylog_open(path, secrets->keyring, true, &failed);
	if (!secrets->keylog)
		log_line(_("%s: %s: %s"), "SSLKEYLOGFILE", path, strerror(failed));
	else if (options->verbose)
		log_line(_("TLS secrets are read from %s, as SSLKEYLOGFILE says"), path);
}

bool secrets_open(struct secrets *secrets, const struct options *options, char error[static SENTENCE_SIZE])
{
	int failed = ENOMEM;

	secrets->keyring = tls_keyring_create(options->limits.keys);
	if (secrets->keyring && !options->keylog_file) {
		open_environment(secrets, options);
		return true;
	}
	/* Whoever captures may have to start before the program that writes it. */
	if (secrets->keyring)
		secrets->keylog = keylog_open(options->keylog_file, secrets->keyring, options_live(options), &failed);
	if (secrets->keylog)
		return true;
	snprintf(error, SENTENCE_SIZE, "%s: %s", options->keylog_file ? options->keylog_file : "--keylog",
		 strerror(failed));
	return false;
}

static void refresh(void *context, bool now)
{
	struct secrets *secrets = context;

	if (secrets->keylog && now)
		keylog_refresh_now(secrets->keylog);
	else if (secrets->keylog)
		keylog_refresh(secrets->keylog);
}

static void on_secrets(void *context, uint32_t type, struct ws_span bytes)
{
	struct secrets *secrets = context;
	struct tls_keylog lines = {.in_capture = true};

	if (type == SECRETS_MAY_COME)
		decode_keys_may_come(secrets->decode, DECODE_KEYS_HOPED);
	if (type != SECRETS_TLS_KEY_LOG)
		return;
	tls_keyring_read(secrets->keyring, &lines, bytes);
	tls_keyring_read_end(secrets->keyring, &lines);
	decode_keys_may_come(secrets->decode, DECODE_KEYS_EXPECTED);
	decode_keys_came(secrets->decode);
}

void secrets_use(struct secrets *secrets, struct decode *decode, struct source *source)
{
	secrets->decode = decode;
	decode_use_keys(decode, secrets->keyring, refresh, secrets);
	if (secrets->keylog)
		decode_keys_may_come(decode, DECODE_KEYS_EXPECTED);
	source_on_secrets(source, on_secrets, secrets);
}

void secrets_finish(struct secrets *secrets)
{
	struct tls_keyring_stats stats;

	if (!secrets->keyring)
		return;
	if (secrets->keylog)
		keylog_refresh_now(secrets->keylog);
	tls_keyring_stats(secrets->keyring, &stats);
	if (stats.rsa)
		log_line(_("the key log has RSA lines, which are not read: CLIENT_RANDOM lines are"));
	if (secrets->keylog && stats.not_read)
		log_line(ngettext("%llu line of the key log is not one of a key log",
				  "%llu lines of the key log are not those of a key log",
				  (unsigned long)stats.not_read),
			 (unsigned long long)stats.not_read);
	if (stats.dropped)
		log_line(_("more TLS secrets than --max-keys: the oldest %llu were forgotten"),
			 (unsigned long long)stats.dropped);
}

void secrets_close(struct secrets *secrets)
{
	keylog_close(secrets->keylog);
	tls_keyring_destroy(secrets->keyring);
}
