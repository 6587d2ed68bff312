/* Negotiating permessage-deflate: RFC 7692, sections 5 and 7.1. */
#include "libws/deflate_params.h"

#include <stdio.h>

enum {
	BITS_MIN = 8,
	BITS_MAX = 15,
	ANSWER_MAX = 160, /* characters: all four parameters */
};

/* One extension's parameters: an offer's, or an answer's. */
struct said {
	bool server_no_context_takeover;
	bool client_no_context_takeover;
	bool server_bits_there;
	bool client_bits_there;
	uint8_t server_bits; /* 15 where it does not say */
	uint8_t client_bits;
};

static bool is_named(struct ws_span name, const char *text)
{
	return ws_span_equal_nocase(name, ws_span_str(text));
}

/* A parameter without value that may stand once. */
static bool read_flag(const struct extension_param *param, bool *ret)
{
	bool good = !*ret && !param->value.data;

	*ret = true;
	return good;
}

/* Window bits that may stand once. */
static bool read_bits(const struct extension_param *param, bool value_optional, bool *there, uint8_t *ret)
{
	bool repeated = *there;
	unsigned bits;

	*there = true;
	if (!param->value.data)
		return value_optional && !repeated;
	if (!extension_param_number(param, BITS_MAX, &bits) || bits < BITS_MIN)
		return false;
	*ret = (uint8_t)bits;
	return !repeated;
}

/* Returns false when a parameter is unknown, repeated or has a wrong value; ret says what could be read. */
static bool read_said(struct extension extension, bool is_answer, struct said *ret)
{
	struct extension_param param;
	bool good = true;

	*ret = (struct said){.server_bits = BITS_MAX, .client_bits = BITS_MAX};
	while (extension_param_next(&extension, &param) > 0) {
		if (is_named(param.name, "server_no_context_takeover"))
			good &= read_flag(&param, &ret->server_no_context_takeover);
		else if (is_named(param.name, "client_no_context_takeover"))
			good &= read_flag(&param, &ret->client_no_context_takeover);
		else if (is_named(param.name, "server_max_window_bits"))
			good &= read_bits(&param, false, &ret->server_bits_there, &ret->server_bits);
		else if (is_named(param.name, "client_max_window_bits"))
			good &= read_bits(&param, !is_answer, &ret->client_bits_there, &ret->client_bits);
		else
			good = false;
	}
	return good;
}

static bool is_deflate(const struct extension *extension)
{
	return is_named(extension->name, "permessage-deflate");
}

static uint8_t smaller(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

/* A client that does not say client_max_window_bits cannot be told to use a smaller window (section 7.1.2.2). */
static bool accept_offer(const struct said *offer, const struct ws_deflate_params *want, struct ws_deflate_params *ret)
{
	uint8_t want_server = want->server_max_window_bits ? want->server_max_window_bits : BITS_MAX;
	uint8_t want_client = want->client_max_window_bits ? want->client_max_window_bits : BITS_MAX;

	if (!offer->client_bits_there && want_client < BITS_MAX)
		return false;
	*ret = (struct ws_deflate_params){
	    .enabled = true,
	    .server_no_context_takeover = offer->server_no_context_takeover || want->server_no_context_takeover,
	    .client_no_context_takeover = offer->client_no_context_takeover || want->client_no_context_takeover,
	    .server_max_window_bits = smaller(offer->server_bits, want_server),
	    .client_max_window_bits = smaller(offer->client_bits, want_client),
	};
	return true;
}

int ws_deflate_choose(struct ws_span offers, const struct ws_deflate_params *want, struct ws_deflate_params *ret)
{
	struct extension_source source = {.value = offers};
	struct extension_list list = {0};
	struct extension extension;
	struct said offer;

	if (!extension_grammar(&source))
		return WS_E_SYNTAX;
	*ret = (struct ws_deflate_params){0};
	while (extension_next(&source, &list, &extension) > 0)
		if (is_deflate(&extension) && read_said(extension, false, &offer) && accept_offer(&offer, want, ret))
			break;
	return WS_OK;
}

int ws_deflate_answer_write(const struct ws_deflate_params *params, struct ws_buf *out)
{
	char server[32] = "", client[32] = "", text[ANSWER_MAX];
	int len;

	if (params->server_max_window_bits && params->server_max_window_bits < BITS_MAX)
		snprintf(server, sizeof(server), "; server_max_window_bits=%u", params->server_max_window_bits);
	if (params->client_max_window_bits && params->client_max_window_bits < BITS_MAX)
		snprintf(client, sizeof(client), "; client_max_window_bits=%u", params->client_max_window_bits);
	len = snprintf(text, sizeof(text), "permessage-deflate%s%s%s%s",
		       params->server_no_context_takeover ? "; server_no_context_takeover" : "",
		       params->client_no_context_takeover ? "; client_no_context_takeover" : "", server, client);
	return ws_buf_append(out, ws_span_of(text, (size_t)len));
}

/* May a server answer this offer so? Sections 7.1.1.1, 7.1.2.1 and 7.1.2.2. client_no_context_takeover may be said
 * without having been offered. */
static bool answers_offer(const struct said *answer, const struct said *offer)
{
	if (offer->server_no_context_takeover && !answer->server_no_context_takeover)
		return false;
	if (answer->client_bits_there && !offer->client_bits_there)
		return false;
	return answer->server_bits <= offer->server_bits && answer->client_bits <= offer->client_bits;
}

static bool answers_one_of(const struct said *answer, const struct extension_source *offers)
{
	struct extension_list list = {0};
	struct extension extension;
	struct said offer;

	while (extension_next(offers, &list, &extension) > 0)
		if (is_deflate(&extension) && read_said(extension, false, &offer) && answers_offer(answer, &offer))
			return true;
	return false;
}

static bool read_answer(const struct extension_source *offers, struct extension extension,
			struct ws_deflate_params *ret)
{
	struct said answer;
	bool good = !ret->enabled; /* once is enough */

	good &= read_said(extension, true, &answer);
	*ret = (struct ws_deflate_params){
	    .enabled = true,
	    .server_no_context_takeover = answer.server_no_context_takeover,
	    .client_no_context_takeover = answer.client_no_context_takeover,
	    .server_max_window_bits = answer.server_bits,
	    .client_max_window_bits = answer.client_bits,
	};
	return good && (!offers || answers_one_of(&answer, offers));
}

int deflate_agreed(const struct extension_source *offers, const struct extension_source *answer,
		   struct ws_deflate_params *ret, bool *ret_valid)
{
	struct ws_deflate_params params = {0};
	struct extension_list list = {0};
	struct extension extension;
	bool valid = true;
	int status;

	while ((status = extension_next(answer, &list, &extension)) > 0) {
		if (offers && !extension_has(offers, extension.name))
			valid = false;
		if (is_deflate(&extension) && !read_answer(offers, extension, &params))
			valid = false;
	}
	if (status < 0)
		return status;
	*ret = params;
	*ret_valid = valid;
	return WS_OK;
}

int ws_deflate_agreed(struct ws_span offers, struct ws_span answer, struct ws_deflate_params *ret, bool *ret_valid)
{
	struct extension_source offered = {.value = offers};
	struct extension_source answered = {.value = answer};

	return deflate_agreed(&offered, &answered, ret, ret_valid);
}
