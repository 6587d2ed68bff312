#include "wscap/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/i18n.h"
#include "base/log.h"

bool privileges_drop(const char *user, char *error, size_t error_size)
{
	const struct passwd *entry;

	if (getuid() != 0 && geteuid() != 0)
		return true;
	entry = getpwnam(user);
	if (!entry) {
		snprintf(error, error_size, _("-Z %s: there is no such user"), user);
		return false;
	}
	if (initgroups(entry->pw_name, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 ||
	    setuid(entry->pw_uid) != 0) {
		snprintf(error, error_size, "-Z %s: %s", user, strerror(errno));
		return false;
	}
	log_line("dropped privs to %s", user);
	return true;
}
