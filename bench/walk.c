/* The record walk of a mapped file: what reading a capture takes at least. Each record's head is touched, and nothing
 * else of it.
 *
 *     walk -r FILE
 *
 * For classic files of this machine's byte order, as make_capture writes them. Prints the number of records. It stands
 * on nothing of ours: bench/run compares wscap with it. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEAD = 24,
	RECORD = 16,
	CAPTURED_LENGTH = 8, /* its place in a record */
};

static uint64_t walk(const uint8_t *bytes, size_t len)
{
	uint64_t count = 0;
	size_t at = HEAD;

	while (at < len && len - at >= RECORD) {
		uint32_t captured;

		memcpy(&captured, bytes + at + CAPTURED_LENGTH, sizeof(captured));
		if (captured > len - at - RECORD)
			break;
		at += RECORD + captured;
		count++;
	}
	return count;
}

int main(int argc, char **argv)
{
	int fd = argc == 3 && strcmp(argv[1], "-r") == 0 ? open(argv[2], O_RDONLY) : -1;
	struct stat stat;
	const uint8_t *bytes;

	if (fd < 0 || fstat(fd, &stat) != 0) {
		perror("walk -r FILE");
		return 1;
	}
	bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		perror(argv[2]);
		return 1;
	}
	madvise((void *)bytes, (size_t)stat.st_size, MADV_SEQUENTIAL);
	printf("%llu records\n", (unsigned long long)walk(bytes, (size_t)stat.st_size));
	return 0;
}
