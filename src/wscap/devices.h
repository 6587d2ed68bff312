/* -D and -L: what can be captured from, as tcpdump lists it. */
#ifndef WSCAP_DEVICES_H
#define WSCAP_DEVICES_H

#include "base/log.h"
#include "wscap/options.h"

/* The devices, on standard output. False with a sentence in error . */
bool devices_list(char error[static SENTENCE_SIZE]);

/* The link types of the device that options name, on standard error as tcpdump has it. False with a sentence in error.
 */
bool devices_list_link_types(const struct options *options, char error[static SENTENCE_SIZE]);

#endif
