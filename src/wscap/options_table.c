/* Every option, in the order of the help. Letters and long names that tcpdump has mean what they mean there. */
#include "wscap/options_table.h"
#include "wscap/press.h"
#include "wscap/taker.h"

#include <limits.h>
#include <stddef.h>

#include "base/i18n.h"
#include "wscap/packet.h"

#define FIELD(name)        .field = offsetof(struct options, name)
#define RANGE(least, most) .min = (least), .max = (most)
#define HEADING(text)                                                                                                  \
	{                                                                                                              \
		.help = (text)                                                                                         \
	}
#define REFUSED(c, takes)                                                                                              \
	{                                                                                                              \
		.letter = (c), .argument = (takes), .set = set_refused                                                 \
	}

static const char WORD[] = "WORD";

/* clang-format off */
const struct option_row option_rows[] = {
	HEADING(N_("Where packets come from")),
	{'r', NULL, N_("FILE"), N_("read packets from FILE (pcap or pcapng, compressed or not); - is standard input, as it comes"), set_text, FIELD(read_file)},
	{0, "follow", NULL, N_("with -r: at the end of FILE, wait for what is still written to it"), set_flag, FIELD(follow)},
	{'V', NULL, N_("FILE"), N_("read packets from the files that FILE lists, one name a line"), set_text, FIELD(read_list)},
	{'i', "interface", N_("DEVICE"), N_("listen on DEVICE, by its name or its number in -D (default: any)"), set_text, FIELD(device)},
	{'D', "list-interfaces", NULL, N_("list the devices that can be listened on, and end"), set_flag, FIELD(list_devices)},
	{'L', "list-data-link-types", NULL, N_("list the link types of the device, and end"), set_flag, FIELD(list_link_types)},
	{'y', "linktype", N_("TYPE"), N_("capture with this link type"), set_text, FIELD(link_type)},
	{'s', "snapshot-length", N_("BYTES"), N_("capture at most BYTES of each packet (0, the default: 262144)"), set_u32, FIELD(snaplen), RANGE(0, SNAPLEN_MAX)},
	{'B', "buffer-size", N_("KIB"), N_("size of the kernel's capture buffer, in KiB"), set_u32, FIELD(buffer_kib), RANGE(1, INT_MAX / 1024)},
	{0, "rings", N_("COUNT"), N_("take packets from COUNT of these buffers, each with a thread (default: 1)"), set_u32, FIELD(rings), RANGE(1, TAKERS_MAX)},
	{0, "backlog", N_("SIZE"), N_("bytes of packets that may wait in memory while printing is held (default: 64M)"), set_size, FIELD(backlog), RANGE(BACKLOG_MIN, SIZE_MAX / 2)},
	{'p', "no-promiscuous-mode", NULL, N_("do not put the device into promiscuous mode"), set_flag, FIELD(no_promiscuous)},
	{'Q', "direction", N_("WAY"), N_("only packets that come in, go out, or both: in, out, inout"), .set = set_direction},
	{0, "immediate-mode", NULL, N_("take each packet as it comes, and not some at a time"), set_flag, FIELD(immediate)},
	{'c', NULL, N_("COUNT"), N_("end after COUNT packets"), set_u64, FIELD(count), RANGE(1, INT_MAX)},
	{'F', NULL, N_("FILE"), N_("read the filter from FILE instead of the command line"), set_text, FIELD(filter_file)},
	{0, "keylog", N_("FILE"), N_("read TLS secrets from FILE, as it grows (default: the file that SSLKEYLOGFILE names)"), set_text, FIELD(keylog_file)},

	HEADING(N_("What is printed")),
	{0, "format", N_("NAME"), N_("how: one of the formats below (default: story)"), set_text, FIELD(format)},
	{0, "lang", N_("LANGUAGE"), N_("in which language: en, it or zh_CN (default: the locale's)"), .set = set_language},
	{0, "overlap", N_("WHICH"), N_("of bytes sent twice with other contents, read the first, the last, or as the receiver says: ack (default)"), .set = set_overlap},
	{0, "acknowledged", NULL, N_("read bytes when their receiver has acknowledged them; --overlap chooses among all until then"), set_flag, FIELD(limits.acknowledged)},
	{0, "color", N_("WHEN"), N_("colours: auto (on a terminal, unless NO_COLOR is set), always or never"), .set = set_color},
	{0, "indent", NULL, N_("show messages that are JSON indented"), set_flag, FIELD(indent_json)},
	{0, "copy-window", N_("TIME"), N_("the same payload from the same server within TIME is a copy (default: 500ms)"), set_time, FIELD(copy_window), RANGE(0, INT64_MAX)},
	{0, "count", NULL, N_("only count the packets"), set_flag, FIELD(count_only)},
	{0, "threads", N_("NUMBER"), N_("how many threads to use (default: 2 for the story and the packets of a file, else 1)"), set_u32, FIELD(threads), RANGE(1, PRESS_THREADS)},
	{'l', NULL, NULL, N_("write each packet at once, even into a pipe"), set_flag, FIELD(line_buffered)},

	HEADING(N_("What tcpdump's line shows")),
	{'A', NULL, NULL, N_("the packet's bytes as text (-AA: with the link header)"), set_count, FIELD(ascii)},
	{'X', NULL, NULL, N_("…in hex and as text (-XX: with the link header)"), set_count, FIELD(hex_ascii)},
	{'x', NULL, NULL, N_("…in hex (-xx: with the link header)"), set_count, FIELD(hex)},
	{'e', NULL, NULL, N_("the link header"), set_flag, FIELD(link_header)},
	{'n', NULL, NULL, N_("addresses and ports as numbers"), set_count, FIELD(no_names)},
	{'q', NULL, NULL, N_("less about the protocol"), set_flag, FIELD(quiet)},
	{'v', NULL, NULL, N_("more about the protocol (-vv: even more)"), set_count, FIELD(verbose)},
	{'S', "absolute-tcp-sequence-numbers", NULL, N_("absolute TCP sequence numbers"), set_flag, FIELD(absolute_seq)},
	{'K', "dont-verify-checksums", NULL, N_("do not check checksums"), set_flag, FIELD(no_checksums)},
	{'#', "number", NULL, N_("the packet's number"), set_flag, FIELD(numbers)},
	{'t', NULL, NULL, N_("no time; -tt seconds since 1970, -ttt since the packet before, -tttt with the date, -ttttt since the first packet"), .set = set_time_style},
	{0, "time-stamp-precision", N_("UNIT"), N_("digits of times, printed and written: micro (default) or nano"), .set = set_precision},
	{0, "micro", NULL, N_("the same as --time-stamp-precision=micro"), .set = set_micro},
	{0, "nano", NULL, N_("the same as --time-stamp-precision=nano"), set_flag, FIELD(nanoseconds)},

	HEADING(N_("Writing packets to files")),
	{'w', NULL, N_("FILE"), N_("write the packets to FILE instead of printing them; - is standard output; FILE.pcapng holds the story too"), set_text, FIELD(write_file)},
	{0, "write-keys", NULL, N_("with -w FILE.pcapng: write the TLS secrets of what is written, too"), set_flag, FIELD(write_keys)},
	{0, "print", NULL, N_("with -w: print them too"), set_flag, FIELD(print)},
	{'U', "packet-buffered", NULL, N_("with -w: write each packet at once"), set_flag, FIELD(packet_buffered)},
	{'C', NULL, N_("SIZE"), N_("with -w: begin a new file after SIZE million bytes"), set_megabytes, FIELD(rotate_bytes), RANGE(1, INT64_MAX / 1000000)},
	{'G', NULL, N_("SECONDS"), N_("with -w: begin a new file every SECONDS; FILE may hold strftime's conversions"), set_u32, FIELD(rotate_seconds), RANGE(0, INT_MAX)},
	{'W', NULL, N_("COUNT"), N_("with -C: reuse COUNT files in turn; with -G: end after COUNT files"), set_u32, FIELD(rotate_files), RANGE(1, INT_MAX)},
	{'Z', "relinquish-privileges", N_("USER"), N_("as root: become USER once the device or file is open"), set_text, FIELD(drop_user)},

	HEADING(N_("Limits on what strangers can make us keep (sizes take K, M, G; times take ms, s, m, h)")),
	{0, "max-connections", N_("COUNT"), N_("connections followed at once (default: 1000000)"), set_number, FIELD(limits.connections), RANGE(1, UINT32_MAX)},
	{0, "max-waiting", N_("SIZE"), N_("bytes that wait out of order in one stream (default: 4M)"), set_size, FIELD(limits.waiting), RANGE(0, SIZE_MAX / 2)},
	{0, "max-waiting-total", N_("SIZE"), N_("bytes that wait out of order in all streams (default: 256M)"), set_size, FIELD(limits.waiting_total), RANGE(0, SIZE_MAX / 2)},
	{0, "max-head", N_("SIZE"), N_("bytes of an HTTP head (default: 64K)"), set_size, FIELD(limits.head), RANGE(1, 1 << 30)},
	{0, "max-message", N_("SIZE"), N_("bytes of a message that are kept (default: 16M)"), set_size, FIELD(limits.message), RANGE(1, 1 << 30)},
	{0, "max-inflated", N_("SIZE"), N_("bytes that a compressed message may inflate to (default: 16M)"), set_size, FIELD(limits.inflated), RANGE(1, 1 << 30)},
	{0, "max-message-total", N_("SIZE"), N_("bytes of all messages under way, and of what inflates them (default: 1G)"), set_size, FIELD(limits.message_total), RANGE(0, SIZE_MAX / 2)},
	{0, "max-fragments", N_("SIZE"), N_("IP fragments that wait for the rest of their packets (default: 4M)"), set_size, FIELD(limits.fragments), RANGE(0, SIZE_MAX / 2)},
	{0, "max-tls-waiting", N_("SIZE"), N_("TLS records of a connection that wait for their secret (default: 1M)"), set_size, FIELD(limits.tls_waiting), RANGE(0, SIZE_MAX / 2)},
	{0, "max-tls-waiting-total", N_("SIZE"), N_("…of all connections (default: 64M)"), set_size, FIELD(limits.tls_waiting_total), RANGE(0, SIZE_MAX / 2)},
	{0, "max-keys", N_("COUNT"), N_("TLS secrets that are remembered (default: 250000)"), set_number, FIELD(limits.keys), RANGE(1, UINT32_MAX)},
	{0, "max-compared", N_("SIZE"), N_("bytes read lately, kept to compare what is sent again (default: 1M; 0: none)"), set_size, FIELD(limits.compared), RANGE(0, 1 << 30)},
	{0, "max-streams", N_("COUNT"), N_("WebSockets followed at once in one HTTP/2 connection (default: 1000)"), set_number, FIELD(limits.streams), RANGE(0, UINT32_MAX)},
	{0, "idle-timeout", N_("TIME"), N_("give a connection up after TIME without a packet (default: 1h)"), set_time, FIELD(limits.idle), RANGE(1, INT64_MAX)},
	{0, "reorder-time", N_("TIME"), N_("wait for a missing piece for TIME (default: 1s)"), set_time, FIELD(limits.reorder), RANGE(0, INT64_MAX)},
	{0, "reorder-packets", N_("COUNT"), N_("…and for COUNT packets of its connection (default: 64)"), set_number, FIELD(limits.reorder_packets), RANGE(0, UINT32_MAX)},

	HEADING(N_("Help")),
	{'h', "help", NULL, N_("print this text, and end"), set_flag, FIELD(help)},
	{0, "version", NULL, N_("print the version, and end"), set_flag, FIELD(version)},

	/* tcpdump's others */
	REFUSED('a', NULL), REFUSED('b', NULL), REFUSED('d', NULL), REFUSED('E', WORD), REFUSED('f', NULL),
	REFUSED('H', NULL), REFUSED('m', WORD), REFUSED('M', WORD), REFUSED('N', NULL), REFUSED('T', WORD),
	REFUSED('u', NULL), REFUSED('z', WORD),
	{'I', "monitor-mode", NULL, NULL, .set = set_refused},
	{'j', "time-stamp-type", WORD, NULL, .set = set_refused},
	{'J', "list-time-stamp-types", NULL, NULL, .set = set_refused},
	{'O', "no-optimize", NULL, NULL, .set = set_refused},
	{'Y', "debug-filter-parser", NULL, NULL, .set = set_refused},
	{0, "fp-type", NULL, NULL, .set = set_refused},
	{0, "list-remote-interfaces", WORD, NULL, .set = set_refused},
};
/* clang-format on */

const size_t option_row_count = sizeof(option_rows) / sizeof(*option_rows);
