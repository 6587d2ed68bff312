/* What a run has, and what run.c and run_open.c share. */
#ifndef WSCAP_RUN_INTERNAL_H
#define WSCAP_RUN_INTERNAL_H

#include "wscap/comments.h"
#include "wscap/run.h"
#include "wscap/secrets.h"
#include "wscap/writer.h"

struct run {
	const struct options *options;
	struct source *source;
	struct writer *writer;  /* NULL without -w, or after it ended */
	struct secrets secrets; /* of TLS, where something is decoded */
	struct comments comments;
	bool commenting;       /* for the file that is written */
	struct decode *decode; /* NULL when nothing is told of packets */
	struct sink sink;
	void (*on_packet)(struct sink *sink, const struct packet_view *view); /* the sink's, or NULL */
	struct out out;
	uint64_t captured;
	unsigned ahead;   /* packets that were looked at before they came, at the last such look */
	unsigned look_in; /* so many packets is the next one */
	bool plain;       /* packets are only decoded and told, all of them */
	bool flush_each;  /* each packet is shown at once, however fast they come */
	bool turned;      /* the press's next page goes on */
	bool done;
	bool source_failed;
	bool out_ended; /* it failed, or who read it went away; that was said */
	int status;     /* the exit status so far */
};

/* run.c */
/* Says why the run ends with an error, and that it ends. */
void run_fail(struct run *run, const char *sentence);
/* Everything that is printed so far is to be seen. */
void run_flush(struct run *run);

/* run_open.c */
/* In tcpdump's order: what needs root, then -Z, then what is written. False: it was said why not. */
bool run_open(struct run *run, const struct sink_ops *ops);
void run_close(struct run *run);

#endif
