/* What the two sides say to each other in clear, or in TLS 1.3 nearly so: ClientHello, ServerHello and
 * EncryptedExtensions (RFC 8446, section 4; RFC 5246, section 7.4). Pure: what is returned points into what was given.
 */
#ifndef WSCAP_TLS_HELLO_H
#define WSCAP_TLS_HELLO_H

#include "ws/error.h"
#include "ws/span.h"

enum tls_message {
	TLS_HELLO_REQUEST = 0,
	TLS_CLIENT_HELLO = 1,
	TLS_SERVER_HELLO = 2,
	TLS_NEW_SESSION_TICKET = 4,
	TLS_END_OF_EARLY_DATA = 5,
	TLS_ENCRYPTED_EXTENSIONS = 8,
	TLS_CERTIFICATE = 11,
	TLS_SERVER_KEY_EXCHANGE = 12,
	TLS_SERVER_HELLO_DONE = 14,
	TLS_FINISHED = 20,
	TLS_KEY_UPDATE = 24,
};

enum {
	TLS_VERSION_10 = 0x0301,
	TLS_VERSION_12 = 0x0303,
	TLS_VERSION_13 = 0x0304,
};

/* Of a ServerHello, what was chosen; of a ClientHello, what is offered. Spans without data: it does not say. */
struct tls_hello {
	uint16_t version;    /* the highest that is offered, or the one that was chosen */
	uint16_t suite;      /* that was chosen */
	uint8_t compression; /* that was chosen: other than none, in TLS 1.2, cannot be read */
	bool is_retry;       /* a ServerHello that is a HelloRetryRequest (RFC 8446, section 4.1.3) */
	bool early_data;     /* announced, or in EncryptedExtensions accepted */
	bool psk;            /* a key is offered, or the offered one taken: the session is resumed */
	bool encrypt_then_mac;
	struct ws_span random;
	struct ws_span session_id;
	struct ws_span server_name;
	struct ws_span alpn;     /* the first protocol of the list, which in an answer is the only one */
	struct ws_span alpn_all; /* the list: each with a byte of its length before it */
};

/* The body of a message, without its type and length. 0, or WS_E_SYNTAX. */
int tls_client_hello_parse(struct ws_span body, struct tls_hello *ret);
int tls_server_hello_parse(struct ws_span body, struct tls_hello *ret);
int tls_encrypted_extensions_parse(struct ws_span body, struct tls_hello *ret);

#endif
