/* --follow: a capture file is followed by its name, as programs rotate files under it. */
#ifndef WSCAP_FOLLOW_H
#define WSCAP_FOLLOW_H

enum follow_step {
	FOLLOW_SAME,     /* it is still that file, or the name is nobody's for the moment */
	FOLLOW_CUT,      /* …and shorter than what was read of it */
	FOLLOW_REPLACED, /* another file has the name */
};

/* At the end of what fd has: is that the end of it? */
enum follow_step follow_look(int fd, const char *path);

#endif
