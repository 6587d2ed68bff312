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

bool source_read_filter(const struct options *options, char **ret_text, char error[static SENTENCE_SIZE])
{
	*ret_text = NULL;
	if (options->filter_file) {
		*ret_text = read_filter(options->filter_file, error);
		return *ret_text;
	}
	if (!options->filter)
		return true;
	*ret_text = strdup(options->filter);
	if (!*ret_text)
		snprintf(error, SENTENCE_SIZE, "%s", strerror(ENOMEM));
	return *ret_text;
}

bool source_compile_filter(pcap_t *pcap, const struct options *options, const char *text, struct bpf_program *ret,
			   char error[static SENTENCE_SIZE])
{
	if (pcap_compile(pcap, ret, text, 1, 0) == 0)
		return true;
	if (options->filter_file)
		snprintf(error, SENTENCE_SIZE, "%s: %s", options->filter_file, pcap_geterr(pcap));
	else
		snprintf(error, SENTENCE_SIZE, _("filter \"%s\": %s"), text, pcap_geterr(pcap));
	return false;
}
