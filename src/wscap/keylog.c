#include "wscap/keylog.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PIECE = 1 << 14, /* bytes that are read at once */
};

struct keylog {
	const char *path;
	struct tls_keyring *keyring;
	struct tls_keylog lines;
	int fd; /* -1: it is not there yet */
	dev_t device;
	ino_t inode;
	off_t offset;
	int64_t looked; /* milliseconds, when it was looked at last */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* From its beginning. A pipe would be waited for: it is opened without. */
static int open_file(struct keylog *keylog)
{
	struct stat status;
	int fd = open(keylog->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &status) < 0 || S_ISDIR(status.st_mode)) {
		int error = fd < 0 ? errno : EISDIR;

		if (fd >= 0)
			close(fd);
		return -error;
	}
	if (keylog->fd >= 0)
		close(keylog->fd);
	keylog->fd = fd;
	keylog->device = status.st_dev;
	keylog->inode = status.st_ino;
	keylog->offset = 0;
	keylog->lines = (struct tls_keylog){0};
	return 0;
}

static int read_on(struct keylog *keylog)
{
	uint8_t piece[PIECE];
	ssize_t len;

	while ((len = read(keylog->fd, piece, sizeof(piece))) > 0) {
		keylog->offset += len;
		tls_keyring_read(keylog->keyring, &keylog->lines, ws_span_of(piece, (size_t)len));
	}
	if (len < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	OPENSSL_cleanse(piece, sizeof(piece));
	return 0;
}

struct keylog *keylog_open(const char *path, struct tls_keyring *keyring, bool may_be_missing, int *ret_error)
{
	struct keylog *keylog = calloc(1, sizeof(*keylog));
	int status;

	if (!keylog) {
		*ret_error = ENOMEM;
		return NULL;
	}
	keylog->path = path;
	keylog->keyring = keyring;
	keylog->fd = -1;
	keylog->looked = now_ms();
	status = open_file(keylog);
	if (status == 0)
		status = read_on(keylog);
	if (status == 0 || (status == -ENOENT && may_be_missing))
		return keylog;
	*ret_error = -status;
	keylog_close(keylog);
	return NULL;
}

void keylog_close(struct keylog *keylog)
{
	if (!keylog)
		return;
	if (keylog->fd >= 0)
		close(keylog->fd);
	OPENSSL_cleanse(keylog, sizeof(*keylog));
	free(keylog);
}

/* Is it another file by now, or shorter than what was read of it? */
static bool is_new(const struct keylog *keylog)
{
	struct stat status;

	if (stat(keylog->path, &status) < 0)
		return false;
	if (keylog->fd < 0 || status.st_dev != keylog->device || status.st_ino != keylog->inode)
		return true;
	return S_ISREG(status.st_mode) && status.st_size < keylog->offset;
}

void keylog_refresh_now(struct keylog *keylog)
{
	if (keylog->fd >= 0)
		read_on(keylog); /* what was read stays: an error now says nothing about it */
	if (is_new(keylog) && open_file(keylog) == 0)
		read_on(keylog);
	keylog->looked = now_ms();
}

void keylog_refresh(struct keylog *keylog)
{
	if (now_ms() - keylog->looked >= KEYLOG_PERIOD_MS)
		keylog_refresh_now(keylog);
}
