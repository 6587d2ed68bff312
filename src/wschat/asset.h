/* The page's files, built into the program; from --web-root while working on them. */
#ifndef WSCHAT_ASSET_H
#define WSCHAT_ASSET_H

#include "ws/buf.h"

struct asset {
	const char *path; /* "/", "/chat.js" */
	const char *file; /* its name in web/ */
	const char *type; /* of content */
	const char *etag; /* with quotes */
	struct ws_span body;
};

extern const struct asset assets[]; /* made from web/ by scripts/assets; ended by a NULL path */

/* By the path of a request, without its query; NULL when there is none. */
const struct asset *asset_find(struct ws_span path);

/* The asset's file below root, appended to out: only names that are built in can be asked for. 0 or negative errno. */
int asset_read(const struct asset *asset, const char *root, struct ws_buf *out);

#endif
