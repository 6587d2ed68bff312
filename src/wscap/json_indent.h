/* JSON with one value a line, for reading. */
#ifndef WSCAP_JSON_INDENT_H
#define WSCAP_JSON_INDENT_H

#include "base/out.h"

/* Writes text, which is a stranger's, indented by two spaces a level and made harmless, without a newline at its end.
 * Stops in front of the first token that begins at or after max bytes of text; returns how many bytes of text were
 * written so, or 0 (and nothing is written) where text is no JSON object or array, as far as max bytes tell. */
size_t json_indent(struct out *out, struct ws_span text, size_t max);

#endif
