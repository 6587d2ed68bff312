/* The live wire, through libpcap.
 *
 * The device is not blocking: we wait for it ourselves, so that whoever prints can show what there is first, and so
 * that time goes on while nothing comes. */
#include "wscap/source_internal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"

enum {
	TIMEOUT_MS = 1000,            /* the kernel gathers packets for that long; as tcpdump */
	TIMEOUT_INTERACTIVE_MS = 100, /* …where somebody is looking */
	RING_KIB = 16 * 1024,         /* libpcap's 2 MiB are some 10 ms of a fast network */
	IDLE_MS = 100,                /* at most this long between two looks at the clock and at signals */
};

struct live_source {
	struct source base;
	char *device;
	pcap_t *pcap;
	bool nanoseconds;
	int fd; /* to wait for, or -1 where the device has none: then we look every IDLE_MS */
};

/* A sentence that says which command gives the right. */
static void say_no_right(const char *device, char error[static SENTENCE_SIZE])
{
	char program[PATH_MAX] = "wscap";
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	if (len > 0)
		program[len] = '\0';
	snprintf(error, SENTENCE_SIZE,
		 _("%s: you have no right to capture; run as root, or give it to the program once: "
		   "sudo setcap cap_net_raw,cap_net_admin=eip %s"),
		 device, program);
}

static void say_failed(pcap_t *pcap, const char *device, int status, char error[static SENTENCE_SIZE])
{
	const char *words = status == PCAP_ERROR ? pcap_geterr(pcap) : pcap_statustostr(status);

	if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
		say_no_right(device, error);
	else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
		snprintf(error, SENTENCE_SIZE, _("%s: there is no such device; wscap -D lists them"), device);
	else
		snprintf(error, SENTENCE_SIZE, "%s: %s", device, words);
}

/* Everything that must be set before the device is opened. libpcap refuses these only for one that is open already. */
static void configure(pcap_t *pcap, const struct options *options)
{
	bool interactive = options_print(options) && (options->line_buffered || isatty(STDOUT_FILENO));

	pcap_set_promisc(pcap, !options->no_promiscuous);
	pcap_set_timeout(pcap, interactive ? TIMEOUT_INTERACTIVE_MS : TIMEOUT_MS);
	pcap_set_immediate_mode(pcap, options->immediate || interactive);
	if (options->snaplen)
		pcap_set_snaplen(pcap, (int)options->snaplen);
	pcap_set_buffer_size(pcap, (int)(options->buffer_kib ? options->buffer_kib : RING_KIB) * 1024);
	if (pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) != 0)
		pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_MICRO);
}

/* Returns 0, or libpcap's status with error set. */
static int activate(const struct options *options, const char *device, pcap_t **ret, char error[static SENTENCE_SIZE])
{
	char words[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_create(device, words);
	int status;

	if (!pcap) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", device, words);
		return PCAP_ERROR;
	}
	configure(pcap, options);
	status = pcap_activate(pcap);
	if (status < 0) {
		say_failed(pcap, device, status, error);
		pcap_close(pcap);
		return status;
	}
	if (status > 0)
		log_error("WARNING: %s: %s", device,
			  status == PCAP_WARNING ? pcap_geterr(pcap) : pcap_statustostr(status));
	*ret = pcap;
	return 0;
}

/* The name of the device that -D lists under number, or NULL. The caller frees it. */
static char *device_by_number(const char *number)
{
	char words[PCAP_ERRBUF_SIZE], *end, *name = NULL;
	long wanted = strtol(number, &end, 10);
	pcap_if_t *devices;

	if (end == number || *end || wanted <= 0 || pcap_findalldevs(&devices, words) != 0)
		return NULL;
	for (pcap_if_t *device = devices; device; device = device->next) {
		if (--wanted == 0)
			name = strdup(device->name);
	}
	pcap_freealldevs(devices);
	return name;
}

/* -y, and what tcpdump does for the any device: the second version of Linux cooked, which has the interface. */
static bool set_link_type(pcap_t *pcap, const struct options *options, const char *device,
			  char error[static SENTENCE_SIZE])
{
	const char *name = options->link_type;
	int type;

	if (!name && strncmp(device, "any", 3) != 0)
		return true;
	type = name ? pcap_datalink_name_to_val(name) : DLT_LINUX_SLL2;
	if (type < 0) {
		snprintf(error, SENTENCE_SIZE, _("-y %s: there is no such link type"), name);
		return false;
	}
	if (pcap_set_datalink(pcap, type) != 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", device, pcap_geterr(pcap));
		return false;
	}
	log_line("wscap: data link type %s", pcap_datalink_val_to_name(type));
	return true;
}

pcap_t *source_live_activate(const struct options *options, char **ret_name, char error[static SENTENCE_SIZE])
{
	char *device = strdup(options->device ? options->device : "any");
	pcap_t *pcap = NULL;
	char *other;
	int status;

	if (!device) {
		snprintf(error, SENTENCE_SIZE, "%s", strerror(ENOMEM));
		return NULL;
	}
	status = activate(options, device, &pcap, error);
	if (status == PCAP_ERROR_NO_SUCH_DEVICE && (other = device_by_number(device))) {
		free(device);
		device = other;
		status = activate(options, device, &pcap, error);
	}
	if (status == 0 && options->direction &&
	    pcap_setdirection(pcap, options->direction == 'i' ? PCAP_D_IN : PCAP_D_OUT) != 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", device, pcap_geterr(pcap));
		pcap_close(pcap);
		status = PCAP_ERROR;
	}
	if (status != 0) {
		free(device);
		return NULL;
	}
	*ret_name = device;
	return pcap;
}

/* One packet, as pcap_next_ex() gave it. */
static void fill(const struct live_source *live, const struct pcap_pkthdr *header, const u_char *bytes,
		 struct packet *ret)
{
	int64_t fraction = header->ts.tv_usec;

	ret->time = header->ts.tv_sec * NSEC_PER_SEC + (live->nanoseconds ? fraction : fraction * 1000);
	ret->wire_len = header->len;
	ret->link_type = live->base.link_type;
	ret->interface = 0;
	ret->options = ws_span_of(NULL, 0);
	ret->options_big = false;
	ret->bytes = ws_span_of(bytes, header->caplen);
}

static enum source_step live_next(struct source *source, struct packet *ret)
{
	struct live_source *live = (struct live_source *)source;
	struct pollfd fd = {.fd = live->fd, .events = POLLIN};
	struct pcap_pkthdr *header;
	const u_char *bytes;

	for (;;) {
		int status = pcap_next_ex(live->pcap, &header, &bytes);

		if (status == 1) {
			fill(live, header, bytes, ret);
			return SOURCE_PACKET;
		}
		if (status < 0) {
			snprintf(source->error, sizeof(source->error), "%s: %s", source->name, pcap_geterr(live->pcap));
			return SOURCE_ERROR;
		}
		source_before_wait(source);
		if (poll(&fd, 1, IDLE_MS) <= 0) {
			ret->time = source_now();
			return SOURCE_IDLE;
		}
	}
}

static void live_announce(const struct source *source)
{
	const struct live_source *live = (const struct live_source *)source;
	char link[256];

	source_describe_link(source->link_type, link, sizeof(link));
	if (!source->options->verbose && !source->options->write_file)
		log_line("wscap: verbose output suppressed, use -v[v]... for full protocol decode\n"
			 "listening on %s%s, snapshot length %d bytes",
			 source->name, link, pcap_snapshot(live->pcap));
	else
		log_line("wscap: listening on %s%s, snapshot length %d bytes", source->name, link,
			 pcap_snapshot(live->pcap));
}

static bool live_counters(struct source *source, struct source_counters *ret)
{
	const struct live_source *live = (const struct live_source *)source;
	struct pcap_stat counters = {0};

	if (pcap_stats(live->pcap, &counters) != 0)
		return false;
	ret->received = counters.ps_recv;
	ret->dropped = counters.ps_drop;
	ret->dropped_by_interface = counters.ps_ifdrop;
	return true;
}

static void live_close(struct source *source)
{
	struct live_source *live = (struct live_source *)source;

	if (live->pcap)
		pcap_close(live->pcap);
	free(live->device);
	free(live);
}

static const struct source_ops live_ops = {
    .next = live_next,
    .announce = live_announce,
    .counters = live_counters,
    .close = live_close,
};

static bool set_filter(pcap_t *pcap, const struct options *options, char error[static SENTENCE_SIZE])
{
	struct bpf_program program;
	char *text;
	bool ok;

	if (!source_read_filter(options, &text, error))
		return false;
	if (!text)
		return true;
	ok = source_compile_filter(pcap, options, text, &program, error);
	if (ok) {
		ok = pcap_setfilter(pcap, &program) == 0;
		if (!ok)
			snprintf(error, SENTENCE_SIZE, "%s", pcap_geterr(pcap));
		pcap_freecode(&program);
	}
	free(text);
	return ok;
}

struct source *source_live_open(const struct options *options, char error[static SENTENCE_SIZE])
{
	struct live_source *live = calloc(1, sizeof(*live));
	char words[PCAP_ERRBUF_SIZE];

	if (!live) {
		snprintf(error, SENTENCE_SIZE, "%s", strerror(ENOMEM));
		return NULL;
	}
	live->base = (struct source){.ops = &live_ops, .options = options};
	live->pcap = source_live_activate(options, &live->device, error);
	live->base.name = live->device;
	if (!live->pcap || !set_link_type(live->pcap, options, live->device, error))
		goto fail;
	live->base.link_type = pcap_datalink(live->pcap);
	live->base.snaplen = (uint32_t)pcap_snapshot(live->pcap);
	live->nanoseconds = pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO;
	live->base.resolution = live->nanoseconds ? 1 : 1000;
	live->base.interfaces = 1;
	if (!source_check_link(live->base.link_type, options, live->device, error) ||
	    !set_filter(live->pcap, options, error))
		goto fail;
	if (pcap_setnonblock(live->pcap, 1, words) != 0) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", live->device, words);
		goto fail;
	}
	live->fd = pcap_get_selectable_fd(live->pcap);
	return &live->base;
fail:
	live_close(&live->base);
	return NULL;
}
