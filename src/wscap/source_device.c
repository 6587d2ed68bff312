/* A live device, opened and made ready as the options ask for it. */
#include "wscap/source_internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"
#include "wscap/taker.h"

enum {
	TIMEOUT_MS = 1000,           /* the kernel gathers packets for that long; as tcpdump */
	TIMEOUT_INTERACTIVE_MS = 10, /* …where somebody is looking */
	RING_KIB = 16 * 1024,        /* libpcap's 2 MiB are some 10 ms of a fast network */
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
	pcap_set_timeout(pcap, options->rings > 1 ? TAKERS_GATHER_MS
			       : interactive      ? TIMEOUT_INTERACTIVE_MS
						  : TIMEOUT_MS);
	/* Not where somebody looks, as tcpdump has it: then each packet takes as much of the ring as the longest can
	 * have, and 16 MiB are 256 packets of loopback. */
	pcap_set_immediate_mode(pcap, options->immediate);
	if (options->snaplen)
		pcap_set_snaplen(pcap, (int)options->snaplen);
	pcap_set_buffer_size(pcap, (int)(options->buffer_kib ? options->buffer_kib : RING_KIB) * 1024);
	if (pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) != 0)
		pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_MICRO);
}

/* Returns 0, or libpcap's status with error set. first: says on standard error what libpcap warns of. */
static int activate(const struct options *options, const char *device, bool first, pcap_t **ret,
		    char error[static SENTENCE_SIZE])
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
	if (status > 0 && first)
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
static bool set_link_type(pcap_t *pcap, const struct options *options, const char *device, bool first,
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
	if (first)
		log_line("wscap: data link type %s", pcap_datalink_val_to_name(type));
	return true;
}

/* -Q. Closes pcap where it fails. */
static bool set_direction(pcap_t *pcap, const struct options *options, const char *device,
			  char error[static SENTENCE_SIZE])
{
	if (!options->direction || pcap_setdirection(pcap, options->direction == 'i' ? PCAP_D_IN : PCAP_D_OUT) == 0)
		return true;
	snprintf(error, SENTENCE_SIZE, "%s: %s", device, pcap_geterr(pcap));
	pcap_close(pcap);
	return false;
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
	status = activate(options, device, true, &pcap, error);
	if (status == PCAP_ERROR_NO_SUCH_DEVICE && (other = device_by_number(device))) {
		free(device);
		device = other;
		status = activate(options, device, true, &pcap, error);
	}
	if (status != 0 || !set_direction(pcap, options, device, error)) {
		free(device);
		return NULL;
	}
	*ret_name = device;
	return pcap;
}

pcap_t *source_live_again(const struct options *options, const char *device, char error[static SENTENCE_SIZE])
{
	pcap_t *pcap;

	if (activate(options, device, false, &pcap, error) != 0 || !set_direction(pcap, options, device, error))
		return NULL;
	return pcap;
}

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

/* A packet on its way out, which libpcap takes from the ring and throws away: on loopback, where the same one comes in,
 * and with -Q in. Then the kernel need not put it there. One older than 4.20 does, as before. */
static void ignore_outgoing(pcap_t *pcap, const struct options *options, const char *device)
{
	int on = 1;

	if (options->direction == 'i' || strcmp(device, "lo") == 0)
		setsockopt(pcap_fileno(pcap), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
}

bool source_live_prepare(pcap_t *pcap, const struct options *options, const char *device, bool first,
			 char error[static SENTENCE_SIZE])
{
	char words[PCAP_ERRBUF_SIZE];

	if (!set_link_type(pcap, options, device, first, error) ||
	    !source_check_link(pcap_datalink(pcap), options, device, error) || !set_filter(pcap, options, error))
		return false;
	ignore_outgoing(pcap, options, device);
	if (pcap_setnonblock(pcap, 1, words) == 0)
		return true;
	snprintf(error, SENTENCE_SIZE, "%s: %s", device, words);
	return false;
}
