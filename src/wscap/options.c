#include "wscap/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "wscap/options_table.h"
#include "wscap/packet.h"
#include "wscap/writer.h"

enum {
	LETTERS_MAX = 128,
	LONG_BASE = 256,      /* what getopt returns for row i: its letter, or LONG_BASE + i */
	COPY_WINDOW_MS = 500, /* a broadcast to many connections takes that long; a heartbeat comes less often */
};

void options_init(struct options *options)
{
	*options = (struct options){
	    .format = "story",
	    .rings = 1,
	    .backlog = BACKLOG_DEFAULT,
	    .copy_window = (int64_t)COPY_WINDOW_MS * (NSEC_PER_SEC / 1000),
	    .limits =
		{
		    .connections = LIMIT_CONNECTIONS,
		    .waiting = LIMIT_WAITING,
		    .waiting_total = LIMIT_WAITING_TOTAL,
		    .head = LIMIT_HEAD,
		    .message = LIMIT_MESSAGE,
		    .inflated = LIMIT_INFLATED,
		    .message_total = LIMIT_MESSAGE_TOTAL,
		    .fragments = LIMIT_FRAGMENTS,
		    .compared = LIMIT_COMPARED,
		    .streams = LIMIT_STREAMS,
		    .idle = (int64_t)LIMIT_IDLE_SECONDS * NSEC_PER_SEC,
		    .reorder = (int64_t)LIMIT_REORDER_MS * (NSEC_PER_SEC / 1000),
		    .reorder_packets = LIMIT_REORDER_PACKETS,
		    .tls_waiting = LIMIT_TLS_WAITING,
		    .tls_waiting_total = LIMIT_TLS_WAITING_TOTAL,
		    .keys = LIMIT_KEYS,
		},
	};
}

void options_finish(struct options *options)
{
	if (!options)
		return;
	free(options->filter);
	options->filter = NULL;
}

/* What getopt_long() wants to be told: the letters, a colon first so that it tells a missing argument apart. */
static void letters_of_rows(char letters[static LETTERS_MAX])
{
	char *at = letters;

	*at++ = ':';
	for (size_t i = 0; i < option_row_count; i++) {
		if (!option_rows[i].letter)
			continue;
		*at++ = option_rows[i].letter;
		if (option_rows[i].argument)
			*at++ = ':';
	}
	*at = '\0';
}

static struct option *names_of_rows(void)
{
	struct option *names = calloc(option_row_count + 1, sizeof(*names));
	size_t count = 0;

	if (!names)
		return NULL;
	for (size_t i = 0; i < option_row_count; i++) {
		const struct option_row *row = &option_rows[i];

		if (row->name)
			names[count++] = (struct option){
			    .name = row->name,
			    .has_arg = row->argument ? required_argument : no_argument,
			    .val = row->letter ? row->letter : LONG_BASE + (int)i,
			};
	}
	return names;
}

static const struct option_row *row_of(int code)
{
	if (code >= LONG_BASE)
		return &option_rows[code - LONG_BASE];
	for (size_t i = 0; i < option_row_count; i++) {
		if (option_rows[i].letter && option_rows[i].letter == code)
			return &option_rows[i];
	}
	return NULL;
}

/* getopt stopped. optopt is 0 for a long name that it does not know, else the letter (or the row) that it means; a
 * long option with an argument that it does not take is the only one that getopt knows and still calls '?'. */
static int complain_unknown(bool missing, char **argv, char *error, size_t error_size)
{
	const char *word = argv[optind - 1];
	int word_len = (int)strcspn(word, "=");
	char letter[] = {'-', (char)optopt, '\0'};
	bool is_long = strncmp(word, "--", 2) == 0;

	if (missing)
		snprintf(error, error_size, _("%s: an argument is missing"), is_long ? word : letter);
	else if (optopt && row_of(optopt))
		snprintf(error, error_size, _("%.*s: this option takes no argument"), word_len, word);
	else if (optopt)
		snprintf(error, error_size, _("%s: there is no such option; wscap --help lists them"), letter);
	else
		snprintf(error, error_size, _("%.*s: there is no such option; wscap --help lists them"), word_len,
			 word);
	return -EINVAL;
}

static int join_words(struct options *options, char **words)
{
	size_t len = 0;
	char *at;

	if (!*words)
		return 0;
	for (char **word = words; *word; word++)
		len += strlen(*word) + 1;
	free(options->filter);
	options->filter = malloc(len);
	if (!options->filter)
		return -ENOMEM;
	at = options->filter;
	for (char **word = words; *word; word++) {
		at = stpcpy(at, *word);
		*at++ = ' ';
	}
	at[-1] = '\0';
	return 0;
}

static int parse_with(struct options *options, const struct option *names, int argc, char **argv, char *error,
		      size_t error_size)
{
	char letters[LETTERS_MAX];
	int code;

	letters_of_rows(letters);
	opterr = 0;
	optind = 0; /* glibc: begin anew */
	for (;;) {
		int index = -1;
		char letter[] = {'-', '\0', '\0'}, name[64];
		struct option_use use = {.options = options, .error = error, .error_size = error_size};

		code = getopt_long(argc, argv, letters, names, &index);
		if (code == -1)
			break;
		if (code == '?' || code == ':')
			return complain_unknown(code == ':', argv, error, error_size);
		letter[1] = (char)code;
		snprintf(name, sizeof(name), "--%s", index < 0 ? "" : names[index].name);
		use.row = row_of(code);
		use.shown = index < 0 ? letter : name;
		use.text = use.row->argument ? optarg : NULL;
		if (!use.row->set(&use))
			return -EINVAL;
	}
	if (options->read_file && options->read_list) {
		snprintf(error, error_size, _("-V and -r are mutually exclusive"));
		return -EINVAL;
	}
	if (options->follow && !options->read_file) {
		snprintf(error, error_size, _("--follow needs a file to follow, named with -r"));
		return -EINVAL;
	}
	if (options->write_keys && !writer_is_pcapng(options)) {
		snprintf(error, error_size,
			 _("--write-keys needs a file that can hold them, named with -w FILE.pcapng"));
		return -EINVAL;
	}
	return join_words(options, argv + optind);
}

int options_parse(struct options *options, int argc, char **argv, char *error, size_t error_size)
{
	struct option *names = names_of_rows();
	int ret = names ? parse_with(options, names, argc, argv, error, error_size) : -ENOMEM;

	free(names);
	if (ret == -ENOMEM)
		snprintf(error, error_size, "%s", strerror(ENOMEM));
	return ret;
}
