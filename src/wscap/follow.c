#include "wscap/follow.h"

#include <sys/stat.h>
#include <unistd.h>

enum follow_step follow_look(int fd, const char *path)
{
	struct stat here, there;
	off_t at = lseek(fd, 0, SEEK_CUR);

	if (fstat(fd, &here) != 0 || !S_ISREG(here.st_mode))
		return FOLLOW_SAME;
	if (stat(path, &there) == 0 && (there.st_dev != here.st_dev || there.st_ino != here.st_ino))
		return FOLLOW_REPLACED;
	return at >= 0 && here.st_size < at ? FOLLOW_CUT : FOLLOW_SAME;
}
