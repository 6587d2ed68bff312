#include "wschat/asset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
	READ_SIZE = 16 << 10,
};

const struct asset *asset_find(struct ws_span path)
{
	for (const struct asset *asset = assets; asset->path; asset++)
		if (ws_span_equal(ws_span_str(asset->path), path))
			return asset;
	return NULL;
}

int asset_read(const struct asset *asset, const char *root, struct ws_buf *out)
{
	char path[4096];
	int fd, status = 0;
	ssize_t got;

	if (snprintf(path, sizeof(path), "%s/%s", root, asset->file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		if (ws_buf_reserve(out, READ_SIZE) < 0) {
			status = -EFBIG;
			break;
		}
		got = read(fd, out->data + out->len, READ_SIZE);
		if (got > 0)
			out->len += (size_t)got;
		else if (got < 0 && errno != EINTR)
			status = -errno;
	} while (status == 0 && got != 0);
	close(fd);
	return status;
}
