/* The filter: libpcap's expressions, from the command line or from -F. */
#include "wscap/source_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"

enum {
	FILTER_FILE_MAX = 16 << 20, /* bytes of a -F file: nobody wrote a longer one by hand */
};

/* Reads all of file into memory of its own, with a zero behind it. 0 or a negative errno. */
static int read_all(FILE *file, char **ret)
{
	char *text = malloc(FILTER_FILE_MAX + 1);
	size_t len;

	if (!text)
		return -ENOMEM;
	len = fread(text, 1, FILTER_FILE_MAX + 1, file);
	if (ferror(file) || len > FILTER_FILE_MAX) {
		int error = ferror(file) ? errno : EFBIG;

		free(text);
		return -error;
	}
	text[len] = '\0';
	*ret = text;
	return 0;
}

/* The file's text, with "# comments" blanked as tcpdump does it. NULL with error set. */
static char *read_filter(const char *path, char error[static SENTENCE_SIZE])
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	int status = file ? read_all(file, &text) : -errno;

	if (file)
		fclose(file);
	if (!text) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(-status));
		return NULL;
	}
	for (char *at = text; (at = strchr(at, '#'));)
		memset(at, ' ', strcspn(at, "\n"));
	return text;
}

bool source_set_filter(pcap_t *pcap, const struct options *options, char error[static SENTENCE_SIZE])
{
	char *owned = NULL;
	const char *text = options->filter;
	struct bpf_program program;
	bool ok;

	if (options->filter_file) {
		text = owned = read_filter(options->filter_file, error);
		if (!text)
			return false;
	}
	if (!text)
		return true;
	ok = pcap_compile(pcap, &program, text, 1, 0) == 0;
	if (ok) {
		ok = pcap_setfilter(pcap, &program) == 0;
		pcap_freecode(&program);
	}
	if (!ok && options->filter_file)
		snprintf(error, SENTENCE_SIZE, "%s: %s", options->filter_file, pcap_geterr(pcap));
	else if (!ok)
		snprintf(error, SENTENCE_SIZE, _("filter \"%s\": %s"), text, pcap_geterr(pcap));
	free(owned);
	return ok;
}
