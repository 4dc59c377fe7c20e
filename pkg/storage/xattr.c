/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"

#define PATH_SIZE 40 /* "/proc/self/fd/N" */

bool xattr_is_internal(const char *name)
{
	return str_after(name, "trusted.overlay.") || str_after(name, "user.overlay.") ||
	       str_after(name, "user.fuseoverlayfs.") || str_after(name, "user.containers.") ||
	       str_after(name, "security.fuseoverlayfs.");
}

ssize_t xattr_get_fd(int fd, const char *name, void *value, size_t size)
{
	char path[PATH_SIZE];
	ssize_t len;

	/* Not fgetxattr(): it refuses O_PATH. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = getxattr(path, name, value, size);
	return len < 0 ? -errno : len;
}

int xattr_set_fd(int fd, const char *name, const void *value, size_t size)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return setxattr(path, name, value, size, 0) < 0 ? -errno : 0;
}

/* Attributes are an extra: a target that cannot hold one gets the file without it. */
static bool may_be_left_out(int code)
{
	return code == EOPNOTSUPP || code == EPERM || code == EINVAL || code == ENODATA;
}

int xattr_names(const char *path, char ***ret)
{
	autofree char *names = NULL;
	ssize_t len = llistxattr(path, NULL, 0);

	if (len <= 0)
		return len == 0 || may_be_left_out(errno) ? 0 : -errno;
	names = xmalloc((size_t)len + 1);
	len = llistxattr(path, names, (size_t)len);
	if (len < 0)
		return -errno;
	names[len] = '\0';
	for (size_t at = 0; at < (size_t)len; at += strlen(names + at) + 1) {
		/* Labels belong to the place where a file lies. */
		if (!str_eq(names + at, "security.selinux") && !xattr_is_internal(names + at))
			strv_add(ret, names + at);
	}
	return 0;
}

static int copy_one(const char *source, const char *target, const char *name)
{
	ssize_t len = getxattr(source, name, NULL, 0);
	autofree void *value = NULL;

	if (len >= 0) {
		value = xmalloc((size_t)len + 1);
		len = getxattr(source, name, value, (size_t)len);
	}
	if (len < 0)
		return may_be_left_out(errno) ? 0 : -errno;
	if (setxattr(target, name, value, (size_t)len, 0) < 0 && !may_be_left_out(errno))
		return -errno;
	return 0;
}

int xattr_copy(int source, int target, bool no_internal)
{
	char from[PATH_SIZE], to[PATH_SIZE];
	autofree char *names = NULL;
	ssize_t len;
	int r = 0;

	/* Links of /proc are followed, and end at the file itself, even where that is a symlink. */
	snprintf(from, sizeof(from), "/proc/self/fd/%d", source);
	snprintf(to, sizeof(to), "/proc/self/fd/%d", target);
	len = listxattr(from, NULL, 0);
	if (len <= 0)
		return len == 0 || may_be_left_out(errno) ? 0 : -errno;
	names = xmalloc((size_t)len + 1);
	len = listxattr(from, names, (size_t)len);
	if (len < 0)
		return -errno;
	names[len] = '\0';
	for (size_t at = 0; r == 0 && at < (size_t)len; at += strlen(names + at) + 1) {
		const char *name = names + at;

		/* Labels belong to the place where a file lies. */
		if (str_eq(name, "security.selinux") || (no_internal && xattr_is_internal(name)))
			continue;
		r = copy_one(from, to, name);
	}
	return r;
}
