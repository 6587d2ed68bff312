/* Which of the tokens that matter stand in the field, and then what they say. The field is read once for all of them,
 * as each request has one and is told. */
#include "wscap/user_agent.h"

#include <assert.h>

enum token {
	/* Browsers carry the names of those that they want to be taken for, so the order matters: the first that is
	 * there is the one. */
	EDGE,
	EDGE_ANDROID,
	EDGE_IOS,
	EDGE_OLD,
	OPERA,
	SAMSUNG,
	YANDEX,
	VIVALDI,
	WECHAT,
	FIREFOX_IOS,
	SEAMONKEY,
	FIREFOX,
	CHROME_IOS,
	CHROME_HEADLESS,
	CHROMIUM,
	CHROME,
	EXPLORER,
	EXPLORER_OLD,
	SAFARI, /* by its version */
	BROWSERS,
	/* So does the order of systems. */
	ANDROID = BROWSERS,
	CHROME_OS,
	UBUNTU,
	FEDORA,
	DEBIAN,
	IPHONE,
	IPAD,
	WINDOWS,
	MAC,
	MACINTOSH,
	FREEBSD,
	OPENBSD,
	LINUX,
	SYSTEMS_END,
	/* What a browser has besides. */
	LIKE_MOZILLA = SYSTEMS_END,
	LIKE_OPERA,
	LIKE_SAFARI,
	TOKENS,
};

static const struct {
	const char *text, *name;
} tokens[TOKENS] = {
    [EDGE] = {"Edg/", "Edge"},
    [EDGE_ANDROID] = {"EdgA/", "Edge"},
    [EDGE_IOS] = {"EdgiOS/", "Edge"},
    [EDGE_OLD] = {"Edge/", "Edge"},
    [OPERA] = {"OPR/", "Opera"},
    [SAMSUNG] = {"SamsungBrowser/", "Samsung Internet"},
    [YANDEX] = {"YaBrowser/", "Yandex Browser"},
    [VIVALDI] = {"Vivaldi/", "Vivaldi"},
    [WECHAT] = {"MicroMessenger/", "WeChat"},
    [FIREFOX_IOS] = {"FxiOS/", "Firefox"},
    [SEAMONKEY] = {"SeaMonkey/", "SeaMonkey"},
    [FIREFOX] = {"Firefox/", "Firefox"},
    [CHROME_IOS] = {"CriOS/", "Chrome"},
    [CHROME_HEADLESS] = {"HeadlessChrome/", "Chrome"},
    [CHROMIUM] = {"Chromium/", "Chromium"},
    [CHROME] = {"Chrome/", "Chrome"},
    [EXPLORER] = {"Trident/7.0; rv:", "Internet Explorer"},
    [EXPLORER_OLD] = {"MSIE ", "Internet Explorer"},
    [SAFARI] = {"Version/", "Safari"},
    [ANDROID] = {"Android", "Android"},
    [CHROME_OS] = {"CrOS", "ChromeOS"},
    [UBUNTU] = {"Ubuntu", "Ubuntu"},
    [FEDORA] = {"Fedora", "Fedora"},
    [DEBIAN] = {"Debian", "Debian"},
    [IPHONE] = {"iPhone", "iPhone"},
    [IPAD] = {"iPad", "iPad"},
    [WINDOWS] = {"Windows", "Windows"},
    [MAC] = {"Mac OS X", "macOS"},
    [MACINTOSH] = {"Macintosh", "macOS"},
    [FREEBSD] = {"FreeBSD", "FreeBSD"},
    [OPENBSD] = {"OpenBSD", "OpenBSD"},
    [LINUX] = {"Linux", "Linux"},
    [LIKE_MOZILLA] = {"Mozilla/", NULL},
    [LIKE_OPERA] = {"Opera/", NULL},
    [LIKE_SAFARI] = {"Safari/", NULL},
};

#define BIT(token) (UINT64_C(1) << (token))

/* The tokens that begin with a byte. */
static const uint64_t beginning[UINT8_MAX + 1] = {
    ['A'] = BIT(ANDROID),
    ['C'] = BIT(CHROME_IOS) | BIT(CHROMIUM) | BIT(CHROME) | BIT(CHROME_OS),
    ['D'] = BIT(DEBIAN),
    ['E'] = BIT(EDGE) | BIT(EDGE_ANDROID) | BIT(EDGE_IOS) | BIT(EDGE_OLD),
    ['F'] = BIT(FIREFOX_IOS) | BIT(FIREFOX) | BIT(FEDORA) | BIT(FREEBSD),
    ['H'] = BIT(CHROME_HEADLESS),
    ['L'] = BIT(LINUX),
    ['M'] = BIT(WECHAT) | BIT(EXPLORER_OLD) | BIT(MAC) | BIT(MACINTOSH) | BIT(LIKE_MOZILLA),
    ['O'] = BIT(OPERA) | BIT(OPENBSD) | BIT(LIKE_OPERA),
    ['S'] = BIT(SAMSUNG) | BIT(SEAMONKEY) | BIT(LIKE_SAFARI),
    ['T'] = BIT(EXPLORER),
    ['U'] = BIT(UBUNTU),
    ['V'] = BIT(VIVALDI) | BIT(SAFARI),
    ['W'] = BIT(WINDOWS),
    ['Y'] = BIT(YANDEX),
    ['i'] = BIT(IPHONE) | BIT(IPAD),
};

/* What stands in a field. */
struct found {
	uint64_t tokens;         /* bits */
	size_t behind[BROWSERS]; /* the first of each of these; set where the bit is */
};

/* Does text begin with token? What follows it then, or 0. */
static size_t token_len(struct ws_span text, const char *token)
{
	size_t len = 0;

	while (token[len] && len < text.len && text.data[len] == (uint8_t)token[len])
		len++;
	return token[len] ? 0 : len;
}

static void note(struct found *found, unsigned token, size_t behind)
{
	found->tokens |= BIT(token);
	if (token < BROWSERS)
		found->behind[token] = behind;
}

static void find(struct ws_span field, struct found *ret)
{
	static_assert((int)TOKENS <= 64, "there are as many bits");
	ret->tokens = 0;
	for (size_t at = 0; at < field.len; at++) {
		uint64_t maybe = beginning[field.data[at]] & ~ret->tokens;

		for (; maybe; maybe &= maybe - 1) {
			unsigned token = (unsigned)__builtin_ctzll(maybe);
			size_t len = token_len(ws_span_from(field, at), tokens[token].text);

			if (len)
				note(ret, token, at + len);
		}
	}
}

static void find_each(struct ws_span field, struct found *ret)
{
	ret->tokens = 0;
	for (unsigned token = 0; token < TOKENS; token++) {
		size_t len = strlen(tokens[token].text);
		const uint8_t *at = field.len ? memmem(field.data, field.len, tokens[token].text, len) : NULL;

		if (at)
			note(ret, token, (size_t)(at - field.data) + len);
	}
}

static struct ws_span digits(struct ws_span text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] >= '0' && text.data[len] <= '9')
		len++;
	return ws_span_first(text, len);
}

static struct ws_span first_product(struct ws_span field)
{
	const uint8_t *space = field.len ? memchr(field.data, ' ', field.len) : NULL;

	return space ? ws_span_first(field, (size_t)(space - field.data)) : field;
}

/* The first of the tokens from `from` to before `end` that is there, or end. */
static unsigned first_of(uint64_t found, unsigned from, unsigned end)
{
	found &= BIT(end) - BIT(from);
	return found ? (unsigned)__builtin_ctzll(found) : end;
}

static void judge(struct ws_span field, const struct found *found, struct user_agent *ret)
{
	uint64_t there = found->tokens;
	unsigned browser, system;

	*ret = (struct user_agent){.product = first_product(field)};
	if (!(there & (BIT(LIKE_MOZILLA) | BIT(LIKE_OPERA))))
		return;
	if (!(there & BIT(LIKE_SAFARI)))
		there &= ~BIT(SAFARI);
	browser = first_of(there, 0, BROWSERS);
	system = first_of(there, BROWSERS, SYSTEMS_END);
	if (browser < BROWSERS) {
		ret->browser = tokens[browser].name;
		ret->version = digits(ws_span_from(field, found->behind[browser]));
	}
	if (system < SYSTEMS_END)
		ret->system = tokens[system].name;
}

void user_agent_parse(struct ws_span field, struct user_agent *ret)
{
	struct found found;

	find(field, &found);
	judge(field, &found, ret);
}

void user_agent_parse_each(struct ws_span field, struct user_agent *ret)
{
	struct found found;

	find_each(field, &found);
	judge(field, &found, ret);
}
