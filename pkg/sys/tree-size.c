/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/tree-size.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

/*
 * A list of directories to be looked into instead of recursion: a container may make trees that are
 * deeper than a process may have descriptors.
 */
struct walk {
	int rootfd;
	char **paths; /* below rootfd */
	size_t count;
	uint64_t bytes;
};

static void push(struct walk *walk, char *path)
{
	walk->paths = list_grow(walk->paths, walk->count, sizeof(*walk->paths));
	walk->paths[walk->count++] = path;
}

static int open_below(int rootfd, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	long fd = syscall(SYS_openat2, rootfd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static void count_entry(struct walk *walk, int fd, const char *path, const char *name)
{
	struct stat st;

	if (str_eq(name, ".") || str_eq(name, "..") ||
		fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		push(walk, xasprintf("%s/%s", path, name));
	else if ((S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)) && st.st_nlink > 0)
		walk->bytes += (uint64_t)st.st_size / st.st_nlink; /* its share */
}

static void count_directory(struct walk *walk, const char *path)
{
	int fd = open_below(walk->rootfd, path);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		close_fd(&fd);
		return;
	}
	while ((entry = readdir(dir)))
		count_entry(walk, fd, path, entry->d_name);
	closedir(dir);
}

int tree_size(int dirfd, const char *name, uint64_t *ret_bytes, struct error *err)
{
	autoclose int rootfd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct walk walk = {.rootfd = rootfd};

	if (rootfd < 0)
		return error_sys(err, errno, "open directory %s", name);
	push(&walk, xstrdup("."));
	while (walk.count > 0) {
		autofree char *path = walk.paths[--walk.count];

		count_directory(&walk, path);
	}
	free(walk.paths);
	*ret_bytes = walk.bytes;
	return 0;
}
