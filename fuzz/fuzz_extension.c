/* Sec-WebSocket-Extensions: the first line of the input is what a client offers, the second what a server answers. What
 * we would answer to the offers is an answer that they allow. */
#include "ws/deflate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ANSWER_MAX = 1024,
};

static void check_our_answer(struct ws_span offers, const struct ws_deflate_params *want)
{
	struct ws_deflate_params chosen, agreed;
	struct ws_buf answer;
	bool valid;

	if (ws_deflate_choose(offers, want, &chosen) != WS_OK || !chosen.enabled)
		return;
	ws_buf_init(&answer, ANSWER_MAX);
	if (ws_deflate_answer_write(&chosen, &answer) == WS_OK) {
		if (ws_deflate_agreed(offers, ws_buf_span(&answer), &agreed, &valid) != WS_OK || !valid ||
		    !agreed.enabled || agreed.server_max_window_bits != chosen.server_max_window_bits ||
		    agreed.client_max_window_bits != chosen.client_max_window_bits ||
		    agreed.server_no_context_takeover != chosen.server_no_context_takeover ||
		    agreed.client_no_context_takeover != chosen.client_no_context_takeover)
			abort();
	}
	ws_buf_finish(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ws_deflate_params wants[] = {
	    {.enabled = true, .server_max_window_bits = 15, .client_max_window_bits = 15},
	    {.enabled = true, .server_max_window_bits = 9, .client_max_window_bits = 10},
	    {.enabled = true,
	     .server_no_context_takeover = true,
	     .client_no_context_takeover = true,
	     .server_max_window_bits = 15,
	     .client_max_window_bits = 15},
	};
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	struct ws_span offers = ws_span_of(data, end ? (size_t)(end - data) : size);
	struct ws_span answer = end ? ws_span_from(ws_span_of(data, size), offers.len + 1) : ws_span_of(NULL, 0);
	struct ws_deflate_params agreed;
	bool valid;

	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++)
		check_our_answer(offers, &wants[i]);
	ws_deflate_agreed(offers, answer, &agreed, &valid);
	return 0;
}
