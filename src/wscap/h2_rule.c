#include "wscap/h2_rule.h"

#define N_(text) text /* for gettext to find; whoever prints it translates */

#define RFC9113(section) "RFC 9113, section " section
#define RFC8441(section) "RFC 8441, section " section

static const struct ws_rule_info rules[H2_RULE_COUNT] = {
    [H2_RULE_NONE] = {"none", "", "", 0},
    [H2_RULE_FRAME_SIZE] = {"h2-frame-size", RFC9113("4.2"), N_("A frame must not be longer than its receiver allows."),
			    0},
    [H2_RULE_FRAME_LENGTH] = {"h2-frame-length", RFC9113("6"), N_("A frame must have a length that its type has."), 0},
    [H2_RULE_FRAME_STREAM] = {"h2-frame-stream", RFC9113("6"),
			      N_("A frame must be on a stream, or on none, as its type demands."), 0},
    [H2_RULE_PADDING] = {"h2-padding", RFC9113("6.1"), N_("Padding must be shorter than the frame."), 0},
    [H2_RULE_HEADERS_OPEN] = {"h2-headers-open", RFC9113("6.10"),
			      N_("Header fields must go on in CONTINUATION frames, without others between."), 0},
    [H2_RULE_HPACK] = {"h2-hpack", RFC9113("4.3"), N_("A block of header fields must be readable."), 0},
    [H2_RULE_SETTING] = {"h2-setting", RFC9113("6.5.2"), N_("A setting must have a value that is defined."), 0},
    [H2_RULE_PUSH] = {"h2-push", RFC9113("8.4"), N_("A client must not push."), 0},
    [H2_RULE_WINDOW_ZERO] = {"h2-window-zero", RFC9113("6.9"), N_("A window must be opened by at least one byte."), 0},
    [H2_RULE_WINDOW_OVER] = {"h2-window-over", RFC9113("6.9.1"),
			     N_("A window must not be opened above 2147483647 bytes."), 0},
    [H2_RULE_STREAM_ID] = {"h2-stream-id", RFC9113("5.1.1"),
			   N_("A client's new stream must have an odd number, above all before it."), 0},
    [H2_RULE_STREAM_ENDED] = {"h2-stream-ended", RFC9113("5.1"),
			      N_("After the end of its side of a stream nobody must send any more data on it."), 0},
    [H2_RULE_FIELD] = {"h2-field", RFC9113("8.2.1"),
		       N_("A header field must not contain capitals in its name, nor line ends or zeroes."), 0},
    [H2_RULE_TUNNEL_FIELDS] = {"h2-tunnel-fields", RFC9113("8.5"),
			       N_("A CONNECT for a tunnel must have an :authority, and no :scheme and no :path."), 0},
    [H2_RULE_NOT_ENABLED] = {"h2-connect-not-enabled", RFC8441("3"),
			     N_("A client must not ask for a WebSocket unless the server's settings allow it."), 0},
    [H2_RULE_CONNECT_FIELDS] = {"h2-connect-fields", RFC8441("4"),
				N_("The request must have a :scheme, a :path and a :protocol."), 0},
};

const struct ws_rule_info *h2_rule_info(enum h2_rule rule)
{
	return &rules[(unsigned)rule < H2_RULE_COUNT ? rule : H2_RULE_NONE];
}
