/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/layer-commit.h"
#include "storage/unpack-stream.h"
#include "sys/file.h"

/*
 * A layer from a registry, without the confinement of the child: whatever the archive says, all of
 * it must end below one directory. A file beside that directory tells when it does not.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char base[64];

static void remove_base(void)
{
	dir_remove_all_at(AT_FDCWD, base, NULL);
}

static void make_base(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(base, sizeof(base), "%.40s/fuzz-layer-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(base))
		abort();
	atexit(remove_base);
	umask(0);
}

/* The layer below: links, whiteouts and directories of the archive may mean what it has. */
static void make_lower(int dirfd)
{
	if (mkdirat(dirfd, "lower", 0755) < 0 || mkdirat(dirfd, "lower/a", 0755) < 0 ||
		mkdirat(dirfd, "lower/a/b", 0755) < 0 ||
		file_write_at(dirfd, "lower/a/b/f", "text", 4, 0644, 0, NULL) < 0)
		abort();
}

static void unpack(int dirfd, int input)
{
	int lower = openat(dirfd, "lower", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct unpack_limits limits = {.max_entries = 1000, .max_size = 8 << 20};
	int root = openat(dirfd, "diff", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fixups = openat(dirfd, "fixups", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct unpack_result result;

	unpack_stream(input, root, fixups, &limits, &result);
	close(fixups);
	/* The records it has written are read back. */
	if (result.error.code == 0)
		layer_fix_up(dirfd, &lower, 1, NULL);
	close(root);
	close(lower);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int input = memfd_create("input", MFD_CLOEXEC);
	char **names = NULL;
	int dirfd;

	if (!base[0])
		make_base();
	dirfd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (input < 0 || dirfd < 0 || mkdirat(dirfd, "diff", 0755) < 0)
		abort();
	make_lower(dirfd);
	if (fd_write_all(input, data, size) < 0 || lseek(input, 0, SEEK_SET) < 0)
		abort();
	unpack(dirfd, input);
	unlinkat(dirfd, "fixups", 0);
	if (dir_list_at(dirfd, ".", &names, NULL) < 0 || strv_len(names) != 2)
		abort();
	strv_free(names);
	dir_remove_all_at(dirfd, "diff", NULL);
	dir_remove_all_at(dirfd, "lower", NULL);
	close(dirfd);
	close(input);
	return 0;
}
