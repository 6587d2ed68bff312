/* Runs a fuzz target over its seeds without libFuzzer: the files of the directories that are named, each whole and, as
 * truncation is the most common harm, each of its beginnings. Prints TAP. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SEED_MAX = 1 << 20,
	BEGINNINGS_MAX = 2048, /* of one seed: their work grows with the square of its length */
};

/* A copy of exactly that size, so that the sanitizer sees a read past its end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static int run_seed(const char *path)
{
	static uint8_t data[SEED_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		return -1;
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	run(data, size);
	for (size_t len = 0; len < size && len < BEGINNINGS_MAX; len++)
		run(data, len);
	return 0;
}

/* How many seeds were run, or -1. */
static int run_directory(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);
	int done = 0;

	if (count < 0)
		return -1;
	for (int i = 0; i < count; i++) {
		char name[4096];

		if (entries[i]->d_name[0] != '.') {
			snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
			done = done < 0 || run_seed(name) < 0 ? -1 : done + 1;
		}
		free(entries[i]);
	}
	free(entries);
	return done;
}

int main(int argc, char **argv)
{
	int status = 0;

	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		int seeds = run_directory(argv[i]);
		const char *name = strrchr(argv[i], '/');

		if (seeds <= 0)
			status = 1;
		printf("%s %d - %d seeds of %s and their beginnings\n", seeds > 0 ? "ok" : "not ok", i, seeds,
		       name ? name + 1 : argv[i]);
	}
	return status;
}
