/* What libws's functions return. Zero and above is success; below is one of these. */
#ifndef WS_ERROR_H
#define WS_ERROR_H

enum ws_error {
	WS_OK = 0,
	WS_E_MEMORY = -1,   /* an allocation failed; the object is as it was before the call */
	WS_E_LIMIT = -2,    /* a named limit was met */
	WS_E_SYNTAX = -3,   /* the bytes are not of the form that the RFC gives */
	WS_E_ARGUMENT = -4, /* the caller's fault */
};

#endif
