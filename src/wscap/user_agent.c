#include "wscap/user_agent.h"

/* Browsers carry the names of those that they want to be taken for, so the order matters: the first that is found is
 * the one. */
static const struct {
	const char *token;
	const char *name;
} browsers[] = {
    {"Edg/", "Edge"},
    {"EdgA/", "Edge"},
    {"EdgiOS/", "Edge"},
    {"Edge/", "Edge"},
    {"OPR/", "Opera"},
    {"SamsungBrowser/", "Samsung Internet"},
    {"YaBrowser/", "Yandex Browser"},
    {"Vivaldi/", "Vivaldi"},
    {"MicroMessenger/", "WeChat"},
    {"FxiOS/", "Firefox"},
    {"SeaMonkey/", "SeaMonkey"},
    {"Firefox/", "Firefox"},
    {"CriOS/", "Chrome"},
    {"HeadlessChrome/", "Chrome"},
    {"Chromium/", "Chromium"},
    {"Chrome/", "Chrome"},
    {"Trident/7.0; rv:", "Internet Explorer"},
    {"MSIE ", "Internet Explorer"},
    {"Version/", "Safari"}, /* with "Safari/" behind it, which is checked below */
};

static const struct {
	const char *token;
	const char *name;
} systems[] = {
    {"Android", "Android"}, {"CrOS", "ChromeOS"},   {"Ubuntu", "Ubuntu"},   {"Fedora", "Fedora"},
    {"Debian", "Debian"},   {"iPhone", "iPhone"},   {"iPad", "iPad"},       {"Windows", "Windows"},
    {"Mac OS X", "macOS"},  {"Macintosh", "macOS"}, {"FreeBSD", "FreeBSD"}, {"OpenBSD", "OpenBSD"},
    {"Linux", "Linux"},
};

/* What stands behind token, or an empty span with data NULL. */
static struct ws_span behind(struct ws_span field, const char *token)
{
	size_t len = strlen(token);
	const uint8_t *at = field.len ? memmem(field.data, field.len, token, len) : NULL;

	return at ? ws_span_from(field, (size_t)(at - field.data) + len) : ws_span_of(NULL, 0);
}

static bool has(struct ws_span field, const char *token)
{
	return field.len && memmem(field.data, field.len, token, strlen(token));
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

void user_agent_parse(struct ws_span field, struct user_agent *ret)
{
	*ret = (struct user_agent){.product = first_product(field)};
	if (!has(field, "Mozilla/") && !has(field, "Opera/"))
		return;
	for (size_t i = 0; i < sizeof(browsers) / sizeof(browsers[0]) && !ret->browser; i++) {
		bool safari = strcmp(browsers[i].token, "Version/") == 0;

		if (!has(field, browsers[i].token) || (safari && !has(field, "Safari/")))
			continue;
		ret->browser = browsers[i].name;
		ret->version = digits(behind(field, browsers[i].token));
	}
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]) && !ret->system; i++)
		if (has(field, systems[i].token))
			ret->system = systems[i].name;
}
