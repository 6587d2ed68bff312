#include "ws/rule.h"

#include "ws/close.h"

#include <assert.h>

#define N_(text) text /* for gettext to find; whoever prints it translates */

#define RFC6455(section) "RFC 6455, section " section
#define RFC7692(section) "RFC 7692, section " section

static const struct ws_rule_info rules[WS_RULE_COUNT] = {
    [WS_RULE_NONE] = {"none", "", "", WS_CLOSE_NORMAL},
    [WS_RULE_RSV] = {"reserved-bit", RFC6455("5.2"),
		     N_("A reserved bit must be 0 unless an extension gives it a meaning."), WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_OPCODE] = {"reserved-opcode", RFC6455("5.2"), N_("Reserved opcodes must not be used."),
			WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_LENGTH_FORM] = {"length-form", RFC6455("5.2"), N_("A length must be written in its shortest form."),
			     WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_LENGTH_SIGN] = {"length-sign", RFC6455("5.2"),
			     N_("The most significant bit of a 64-bit length must be 0."), WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_CLIENT_UNMASKED] = {"client-unmasked", RFC6455("5.1"), N_("A client must mask every frame."),
				 WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_SERVER_MASKED] = {"server-masked", RFC6455("5.1"), N_("A server must not mask any frame."),
			       WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_CONTROL_FRAGMENTED] = {"control-fragmented", RFC6455("5.5"), N_("A control frame must not be fragmented."),
				    WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_CONTROL_LENGTH] = {"control-length", RFC6455("5.5"),
				N_("A control frame must not have more than 125 bytes of payload."),
				WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_CONTINUATION_STRAY] = {"continuation-stray", RFC6455("5.4"),
				    N_("A continuation frame must follow a message that has begun."),
				    WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_CONTINUATION_EXPECTED] = {"continuation-expected", RFC6455("5.4"),
				       N_("A new message must not begin before the last one has ended."),
				       WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_UTF8] = {"text-utf8", RFC6455("8.1"), N_("A text message must be valid UTF-8."), WS_CLOSE_INVALID_DATA},
    [WS_RULE_CLOSE_LENGTH] = {"close-length", RFC6455("5.5.1"),
			      N_("The body of a close frame must be empty or begin with a code of two bytes."),
			      WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_CLOSE_CODE] = {"close-code", RFC6455("7.4"), N_("This close code must not be sent."),
			    WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_CLOSE_UTF8] = {"close-utf8", RFC6455("5.5.1"), N_("The reason in a close frame must be valid UTF-8."),
			    WS_CLOSE_INVALID_DATA},
    [WS_RULE_AFTER_CLOSE] = {"after-close", RFC6455("5.5.1"),
			     N_("After its close frame a side must not send any more frames."),
			     WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_RSV1_CONTROL] = {"compressed-control", RFC7692("6.1"), N_("A control frame must not be compressed."),
			      WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_RSV1_CONTINUATION] = {"compressed-continuation", RFC7692("6.1"),
				   N_("Only the first frame of a message may carry the compressed bit."),
				   WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_INFLATE] = {"inflate", RFC7692("7.2.2"), N_("A compressed message must inflate."), WS_CLOSE_INVALID_DATA},
    [WS_RULE_REQUEST_METHOD] = {"request-method", RFC6455("4.1"), N_("The request's method must be GET."),
				WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_REQUEST_HTTP_VERSION] = {"request-http-version", RFC6455("4.1"),
				      N_("The request's HTTP version must be 1.1 or higher."), WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_REQUEST_HOST] = {"request-host", RFC6455("4.1"), N_("The request must have one Host field."),
			      WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_REQUEST_UPGRADE] = {"request-upgrade", RFC6455("4.1"),
				 N_("The request's Upgrade field must contain \"websocket\"."),
				 WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_REQUEST_CONNECTION] = {"request-connection", RFC6455("4.1"),
				    N_("The request's Connection field must contain \"Upgrade\"."),
				    WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_REQUEST_KEY] = {"request-key", RFC6455("4.1"),
			     N_("The request must have one Sec-WebSocket-Key of 16 bytes in base64."),
			     WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_REQUEST_VERSION] = {"request-version", RFC6455("4.1"),
				 N_("The request's Sec-WebSocket-Version must be 13."), WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_RESPONSE_UPGRADE] = {"response-upgrade", RFC6455("4.2.2"),
				  N_("The response's Upgrade field must be \"websocket\"."), WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_RESPONSE_CONNECTION] = {"response-connection", RFC6455("4.2.2"),
				     N_("The response's Connection field must contain \"Upgrade\"."),
				     WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_RESPONSE_ACCEPT] = {"response-accept", RFC6455("4.2.2"),
				 N_("Sec-WebSocket-Accept must be the value that belongs to the request's key."),
				 WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_RESPONSE_PROTOCOL] = {"response-protocol", RFC6455("4.2.2"),
				   N_("The subprotocol must be one that the client offered."), WS_CLOSE_PROTOCOL_ERROR},
    [WS_RULE_RESPONSE_EXTENSION] = {"response-extension", RFC6455("9.1"),
				    N_("An extension must be one that the client offered, with parameters that fit."),
				    WS_CLOSE_EXTENSION_NEEDED},
    [WS_RULE_LINE_FOLDING] = {"line-folding", "RFC 9112, section 5.2",
			      N_("A header field must not go on over several lines."), WS_CLOSE_PROTOCOL_ERROR},
};

const struct ws_rule_info *ws_rule_info(enum ws_rule rule)
{
	return &rules[(unsigned)rule < WS_RULE_COUNT ? rule : WS_RULE_NONE];
}

#define IF(condition, rule) ((condition) ? UINT32_C(1) << (rule) : 0)

static uint32_t broken_by_form(const struct ws_frame *frame)
{
	bool control = ws_opcode_is_control(frame->opcode);
	bool reserved = frame->opcode > (control ? WS_PONG : WS_BINARY);

	return IF(reserved, WS_RULE_OPCODE) | IF(frame->rsv & (WS_RSV2 | WS_RSV3), WS_RULE_RSV) |
	       IF(frame->len_bytes == 2 && frame->payload_len < 126, WS_RULE_LENGTH_FORM) |
	       IF(frame->len_bytes == 8 && frame->payload_len <= UINT16_MAX, WS_RULE_LENGTH_FORM) |
	       IF(frame->payload_len >> 63, WS_RULE_LENGTH_SIGN) |
	       IF(control && !frame->fin, WS_RULE_CONTROL_FRAGMENTED) |
	       IF(control && frame->payload_len > WS_CONTROL_PAYLOAD_MAX, WS_RULE_CONTROL_LENGTH);
}

static uint32_t broken_by_place(const struct ws_frame *frame, const struct ws_frame_context *context)
{
	bool control = ws_opcode_is_control(frame->opcode);
	bool continuation = frame->opcode == WS_CONTINUATION;
	bool rsv1 = frame->rsv & WS_RSV1;

	return IF(context->from_client && !frame->masked, WS_RULE_CLIENT_UNMASKED) |
	       IF(!context->from_client && frame->masked, WS_RULE_SERVER_MASKED) |
	       IF(continuation && !context->mid_message, WS_RULE_CONTINUATION_STRAY) |
	       IF(!continuation && !control && context->mid_message, WS_RULE_CONTINUATION_EXPECTED) |
	       IF(context->after_close, WS_RULE_AFTER_CLOSE) | IF(rsv1 && !context->deflate, WS_RULE_RSV) |
	       IF(rsv1 && context->deflate && control, WS_RULE_RSV1_CONTROL) |
	       IF(rsv1 && context->deflate && continuation, WS_RULE_RSV1_CONTINUATION);
}

enum ws_rule ws_frame_judge(const struct ws_frame *frame, const struct ws_frame_context *context, enum ws_rule after)
{
	uint32_t broken = broken_by_form(frame) | broken_by_place(frame, context);

	static_assert(WS_RULE_INFLATE < 31, "each rule about frames has a bit");
	if ((unsigned)after > WS_RULE_INFLATE)
		return WS_RULE_NONE;
	broken &= ~((UINT32_C(2) << after) - 1);
	return broken ? (enum ws_rule)__builtin_ctz(broken) : WS_RULE_NONE;
}
