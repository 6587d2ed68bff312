/* Protocols of lines of text, which tcpdump shows behind the length on the ports that they are known for. Under -v all
 * lines as far as they are printable, else the first one. */
#include "wscap/line_internal.h"

#include <ctype.h>
#include <strings.h>

enum {
	TOKEN_MAX = 128, /* bytes of a first word that may still be a command */

	PORT_FTP = 21,
	PORT_SSH = 22,
	PORT_SMTP = 25,
	PORT_WHOIS = 43,
	PORT_HTTP = 80,
	PORT_RTSP = 554,
	PORT_HTTP_OTHER = 8080,
	PORT_RTSP_OTHER = 8554,
	PORT_BEEP = 10288,
};

/* A port's bit in the word that the two bits above its last six choose. */
#define PORT_BIT(port, word) ((uint64_t)(((port) >> 6 & 3) == (word)) << ((port)&63))
#define PORT_WORD(word)                                                                                                \
	(PORT_BIT(PORT_FTP, word) | PORT_BIT(PORT_SSH, word) | PORT_BIT(PORT_SMTP, word) |                             \
	 PORT_BIT(PORT_WHOIS, word) | PORT_BIT(PORT_HTTP, word) | PORT_BIT(PORT_RTSP, word) |                          \
	 PORT_BIT(PORT_HTTP_OTHER, word) | PORT_BIT(PORT_RTSP_OTHER, word) | PORT_BIT(PORT_BEEP, word))

static const char *const http_commands[] = {"GET",
					    "PUT",
					    "COPY",
					    "HEAD",
					    "LOCK",
					    "MOVE",
					    "POLL",
					    "POST",
					    "BCOPY",
					    "BMOVE",
					    "MKCOL",
					    "TRACE",
					    "LABEL",
					    "MERGE",
					    "DELETE",
					    "SEARCH",
					    "UNLOCK",
					    "REPORT",
					    "UPDATE",
					    "NOTIFY",
					    "BDELETE",
					    "CONNECT",
					    "OPTIONS",
					    "CHECKIN",
					    "PROPFIND",
					    "CHECKOUT",
					    "CCM_POST",
					    "SUBSCRIBE",
					    "PROPPATCH",
					    "BPROPFIND",
					    "BPROPPATCH",
					    "UNCHECKOUT",
					    "MKACTIVITY",
					    "MKWORKSPACE",
					    "UNSUBSCRIBE",
					    "RPC_CONNECT",
					    "VERSION-CONTROL",
					    "BASELINE-CONTROL",
					    NULL};

static const char *const rtsp_commands[] = {"DESCRIBE", "ANNOUNCE",      "GET_PARAMETER", "OPTIONS",
					    "PAUSE",    "PLAY",          "RECORD",        "REDIRECT",
					    "SETUP",    "SET_PARAMETER", "TEARDOWN",      NULL};

/* In the order in which tcpdump looks for a port. */
static const struct protocol {
	uint16_t port, other_port;
	const char *tag;             /* tcpdump's name */
	const char *name;            /* as it is printed */
	const char *const *commands; /* packets that begin with none of them, nor with a status, show the name only */
} protocols[] = {
    {PORT_SMTP, PORT_SMTP, "smtp", "SMTP", NULL},
    {PORT_WHOIS, PORT_WHOIS, "whois", "WHOIS", NULL},
    {PORT_SSH, PORT_SSH, "ssh", "SSH", NULL},
    {PORT_BEEP, PORT_BEEP, "beep", "BEEP", NULL},
    {PORT_FTP, PORT_FTP, "ftp", "FTP", NULL},
    {PORT_HTTP, PORT_HTTP_OTHER, "http", "HTTP", http_commands},
    {PORT_RTSP, PORT_RTSP_OTHER, "rtsp", "RTSP", rtsp_commands},
};

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool is_printable(uint8_t byte)
{
	return byte >= ' ' && byte <= '~';
}

/* The next word and the blanks behind it. false: there is none, or it cannot be a command. */
static bool take_word(struct ws_cursor *in, uint32_t *left, struct ws_span *ret)
{
	struct ws_cursor at = *in;
	const uint8_t *begin = at.at;
	uint32_t rest = *left;

	while (rest && at.at < at.end && !is_blank(*at.at)) {
		if (!is_printable(*at.at) || at.at - begin == TOKEN_MAX)
			return false;
		at.at++;
		rest--;
	}
	/* A word that the capture cuts off is none; one that the packet ends with is. */
	if (at.at == begin || (rest && at.at == at.end))
		return false;
	*ret = ws_span_of(begin, (size_t)(at.at - begin));
	while (rest && at.at < at.end && *at.at == ' ') {
		at.at++;
		rest--;
	}
	*in = at;
	*left = rest;
	return true;
}

static bool is_status(struct ws_span word)
{
	return word.len == 3 && isdigit(word.data[0]) && isdigit(word.data[1]) && isdigit(word.data[2]);
}

static bool is_command(struct ws_span word, const char *const *commands)
{
	for (; *commands; commands++)
		if (strlen(*commands) == word.len && strncasecmp((const char *)word.data, *commands, word.len) == 0)
			return true;
	return false;
}

/* Does it begin with a request, or with a response (its second word is a status)? */
static bool begins_message(struct ws_cursor in, uint32_t length, const char *const *commands)
{
	struct ws_span word;

	if (!take_word(&in, &length, &word))
		return false;
	return is_command(word, commands) || (take_word(&in, &length, &word) && is_status(word));
}

/* How a line went. */
enum line_end {
	LINE_WHOLE,
	LINE_OPEN,    /* printed, but without an end in this packet */
	LINE_BINARY,  /* not text: nothing was printed */
	LINE_MISSING, /* the captured bytes ran out */
};

/* One line at *in, with prefix before it. Moves on past its end. */
static enum line_end print_line(struct walk *walk, const char *prefix, struct ws_cursor *in, uint32_t *left)
{
	struct ws_cursor at = *in;
	uint32_t rest = *left;
	enum line_end end = LINE_OPEN;
	size_t len = 0;

	while (end == LINE_OPEN && rest) {
		uint8_t byte;

		if (!ws_take_u8(&at, &byte))
			return LINE_MISSING;
		rest--;
		if (byte == '\r') {
			if (rest == 0)
				return LINE_BINARY;
			if (!ws_take_u8(&at, &byte))
				return LINE_MISSING;
			rest--;
			if (byte != '\n')
				return LINE_BINARY;
		}
		if (byte == '\n')
			end = LINE_WHOLE;
		else if (is_printable(byte) || byte == '\t')
			len++;
		else
			return LINE_BINARY;
	}
	out_str(walk->out, prefix);
	out_bytes(walk->out, in->at, len);
	if (end == LINE_OPEN)
		line_truncated(walk);
	*in = at;
	*left = rest;
	return end;
}

static bool print_text(struct walk *walk, const struct protocol *protocol, struct ws_cursor in, uint32_t length)
{
	enum line_end end = LINE_WHOLE;

	out_lit(walk->out, ": ");
	walk->protocol = protocol->tag;
	out_str(walk->out, protocol->name);
	if (protocol->commands && !begins_message(in, length, protocol->commands))
		return true;
	if (!walk->options->verbose)
		return print_line(walk, ": ", &in, &length) != LINE_MISSING;
	out_lit(walk->out, ", length: ");
	out_u64(walk->out, length);
	while (end == LINE_WHOLE && length)
		end = print_line(walk, "\n\t", &in, &length);
	return end != LINE_MISSING;
}

/* RFC 4253, section 4.2: only the version is text. Nothing is printed before the line's end was seen. */
static bool print_ssh(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	static const char version[] = "SSH-";
	struct ws_cursor at = in;
	size_t len = sizeof(version) - 1;
	uint8_t byte;

	walk->protocol = "ssh";
	for (size_t i = 0; i < len; i++) {
		if (!ws_take_u8(&at, &byte))
			return false;
		if (byte != (uint8_t)version[i])
			return true;
	}
	for (; len < length; len++) {
		if (!ws_take_u8(&at, &byte))
			return false;
		if (byte == '\r') {
			if (len + 1 >= length)
				return true;
			if (!ws_take_u8(&at, &byte))
				return false;
			if (byte != '\n')
				return true;
		}
		if (byte == '\n') {
			out_lit(walk->out, ": SSH: ");
			out_bytes(walk->out, in.at, len);
			return true;
		}
		if (!is_printable(byte))
			return true;
	}
	return true;
}

/* RFC 3080, section 2.2.1: the kind of a frame. tcpdump wants a zero behind two of them. */
static void print_beep(struct walk *walk, struct ws_cursor in, uint32_t length)
{
	static const char kinds[][4] = {"MSG", "RPY ", "ERR ", "ANS ", "NUL ", "SEQ ", "END"};
	struct ws_span begin;

	walk->protocol = "beep";
	if (length >= sizeof(kinds[0]) && ws_take_span(&in, sizeof(kinds[0]), &begin))
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (memcmp(begin.data, kinds[i], sizeof(kinds[i])) == 0) {
				out_lit(walk->out, " BEEP ");
				out_bytes(walk->out, kinds[i], 3);
				return;
			}
	out_lit(walk->out, " BEEP (payload or undecoded)");
}

static APART bool is_text_port(uint16_t port)
{
	switch (port) {
	case PORT_FTP:
	case PORT_SSH:
	case PORT_SMTP:
	case PORT_WHOIS:
	case PORT_HTTP:
	case PORT_RTSP:
	case PORT_HTTP_OTHER:
	case PORT_RTSP_OTHER:
	case PORT_BEEP:
		return true;
	default:
		return false;
	}
}

bool line_may_be_text(uint16_t port_a, uint16_t port_b)
{
	/* by the last eight bits, which most ports share with none of these; of a hundred clients' ports some do */
	static const uint64_t ports[] = {PORT_WORD(0), PORT_WORD(1), PORT_WORD(2), PORT_WORD(3)};

	return (ports[port_a >> 6 & 3] >> (port_a & 63) | ports[port_b >> 6 & 3] >> (port_b & 63)) & 1 &&
	       (is_text_port(port_a) || is_text_port(port_b));
}

bool line_text_protocol(struct walk *walk, uint16_t port_a, uint16_t port_b, struct ws_cursor in, uint32_t length)
{
	if (!line_may_be_text(port_a, port_b))
		return true;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		const struct protocol *protocol = &protocols[i];

		if (port_a != protocol->port && port_b != protocol->port && port_a != protocol->other_port &&
		    port_b != protocol->other_port)
			continue;
		if (protocol->port == PORT_SSH)
			return print_ssh(walk, in, length);
		if (protocol->port == PORT_BEEP) {
			print_beep(walk, in, length);
			return true;
		}
		return print_text(walk, protocol, in, length);
	}
	return true;
}
