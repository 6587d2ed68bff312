/* Where a run's TLS secrets come from: --keylog, the environment's SSLKEYLOGFILE, and what the capture file itself
 * brings along. */
#ifndef WSCAP_SECRETS_H
#define WSCAP_SECRETS_H

#include "wscap/decode.h"
#include "wscap/keylog.h"
#include "wscap/options.h"
#include "wscap/source.h"

struct secrets {
	struct tls_keyring *keyring;
	struct keylog *keylog; /* NULL: there is none */
	struct decode *decode; /* whom they are for */
};

/* Reads what is there. False with a sentence in error. Zeroes before. */
bool secrets_open(struct secrets *secrets, const struct options *options, char error[static SENTENCE_SIZE]);
/* From here on decode has them, also those that source brings or that are written later. */
void secrets_use(struct secrets *secrets, struct decode *decode, struct source *source);
/* Before decode is flushed: whatever was written since is read. */
void secrets_finish(struct secrets *secrets);
void secrets_close(struct secrets *secrets);

#endif
