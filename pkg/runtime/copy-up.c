/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a tmpfs with what the image has at its mount point ("tmpcopyup"). Runs inside a rootfs
 * that nobody else uses yet; links are copied, never followed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "runtime/internal.h"

static int copy_directory(int from, int to, unsigned depth, struct error *err);

static int copy_owner(int fd, const struct stat *st, const char *name, struct error *err)
{
	struct timespec times[2] = {st->st_atim, st->st_mtim};

	/* EINVAL: an id without a mapping; it stays ours. */
	if (fchown(fd, st->st_uid, st->st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return error_sys(err, errno, "copy owner of %s", name);
	if (fchmod(fd, st->st_mode & 07777) < 0)
		return error_sys(err, errno, "copy mode of %s", name);
	(void)futimens(fd, times);
	return 0;
}

static int copy_file(int from, int to, const char *name, const struct stat *st, struct error *err)
{
	autoclose int source = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	autoclose int copy = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n;

	if (source < 0 || copy < 0)
		return error_sys(err, errno, "copy %s", name);
	while ((n = sendfile(copy, source, NULL, 1 << 20)) > 0)
		;
	if (n < 0)
		return error_sys(err, errno, "copy %s", name);
	return copy_owner(copy, st, name, err);
}

static int copy_link(int from, int to, const char *name, const struct stat *st, struct error *err)
{
	char target[4096];
	ssize_t len = readlinkat(from, name, target, sizeof(target) - 1);

	if (len < 0)
		return error_sys(err, errno, "copy %s", name);
	target[len] = '\0';
	if (symlinkat(target, to, name) < 0)
		return error_sys(err, errno, "copy %s", name);
	(void)!fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW);
	return 0;
}

static int copy_subdirectory(int from, int to, const char *name, unsigned depth, struct error *err)
{
	autoclose int source = openat(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autoclose int copy = -1;

	if (source < 0)
		return error_sys(err, errno, "copy %s", name);
	if (mkdirat(to, name, 0700) < 0)
		return error_sys(err, errno, "copy %s", name);
	copy = openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (copy < 0)
		return error_sys(err, errno, "copy %s", name);
	return copy_directory(source, copy, depth + 1, err);
}

static int copy_entry(int from, int to, const char *name, unsigned depth, struct error *err)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "copy %s", name);
	if (S_ISDIR(st.st_mode))
		return copy_subdirectory(from, to, name, depth, err);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, &st, err);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name, &st, err);
	if (S_ISFIFO(st.st_mode) && mkfifoat(to, name, st.st_mode & 07777) < 0)
		return error_sys(err, errno, "copy %s", name);
	/* Devices and sockets cannot be carried over. */
	return 0;
}

static int copy_directory(int from, int to, unsigned depth, struct error *err)
{
	int fd = fcntl(from, F_DUPFD_CLOEXEC, 3);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st = {0};
	int r = 0;

	if (!dir)
		return error_sys(err, errno, "read directory");
	if (depth > 256)
		r = error_set(err, ELOOP, "directories are nested too deeply");
	while (r == 0 && (entry = readdir(dir)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			r = copy_entry(from, to, entry->d_name, depth, err);
	closedir(dir);
	if (r == 0 && fstat(from, &st) < 0)
		r = error_sys(err, errno, "read directory");
	return r < 0 ? r : copy_owner(to, &st, "directory", err);
}

int copy_up(int from, int to, struct error *err)
{
	autoclose int source = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autoclose int copy = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (source < 0 || copy < 0)
		return error_sys(err, errno, "open directory");
	return copy_directory(source, copy, 0, err);
}
