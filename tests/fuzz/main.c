/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz program over saved inputs: each file of the folders named, then the empty input. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_file(int folder, const char *name)
{
	static uint8_t bytes[1 << 20];
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, bytes, sizeof(bytes));
	size_t size = (size_t)got;
	uint8_t *copy;

	close(fd);
	if (got < 0) {
		perror(name);
		exit(1);
	}
	/* Of the exact size, so that a sanitizer sees what is read behind it. */
	copy = malloc(size + !size);
	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	printf("ok - %s\n", name);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		if (!dir) {
			fprintf(stderr, "%s: no such folder\n", argv[i]);
			return 1;
		}
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				run_file(dirfd(dir), entry->d_name);
		closedir(dir);
	}
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	printf("ok - empty input\n");
	return 0;
}
