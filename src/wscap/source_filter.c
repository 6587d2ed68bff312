/* The filter: libpcap's expressions, from the command line or from -F. */
#include "wscap/source_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/i18n.h"

enum {
	FILTER_FILE_MAX = 16 << 20, /* bytes of a -F file: nobody wrote a longer one by hand */
};

/* The file's text, with "# comments" blanked as tcpdump does. NULL with error set. */
static char *read_filter(const char *path, char error[static SENTENCE_SIZE])
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t len = 0;

	if (file) {
		text = malloc(FILTER_FILE_MAX + 1);
		if (text)
			len = fread(text, 1, FILTER_FILE_MAX, file);
	}
	if (!file || !text || ferror(file)) {
		snprintf(error, SENTENCE_SIZE, "%s: %s", path, strerror(errno));
		free(text);
		text = NULL;
	} else {
		text[len] = '\0';
		for (char *at = text; (at = strchr(at, '#'));)
			memset(at, ' ', strcspn(at, "\n"));
	}
	if (file)
		fclose(file);
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
