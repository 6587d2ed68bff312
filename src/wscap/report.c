#include "wscap/report.h"

#include <stdio.h>

#include "base/i18n.h"
#include "base/log.h"
#include "base/out.h"

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

void report_capture(struct source *source, uint64_t captured, bool in_one_line)
{
	const char *separator = in_one_line ? ", " : "\n";
	struct source_counters counters;
	char by_interface[64] = "", left[64] = "";

	if (!source_counters(source, &counters))
		return;
	if (counters.dropped_by_interface)
		snprintf(by_interface, sizeof(by_interface), "%s%llu packet%s dropped by interface", separator,
			 (unsigned long long)counters.dropped_by_interface, plural(counters.dropped_by_interface));
	if (counters.left)
		snprintf(left, sizeof(left), "%s%llu packet%s dropped by wscap", separator,
			 (unsigned long long)counters.left, plural(counters.left));
	log_line("%s%llu packet%s captured%s%llu packet%s received by filter%s%llu packet%s dropped by kernel%s%s",
		 in_one_line ? "wscap: " : "", (unsigned long long)captured, plural(captured), separator,
		 (unsigned long long)counters.received, plural(counters.received), separator,
		 (unsigned long long)counters.dropped, plural(counters.dropped), by_interface, left);
}

/* count and its noun, in the reader's language. */
#define add_count(out, one, many, count)                                                                               \
	out_printf(out, ngettext(one, many, (unsigned long)(count)), (unsigned long long)(count))

static void add_messages(struct out *out, const struct decode_stats *stats, uint64_t copies)
{
	add_count(out, ", %llu message", ", %llu messages", stats->messages);
	if (stats->messages)
		out_printf(out, _(" (%llu from clients, %llu from servers"), (unsigned long long)stats->messages_c2s,
			   (unsigned long long)stats->messages_s2c);
	if (copies)
		add_count(out, ", of those %llu copy", ", of those %llu copies", copies);
	if (stats->messages)
		out_str(out, _(")"));
	if (stats->control)
		add_count(out, ", %llu control frame", ", %llu control frames", stats->control);
}

static void add_tls(struct out *out, const struct decode_stats *stats)
{
	if (stats->tls)
		add_count(out, ", %llu TLS connection", ", %llu TLS connections", stats->tls);
	if (stats->tls_locked)
		add_count(out, ", %llu that cannot be read", ", %llu that cannot be read", stats->tls_locked);
}

static void add_trouble(struct out *out, const struct decode_stats *stats)
{
	if (stats->conn.gaps)
		add_count(out, ", %llu byte not captured", ", %llu bytes not captured", stats->conn.gap_bytes);
	if (stats->violations)
		add_count(out, ", %llu violation", ", %llu violations", stats->violations);
	else if (stats->handshakes || stats->messages)
		out_str(out, _(", no violation"));
	if (stats->fragments.put_together)
		add_count(out, ", %llu IP packet put together from fragments",
			  ", %llu IP packets put together from fragments", stats->fragments.put_together);
	if (stats->fragments.dropped)
		add_count(out, ", %llu dropped because its fragments contradict each other",
			  ", %llu dropped because their fragments contradict each other", stats->fragments.dropped);
	if (stats->overlaps)
		add_count(out, ", bytes sent twice with other contents %llu time",
			  ", bytes sent twice with other contents %llu times", stats->overlaps);
	if (stats->limits)
		add_count(out, ", a limit met %llu time", ", a limit met %llu times", stats->limits);
	if (stats->conn.given_up)
		add_count(out, ", %llu connection given up", ", %llu connections given up", stats->conn.given_up);
	if (stats->conn.no_memory)
		add_count(out, ", %llu segment not followed for want of memory",
			  ", %llu segments not followed for want of memory", stats->conn.no_memory);
}

void report_decode(const struct decode_stats *stats, uint64_t copies)
{
	struct out out = {.fd = -1};

	add_count(&out, "%llu packet", "%llu packets", stats->packets);
	add_count(&out, ", %llu connection", ", %llu connections", stats->conn.connections);
	if (stats->conn.mid_stream)
		add_count(&out, " (%llu joined mid-stream)", " (%llu joined mid-stream)", stats->conn.mid_stream);
	add_tls(&out, stats);
	add_count(&out, ", %llu handshake", ", %llu handshakes", stats->handshakes);
	add_messages(&out, stats, copies);
	add_trouble(&out, stats);
	if (!out_error(&out))
		log_line("%.*s", (int)out.len, out.text);
	out_finish(&out);
}
