/* wschat's options, on the command line and in the configuration file: every one, every complaint. */
#include "test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "wschat/options.h"
#include "wschat/options_table.h"

enum {
	WORDS_MAX = 160,
};

static struct options options;
static char error[OPTIONS_ERROR_MAX];
static char config_path[] = "/tmp/wschat-options-XXXXXX";
static char line_copy[8192];

static int make_config(void **state)
{
	int fd = mkstemp(config_path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int drop_config(void **state)
{
	(void)state;
	options_finish(&options);
	return unlink(config_path);
}

/* Reads config and a command line whose words are parted by single spaces. */
static enum options_result read_both(const char *config, const char *line)
{
	static char program[] = "wschat", config_option[] = "--config";
	char *argv[WORDS_MAX] = {program, config_option, config_path};
	FILE *file = fopen(config_path, "we");
	int argc = 3;

	assert_non_null(file);
	assert_true(fputs(config, file) >= 0);
	assert_int_equal(fclose(file), 0);
	i18n_init("en"); /* --lang may have changed it */
	options_finish(&options);
	options_init(&options);
	*error = '\0';
	snprintf(line_copy, sizeof(line_copy), "%s", line);
	for (char *word = strtok(line_copy, " "); word && argc < WORDS_MAX - 1; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_read(&options, argc, argv, error);
}

static void refused(const char *line, const char *complaint)
{
	assert_int_equal(read_both("", line), OPTIONS_WRONG);
	assert_string_equal(error, complaint);
}

/* complaint is what follows the file's name. */
static void refused_in_file(const char *config, const char *complaint)
{
	assert_int_equal(read_both(config, ""), OPTIONS_WRONG);
	assert_memory_equal(error, config_path, strlen(config_path));
	assert_string_equal(error + strlen(config_path), complaint);
}

static void check_network(const struct network *network, const char *address, unsigned bits)
{
	unsigned char want[16];

	assert_int_equal(inet_pton(AF_INET6, address, want), 1);
	assert_memory_equal(network->address, want, sizeof(want));
	assert_int_equal(network->bits, bits);
}

static void check_defaults(void **state)
{
	(void)state;
	assert_int_equal(read_both("", ""), OPTIONS_RUN);
	assert_int_equal(options.listen.count + options.web.count + options.origins.count + options.proxy_count, 0);
	assert_int_equal(options.limits.max_connections, LIMIT_MAX_CONNECTIONS);
	assert_int_equal(options.limits.message_rate, LIMIT_MESSAGE_RATE);
	assert_int_equal(options.durability, DURABILITY_PROCESS);
	assert_int_equal(options.log_level, LOG_NOTICES);
	assert_true(options.compress);
	assert_true(options.io_uring);
	assert_false(options.echo || options.log_json);
	assert_null(options.data_folder);
}

/* One value for each option, which must then be where it belongs. */
static const char *const every[][2] = {
    {"listen", "127.0.0.1:1"},
    {"web", "[::1]:2"},
    {"origin", "https://*.example.org"},
    {"trusted-proxy", "10.0.0.0/8"},
    {"websocket-url", "wss://chat.example.org/ws"},
    {"web-root", "web"},
    {"echo", NULL},
    {"data", "/srv/chat"},
    {"durability", "power"},
    {"max-connections", "0"},
    {"connections-per-address", "7"},
    {"message-rate", "8"},
    {"max-rooms", "9"},
    {"max-users-per-room", "2K"},
    {"max-message", "64K"},
    {"max-waiting", "3M"},
    {"handshake-timeout", "11"},
    {"ping-interval", "12"},
    {"idle-timeout", "13"},
    {"close-timeout", "14"},
    {"history-page", "15"},
    {"threads", "16"},
    {"no-compress", NULL},
    {"no-io-uring", NULL},
    {"control", "/run/control"},
    {"log", "requests"},
    {"log-format", "json"},
    {"lang", "it"},
};

static void check_every_value(void)
{
	assert_string_equal(options.listen.at[0], "127.0.0.1:1");
	assert_string_equal(options.web.at[0], "[::1]:2");
	assert_string_equal(options.origins.at[0], "https://*.example.org");
	assert_int_equal(options.proxy_count, 1);
	check_network(&options.proxies[0], "::ffff:10.0.0.0", 104);
	assert_string_equal(options.websocket_url, "wss://chat.example.org/ws");
	assert_string_equal(options.web_root, "web");
	assert_true(options.echo);
	assert_string_equal(options.data_folder, "/srv/chat");
	assert_int_equal(options.durability, DURABILITY_POWER);
	assert_int_equal(options.limits.max_connections, 0);
	assert_int_equal(options.limits.connections_per_address, 7);
	assert_int_equal(options.limits.message_rate, 8);
	assert_int_equal(options.limits.max_rooms, 9);
	assert_int_equal(options.limits.max_users_per_room, 2048);
	assert_int_equal(options.limits.max_message, 65536);
	assert_int_equal(options.limits.max_waiting, 3 << 20);
	assert_int_equal(options.limits.handshake_timeout, 11);
	assert_int_equal(options.limits.ping_interval, 12);
	assert_int_equal(options.limits.idle_timeout, 13);
	assert_int_equal(options.limits.close_timeout, 14);
	assert_int_equal(options.limits.history_page, 15);
	assert_int_equal(options.threads, 16);
	assert_false(options.compress);
	assert_false(options.io_uring);
	assert_string_equal(options.control, "/run/control");
	assert_int_equal(options.log_level, LOG_REQUESTS);
	assert_true(options.log_json);
	assert_string_equal(options.lang, "it");
}

static void check_every_option(void **state)
{
	char line[4096] = "", config[4096] = "";
	size_t rows = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(*every); i++) {
		const char *value = every[i][1] ? every[i][1] : "";
		size_t used = strlen(line), written = strlen(config);

		snprintf(line + used, sizeof(line) - used, "--%s %s ", every[i][0], value);
		snprintf(config + written, sizeof(config) - written, "%s %s\n", every[i][0], value);
	}
	assert_int_equal(read_both("", line), OPTIONS_RUN);
	check_every_value();
	assert_int_equal(read_both(config, ""), OPTIONS_RUN);
	check_every_value();

	for (size_t i = 0; i < option_row_count; i++)
		rows += option_rows[i].set && strcmp(option_rows[i].name, "config") != 0;
	assert_int_equal(rows, sizeof(every) / sizeof(*every)); /* none was forgotten above */
}

static void check_file(void **state)
{
	(void)state;
	assert_int_equal(read_both("# a comment\n"
				   "\n"
				   "  threads = 3  \r\n"
				   "web-root=a folder\n"
				   "listen :1\n"
				   "listen\t:2\n"
				   "trusted-proxy ::1\n"
				   "echo", /* no newline at the end */
				   ""),
			 OPTIONS_RUN);
	assert_int_equal(options.threads, 3);
	assert_string_equal(options.web_root, "a folder");
	assert_int_equal(options.listen.count, 2);
	assert_string_equal(options.listen.at[1], ":2");
	check_network(&options.proxies[0], "::1", 128);
	assert_true(options.echo);
}

static void check_wrong_file(void **state)
{
	char *long_text = malloc((1 << 20) + 2);

	(void)state;
	refused_in_file("threads 2\nthreds 2\n", ": line 2: there is no option 'threds'");
	refused_in_file("\n\nhelp\n", ": line 3: there is no option 'help'");
	refused_in_file("config /etc/other\n", ": line 1: there is no option 'config'");
	refused_in_file("threads\n", ": line 1: 'threads' wants a value");
	refused_in_file("echo yes\n", ": line 1: 'echo' takes no value");
	refused_in_file("threads = many", ": line 1: threads: cannot be 'many'");
	refused_in_file("log loud", ": line 1: log: cannot be 'loud'");

	assert_non_null(long_text);
	memset(long_text, '\n', (1 << 20) + 1);
	long_text[(1 << 20) + 1] = '\0';
	refused_in_file(long_text, ": too long for a configuration");
	free(long_text);
	refused("--config /nonexistent/wschat.conf", "/nonexistent/wschat.conf: No such file or directory");
}

static void check_precedence(void **state)
{
	static const char config[] = "threads 2\nlisten :1\nlisten :2\norigin a\ntrusted-proxy 10.0.0.1\nlang it\n";

	(void)state;
	assert_int_equal(read_both(config, "--threads 5 --listen :3 --trusted-proxy ::1 --lang zh_CN"), OPTIONS_RUN);
	assert_int_equal(options.threads, 5);
	assert_int_equal(options.listen.count, 1);
	assert_string_equal(options.listen.at[0], ":3");
	assert_int_equal(options.origins.count, 1); /* what the command line does not name stays */
	assert_int_equal(options.proxy_count, 1);
	check_network(&options.proxies[0], "::1", 128);
	assert_string_equal(options.lang, "zh_CN");
}

static void check_lists(void **state)
{
	char line[64 * 12 + 64] = "";

	(void)state;
	for (int i = 0; i < OPTION_LIST_MAX; i++)
		strcat(line, "--origin a ");
	assert_int_equal(read_both("", line), OPTIONS_RUN);
	assert_int_equal(options.origins.count, OPTION_LIST_MAX);
	strcat(line, "--origin b");
	assert_int_equal(read_both("", line), OPTIONS_WRONG);
}

static void check_wrong_line(void **state)
{
	(void)state;
	refused("--no-such-option", "there is no option --no-such-option");
	refused("-x", "there is no option -x");
	refused("--threads", "--threads wants a value");
	refused("--echo=1", "--echo takes no value");
	refused("--threads 0", "--threads: cannot be '0'");
	refused("--threads 257", "--threads: cannot be '257'");
	refused("--threads -1", "--threads: cannot be '-1'");
	refused("--threads 2x", "--threads: cannot be '2x'");
	refused("--max-message 1T", "--max-message: cannot be '1T'");
	refused("--max-message 99999999999999999999", "--max-message: cannot be '99999999999999999999'");
	refused("--max-waiting 18014398509481985K", "--max-waiting: cannot be '18014398509481985K'");
	refused("--trusted-proxy 10.0.0.0/33", "--trusted-proxy: cannot be '10.0.0.0/33'");
	refused("--trusted-proxy somewhere", "--trusted-proxy: cannot be 'somewhere'");
	refused("--websocket-url https://chat.example.org", "--websocket-url: cannot be 'https://chat.example.org'");
	refused("--websocket-url ws://a/\"}", "--websocket-url: cannot be 'ws://a/\"}'");
	refused("--durability eternal", "--durability: cannot be 'eternal'");
	refused("--log-format xml", "--log-format: cannot be 'xml'");
	refused("--lang tlh", "--lang: cannot be 'tlh'");
	refused("--ping-interval 60 --idle-timeout 60", "--idle-timeout (60) must be longer than --ping-interval (60)");
	refused("stop", "'stop' is no command: status and connections are");
}

static void check_commands(void **state)
{
	(void)state;
	assert_int_equal(read_both("", "status"), OPTIONS_STATUS);
	assert_int_equal(read_both("", "connections"), OPTIONS_CONNECTIONS);
	assert_int_equal(read_both("", "--data /srv/chat status"), OPTIONS_STATUS);
	assert_int_equal(read_both("", "status --data /srv/chat"), OPTIONS_STATUS);
	assert_string_equal(options.data_folder, "/srv/chat");
	/* Help does not wait for a configuration that is right. */
	assert_int_equal(read_both("nonsense", "--help"), OPTIONS_HELP);
	assert_int_equal(read_both("nonsense", "-h"), OPTIONS_HELP);
	assert_int_equal(read_both("nonsense", "--version"), OPTIONS_VERSION);
}

/* Every option is there, in every language. (test_help has the columns.) */
static void check_help(void **state)
{
	(void)state;
	for (const char *const *lang = i18n_languages; *lang; lang++) {
		char *text = NULL;
		size_t len = 0;
		FILE *file = open_memstream(&text, &len);

		assert_non_null(file);
		assert_true(i18n_init(*lang));
		options_help(file);
		fclose(file);
		for (size_t i = 0; i < option_row_count; i++) {
			char name[64];

			if (!option_rows[i].name)
				continue;
			snprintf(name, sizeof(name), "--%s", option_rows[i].name);
			assert_non_null(strstr(text, name));
		}
		free(text);
	}
	i18n_init("en");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(check_defaults),   cmocka_unit_test(check_every_option), cmocka_unit_test(check_file),
	    cmocka_unit_test(check_wrong_file), cmocka_unit_test(check_precedence),   cmocka_unit_test(check_lists),
	    cmocka_unit_test(check_wrong_line), cmocka_unit_test(check_commands),     cmocka_unit_test(check_help),
	};

	return cmocka_run_group_tests(tests, make_config, drop_config);
}
