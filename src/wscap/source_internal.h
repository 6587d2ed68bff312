/* What the kinds of sources share. Private to source*.c. */
#ifndef WSCAP_SOURCE_INTERNAL_H
#define WSCAP_SOURCE_INTERNAL_H

#include <pcap/pcap.h>
#include <signal.h>

#include "wscap/options.h"
#include "wscap/source.h"

struct source_ops {
	enum source_step (*next)(struct source *source, struct packet *ret);
	void (*announce)(const struct source *source);                        /* may be NULL */
	bool (*counters)(struct source *source, struct source_counters *ret); /* may be NULL */
	void (*close)(struct source *source);                                 /* frees the source too */
};

/* The beginning of each kind's own struct. */
struct source {
	const struct source_ops *ops;
	const struct options *options;
	const char *name; /* as it is printed */
	pcap_t *pcap;     /* NULL where it has none of its own */
	uint64_t delivered;
	volatile sig_atomic_t stop;
	void (*wait)(void *context); /* may be NULL */
	void *wait_context;
	source_secrets *secrets; /* may be NULL */
	void *secrets_context;
	char error[SENTENCE_SIZE];
};

struct source *source_file_open(const struct options *options, const char *path, char error[static SENTENCE_SIZE]);
struct source *source_list_open(const struct options *options, char error[static SENTENCE_SIZE]);
struct source *source_live_open(const struct options *options, char error[static SENTENCE_SIZE]);

/* Opens the device that options name, by name or number, with all that options ask for, and no filter yet. ret_name
 * is the caller's to free. */
pcap_t *source_live_activate(const struct options *options, char **ret_name, char error[static SENTENCE_SIZE]);

/* Compiles the filter of the command line or of -F for pcap and sets it. */
bool source_set_filter(pcap_t *pcap, const struct options *options, char error[static SENTENCE_SIZE]);

/* ", link-type EN10MB (Ethernet)" as tcpdump has it. */
void source_describe_link(pcap_t *pcap, char *text, size_t size);

/* Can what is asked for be done with pcap's link type? It must be one that can be followed, but for -w alone. */
bool source_check_link(pcap_t *pcap, const struct options *options, const char *name, char error[static SENTENCE_SIZE]);

/* One packet of pcap, as pcap_next_ex() gave it. */
void source_fill(const struct source *source, const struct pcap_pkthdr *header, const u_char *bytes,
		 struct packet *ret);

/* Calls wait, where there is one. */
void source_before_wait(struct source *source);

#endif
