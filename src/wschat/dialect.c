#include <time.h>

#include "wschat/dialect_internal.h"

int dialect_emit(struct dialect_out *out)
{
	int status = out->json.error;

	if (status == 0)
		status = out->emit(out->context, ws_buf_span(out->json.buf));
	ws_buf_clear(out->json.buf);
	out->json.error = 0;
	return status;
}

void dialect_time(struct json_text *json, int64_t milliseconds)
{
	time_t seconds = (time_t)(milliseconds / 1000);
	char text[32];
	struct tm parts;

	localtime_r(&seconds, &parts);
	strftime(text, sizeof(text), "\"%Y-%m-%d %H:%M:%S\"", &parts);
	json_raw(json, text);
}

void dialect_html(struct json_text *json, struct ws_span text)
{
	json_html(json, "", ws_span_of(NULL, 0), "", text);
}

int dialect_write(enum dialect_id dialect, const struct delivery *delivery, struct ws_buf *json,
		  int (*emit)(void *context, struct ws_span json), void *context)
{
	struct dialect_out out = {.json.buf = json, .emit = emit, .context = context};

	ws_buf_clear(json);
	if (dialect == DIALECT_A)
		return dialect_a_write(&out, delivery);
	return dialect_c_write(&out, delivery, dialect == DIALECT_OURS);
}
