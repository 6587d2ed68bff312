/* Every option, once: the command line, the configuration file, the help, the manual's test and the completions follow
 * from here. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/help.h"
#include "base/i18n.h"
#include "wschat/options_table.h"

#define FIELD(name) offsetof(struct options, name)

const struct option_row option_rows[] = {
    {NULL, NULL, N_("Where it is reached"), NULL, 0, 0, 0},
    {"listen", N_("ADDRESS:PORT"), N_("speak WebSocket here (127.0.0.1:7272); may be repeated"), set_list,
     FIELD(listen), 0, 0},
    {"web", N_("ADDRESS:PORT"),
     N_("give the page here, and the WebSocket at /ws (127.0.0.1:55151; none: no page); may be repeated"), set_list,
     FIELD(web), 0, 0},
    {"origin", N_("PATTERN"), N_("let pages of this origin open the chat, besides its own; may be repeated"), set_list,
     FIELD(origins), 0, 0},
    {"trusted-proxy", N_("ADDRESS[/BITS]"), N_("believe X-Forwarded-For from here; may be repeated"), set_proxy, 0, 0,
     0},
    {"websocket-url", N_("URL"), N_("tell the page that the WebSocket is there"), set_url, FIELD(websocket_url), 0, 0},
    {"web-root", N_("FOLDER"), N_("give the page's files from this folder instead of the built-in ones"), set_text,
     FIELD(web_root), 0, 0},
    {"echo", NULL, N_("open /echo, for conformance suites"), set_true, FIELD(echo), 0, 0},
    {NULL, NULL, N_("What it keeps"), NULL, 0, 0, 0},
    {"data", N_("FOLDER"), N_("keep the history in this folder (in the user's data folder)"), set_text,
     FIELD(data_folder), 0, 0},
    {"durability", N_("process|power"),
     N_("what was delivered survives the end of the process (default), or of the power"), set_durability, 0, 0, 0},
    {NULL, NULL, N_("Limits; 0 means none where it says so"), NULL, 0, 0, 0},
    {"max-connections", N_("NUMBER"), N_("open connections in all (100000); 0 none"), set_u32,
     FIELD(limits.max_connections), 0, UINT32_MAX},
    {"connections-per-address", N_("NUMBER"), N_("of one IPv4 address or IPv6 /64 (100); 0 none"), set_u32,
     FIELD(limits.connections_per_address), 0, UINT32_MAX},
    {"message-rate", N_("NUMBER"), N_("messages a second and client (10); 0 none"), set_u32, FIELD(limits.message_rate),
     0, 100000},
    {"max-rooms", N_("NUMBER"), N_("rooms with somebody in them (10000); 0 none"), set_u32, FIELD(limits.max_rooms), 0,
     UINT32_MAX},
    {"max-users-per-room", N_("NUMBER"), N_("people in one room (20000); 0 none"), set_u32,
     FIELD(limits.max_users_per_room), 0, UINT32_MAX},
    {"max-message", N_("BYTES"), N_("of one WebSocket message from a client (128K)"), set_size,
     FIELD(limits.max_message), 1024, 64 << 20},
    {"max-waiting", N_("BYTES"), N_("that wait for a client who does not read (1M); then it is closed with 1008"),
     set_size, FIELD(limits.max_waiting), 4096, UINT32_MAX},
    {"handshake-timeout", N_("SECONDS"), N_("for a request's head (10)"), set_u32, FIELD(limits.handshake_timeout), 1,
     3600},
    {"ping-interval", N_("SECONDS"), N_("of silence before a ping (30)"), set_u32, FIELD(limits.ping_interval), 1,
     86400},
    {"idle-timeout", N_("SECONDS"), N_("of silence before a client is given up (90)"), set_u32,
     FIELD(limits.idle_timeout), 1, 86400},
    {"close-timeout", N_("SECONDS"), N_("for the answer to a close frame (5)"), set_u32, FIELD(limits.close_timeout), 1,
     3600},
    {"history-page", N_("NUMBER"), N_("messages that one request for older ones gives (100)"), set_u32,
     FIELD(limits.history_page), 1, RESUME_MAX},
    {NULL, NULL, N_("How it runs"), NULL, 0, 0, 0},
    {"threads", N_("NUMBER"), N_("loop threads (as many as cores)"), set_u32, FIELD(threads), 1, 256},
    {"no-compress", NULL, N_("do not agree to permessage-deflate"), set_false, FIELD(compress), 0, 0},
    {"no-io-uring", NULL, N_("send to each client with a system call of its own"), set_false, FIELD(io_uring), 0, 0},
    {"control", N_("PATH"), N_("the socket that 'wschat status' asks (control in the data folder)"), set_text,
     FIELD(control), 0, 0},
    {"log", N_("errors|notices|requests"), N_("how much is logged (notices)"), set_log, 0, 0, 0},
    {"log-format", N_("text|json"), N_("how it is logged (text)"), set_log_format, 0, 0, 0},
    {"lang", N_("LANGUAGE"), N_("en, it or zh_CN, instead of the locale's"), set_lang, 0, 0, 0},
    {"config", N_("FILE"), N_("read options from here, one a line: name value (/etc/wschat.conf)"), set_text,
     FIELD(config), 0, 0},
    {"help", NULL, N_("print this"), NULL, 0, 0, 0},
    {"version", NULL, N_("print the version"), NULL, 0, 0, 0},
};

const size_t option_row_count = sizeof(option_rows) / sizeof(*option_rows);

static_assert(sizeof(option_rows) / sizeof(*option_rows) <= OPTION_ROWS_MAX, "room for all");

void options_help(FILE *to)
{
	fprintf(to, "%s",
		_("Usage: wschat [OPTION…]\n"
		  "       wschat [OPTION…] status | connections\n"
		  "A chat over WebSocket, and the page for it.\n"));
	for (const struct option_row *row = option_rows; row < option_rows + option_row_count; row++) {
		char left[96];

		if (!row->name) {
			fprintf(to, "\n%s:\n", _(row->help));
			continue;
		}
		snprintf(left, sizeof(left), "%s--%s%s%s", strcmp(row->name, "help") == 0 ? "-h, " : "", row->name,
			 row->argument ? " " : "", row->argument ? _(row->argument) : "");
		help_row(to, left, _(row->help));
	}
}
