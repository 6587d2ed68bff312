/* What the kinds of sources share. Private to source*.c. */
#ifndef WSCAP_SOURCE_INTERNAL_H
#define WSCAP_SOURCE_INTERNAL_H

#include <pcap/pcap.h>
#include <stdatomic.h>

#include "wscap/options.h"
#include "wscap/source.h"

struct source_ops {
	enum source_step (*next)(struct source *source, struct packet *ret);
	size_t (*ahead)(struct source *source, struct packet *ret, size_t count); /* may be NULL */
	void (*fetch)(struct source *source, struct feed_window *window); /* may be NULL, as those by turns all are */
	int (*turn)(struct source *source, struct feed_window *window);
	int (*leave)(struct source *source, bool last);
	void (*announce)(const struct source *source);                        /* may be NULL */
	bool (*counters)(struct source *source, struct source_counters *ret); /* may be NULL */
	void (*say)(struct source *source);                                   /* sets error; may be NULL */
	void (*close)(struct source *source);                                 /* frees the source too */
};

/* The beginning of each kind's own struct. */
struct source {
	const struct source_ops *ops;
	const struct options *options;
	const char *name;    /* as it is printed */
	struct source *list; /* the list whose file it is, or NULL: then what is set below is the list's */
	int link_type;       /* DLT_*; of a file with several, its first */
	uint32_t snaplen;
	uint32_t resolution; /* of times, in nanoseconds */
	uint32_t interfaces; /* numbers that it has given so far */
	uint64_t delivered;
	atomic_bool stop;            /* also set by a signal handler, and read by the threads that take packets */
	bool left_out;               /* something was, as error says, although reading went on */
	void (*wait)(void *context); /* may be NULL */
	void *wait_context;
	source_secrets *secrets; /* may be NULL */
	void *secrets_context;
	source_blocks *blocks; /* may be NULL */
	void *blocks_context;
	char error[SENTENCE_SIZE];
};

/* Its interfaces are numbered from first_interface on. */
struct source *source_file_open(const struct options *options, const char *path, uint32_t first_interface,
				char error[static SENTENCE_SIZE]);
struct source *source_list_open(const struct options *options, char error[static SENTENCE_SIZE]);
struct source *source_live_open(const struct options *options, char error[static SENTENCE_SIZE]);

/* Opens the device that options name, by name or number, with all that options ask for, and no filter yet. ret_name
 * is the caller's to free. */
pcap_t *source_live_activate(const struct options *options, char **ret_name, char error[static SENTENCE_SIZE]);

/* Opens the same device once more. */
pcap_t *source_live_again(const struct options *options, const char *device, char error[static SENTENCE_SIZE]);

/* What is set after that: link type, filter, that it does not block. first: says on standard error what was chosen. */
bool source_live_prepare(pcap_t *pcap, const struct options *options, const char *device, bool first,
			 char error[static SENTENCE_SIZE]);

/* The filter of the command line or of -F, to be freed; NULL where there is none. False with error set. */
bool source_read_filter(const struct options *options, char **ret_text, char error[static SENTENCE_SIZE]);

/* Compiles it for packets as pcap has them. ret is to be freed with pcap_freecode(). */
bool source_compile_filter(pcap_t *pcap, const struct options *options, const char *text, struct bpf_program *ret,
			   char error[static SENTENCE_SIZE]);

/* ", link-type EN10MB (Ethernet)" as tcpdump has it. */
void source_describe_link(int link_type, char *text, size_t size);

/* Can what is asked for be done with a link type? It must be one that can be followed, but for -w alone. */
bool source_can_read(int link_type, const struct options *options);

/* "USB_LINUX", or its number where libpcap has no name for it. */
void source_link_name(int link_type, char *text, size_t size);

/* The sentence that name (a file's, a device's) has packets of these link types. */
void source_say_unknown(const char *name, const char *link_types, char error[static SENTENCE_SIZE]);

/* The first and the last at once. */
bool source_check_link(int link_type, const struct options *options, const char *name,
		       char error[static SENTENCE_SIZE]);

/* The time of the clock on the wall, as packets have it. */
int64_t source_now(void);

/* Calls wait, where there is one. */
void source_before_wait(struct source *source);

static inline bool source_stopped(const struct source *source)
{
	return source->stop || (source->list && source->list->stop);
}

#endif
