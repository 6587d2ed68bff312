/* The file that a program writes its TLS secrets to while it runs (SSLKEYLOGFILE; RFC 9850), read as it grows.
 *
 * The only I/O of TLS: what is read goes to a tls_keyring. A file that is not there yet may come; one that was replaced
 * or cut is read from its beginning. */
#ifndef WSCAP_KEYLOG_H
#define WSCAP_KEYLOG_H

#include "wscap/tls_keyring.h"

struct keylog;

/* path and keyring are the caller's and outlive it. What is there is read at once. NULL with *ret_error, an errno, when
 * it cannot be read; that it is not there is no error where may_be_missing says so. */
struct keylog *keylog_open(const char *path, struct tls_keyring *keyring, bool may_be_missing, int *ret_error);
/* The capture is over: a last line without its end counts too. */
void keylog_close(struct keylog *keylog);

/* Reads on, if the file has grown. Cheap when called often: the file is looked at once in KEYLOG_PERIOD_MS. */
enum {
	KEYLOG_PERIOD_MS = 20,
};
void keylog_refresh(struct keylog *keylog);
/* The same without that period: nothing more will ask. */
void keylog_refresh_now(struct keylog *keylog);

#endif
