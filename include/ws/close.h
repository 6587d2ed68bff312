/* Close frames: RFC 6455, sections 5.5.1 and 7.4. */
#ifndef WS_CLOSE_H
#define WS_CLOSE_H

#include "ws/span.h"

enum ws_close_code {
	WS_CLOSE_NORMAL = 1000,
	WS_CLOSE_GOING_AWAY = 1001,
	WS_CLOSE_PROTOCOL_ERROR = 1002,
	WS_CLOSE_UNSUPPORTED = 1003,
	WS_CLOSE_NO_STATUS = 1005, /* never on the wire */
	WS_CLOSE_ABNORMAL = 1006,  /* never on the wire */
	WS_CLOSE_INVALID_DATA = 1007,
	WS_CLOSE_POLICY = 1008,
	WS_CLOSE_TOO_BIG = 1009,
	WS_CLOSE_EXTENSION_NEEDED = 1010,
	WS_CLOSE_INTERNAL_ERROR = 1011,
	WS_CLOSE_SERVICE_RESTART = 1012,
	WS_CLOSE_TRY_LATER = 1013,
	WS_CLOSE_BAD_GATEWAY = 1014,
	WS_CLOSE_TLS_FAILED = 1015, /* never on the wire */
};

/* May this code stand in a close frame? Section 7.4.1 and IANA's registry: 1000-1003, 1007-1014, 3000-4999. */
bool ws_close_code_sendable(uint16_t code);

/* A few words of English for the code ("normal closure"); a range's name where the code has none of its own. Never
 * NULL. */
const char *ws_close_code_text(uint16_t code);

#endif
