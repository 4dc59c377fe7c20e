/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An archive for "cp -", without the confinement of the child but for its root directory, which is
 * part of what keeps the archive inside. Only while it is unpacked: the fuzzer has files outside.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/unpack-merge.h"
#include "sys/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char base[64];
static int outside = -1;

static void remove_base(void)
{
	dir_remove_all_at(AT_FDCWD, base, NULL);
}

static void make_base(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(base, sizeof(base), "%.40s/fuzz-merge-XXXXXX", tmp ? tmp : "/tmp");
	outside = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (outside < 0 || !mkdtemp(base))
		abort();
	atexit(remove_base);
	umask(0);
	/* For chroot() alone: nobody's id is mapped. */
	if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0)
		exit(0);
}

/* What the container has; the archive goes into a directory of it, which is returned. */
static int fill_root(int dirfd)
{
	int to;

	if (mkdirat(dirfd, "root", 0755) < 0 || mkdirat(dirfd, "root/to", 0755) < 0 ||
		mkdirat(dirfd, "root/to/a", 0755) < 0 || symlinkat("..", dirfd, "root/to/up") < 0 ||
		symlinkat("/b", dirfd, "root/to/a/b") < 0 ||
		file_write_at(dirfd, "root/to/a/f", "text", 4, 0644, 0, NULL) < 0)
		abort();
	to = openat(dirfd, "root/to", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (to < 0)
		abort();
	return to;
}

/* Nothing has come beside the root. */
static void check_outside(int dirfd)
{
	AUTO(strv_free) char **names = NULL;

	if (dir_list_at(dirfd, ".", &names, NULL) < 0 || strv_len(names) != 1)
		abort();
}

static void unpack(int dirfd, int input, bool overwrite)
{
	const struct unpack_merge merge = {.has_owner = true, .overwrite = overwrite};
	struct unpack_limits limits = {.max_entries = 1000, .max_size = 8 << 20};
	struct unpack_result result;
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int to = fill_root(dirfd);
	char root[sizeof(base) + 8];

	snprintf(root, sizeof(root), "%s/root", base);
	if (here < 0 || chroot(root) < 0)
		abort();
	unpack_merge(input, to, &merge, &limits, &result);
	if (fchdir(outside) < 0 || chroot(".") < 0 || fchdir(here) < 0)
		abort();
	close(here);
	close(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int input = memfd_create("input", MFD_CLOEXEC), dirfd;

	if (!base[0])
		make_base();
	dirfd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (input < 0 || dirfd < 0 || fd_write_all(input, data, size) < 0 ||
		lseek(input, 0, SEEK_SET) < 0)
		abort();
	unpack(dirfd, input, size % 2);
	check_outside(dirfd);
	dir_remove_all_at(dirfd, "root", NULL);
	close(dirfd);
	close(input);
	return 0;
}
