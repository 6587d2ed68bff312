#include "head_wire.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

/* Browsers as they call themselves. */
static const char *const agents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 "
    "Edg/131.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
    "Mobile/15E148 Safari/604.1",
};
static const char *const languages[] = {"en-US,en;q=0.9", "de-DE,de;q=0.9,en;q=0.8", "zh-CN,zh;q=0.9", "it"};

enum {
	KEY_BYTES = 16,
	AGENTS = sizeof(agents) / sizeof(agents[0]),
	LANGUAGES = sizeof(languages) / sizeof(languages[0]),
};

void head_key(struct wire *wire, char ret[HEAD_KEY_LEN + 1])
{
	uint8_t bytes[KEY_BYTES];

	for (size_t i = 0; i < KEY_BYTES; i++)
		bytes[i] = (uint8_t)wire_draw(wire, 256);
	EVP_EncodeBlock((unsigned char *)ret, bytes, KEY_BYTES);
}

size_t head_request(struct wire *wire, const char *key, const char *extensions, char to[HEAD_WIRE_MAX])
{
	const char *agent = agents[wire_draw(wire, AGENTS)], *language = languages[wire_draw(wire, LANGUAGES)];

	return (size_t)snprintf(
	    to, HEAD_WIRE_MAX,
	    "GET /chat HTTP/1.1\r\nHost: chat.example.com:%u\r\nUser-Agent: %s\r\nAccept-Language: %s\r\n"
	    "Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://chat.example.com\r\n"
	    "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
	    WIRE_PORT, agent, language, key, extensions);
}

size_t head_answer(const char *key, const char *extensions, char to[HEAD_WIRE_MAX])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t text[HEAD_KEY_LEN + sizeof(guid) - 1], digest[SHA_DIGEST_LENGTH];
	char accept[29];

	memcpy(text, key, HEAD_KEY_LEN);
	memcpy(text + HEAD_KEY_LEN, guid, sizeof(guid) - 1);
	SHA1(text, sizeof(text), digest);
	EVP_EncodeBlock((unsigned char *)accept, digest, sizeof(digest));
	return (size_t)snprintf(to, HEAD_WIRE_MAX,
				"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				"Sec-WebSocket-Accept: %s\r\n%s\r\n",
				accept, extensions);
}
