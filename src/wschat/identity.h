/* Who somebody is, without storing anybody: a person's id and token are MACs over its uid with the server's secret. */
#ifndef WSCHAT_IDENTITY_H
#define WSCHAT_IDENTITY_H

#include "wschat/chat.h"

/* The id that dialect C shows: unguessable, the same whenever the uid is. */
void identity_hex(const uint8_t secret[SECRET_LEN], person_id uid, char ret[PERSON_HEX_LEN + 1]);

/* What its owner shows to be the same person again. */
void identity_token(const uint8_t secret[SECRET_LEN], person_id uid, char ret[TOKEN_LEN + 1]);

/* The uid that a token stands for, or 0 when it is no token of ours. Compared in constant time. */
person_id identity_check(const uint8_t secret[SECRET_LEN], struct ws_span token);

#endif
