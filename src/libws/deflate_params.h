/* What permessage-deflate's answer says, read from heads without joining their fields. Private to libws. */
#ifndef LIBWS_DEFLATE_PARAMS_H
#define LIBWS_DEFLATE_PARAMS_H

#include "libws/extension.h"
#include "ws/deflate.h"

/* As ws_deflate_agreed(); offers NULL where the request was not seen: then the answer is judged by itself. */
int deflate_agreed(const struct extension_source *offers, const struct extension_source *answer,
		   struct ws_deflate_params *ret, bool *ret_valid);

#endif
