/* --help and --version. */
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "base/help.h"
#include "base/i18n.h"
#include "wscap/options_table.h"
#include "wscap/sink.h"

static void print_row(FILE *file, const struct option_row *row)
{
	char left[128];

	snprintf(left, sizeof(left), "%c%c%s%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
		 !row->name    ? ""
		 : row->letter ? ", --"
			       : "  --",
		 row->name ? row->name : "", row->argument ? " " : "", row->argument ? _(row->argument) : "");
	help_row(file, left, _(row->help));
}

void options_help(FILE *file)
{
	fprintf(file, _("Usage: %s [OPTION]... [FILTER]...\n"), "wscap");
	fprintf(file, "%s\n",
		_("Tells a captured WebSocket conversation, packet by packet. FILTER is tcpdump's: see "
		  "pcap-filter(7)."));
	for (const struct option_row *row = option_rows; row < option_rows + option_row_count; row++) {
		if (!row->set)
			fprintf(file, "\n%s:\n", _(row->help));
		else if (row->help)
			print_row(file, row);
	}
	fprintf(file, "\n%s:\n", _("Formats"));
	for (const struct sink_ops *const *sink = sinks; *sink; sink++)
		help_row(file, (*sink)->name, _((*sink)->help));
}

void options_version(FILE *file)
{
	fprintf(file, "wscap version " VERSION "\n%s\nzlib version %s\n", pcap_lib_version(), zlibVersion());
}
