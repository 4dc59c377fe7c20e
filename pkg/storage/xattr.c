/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"

#define PATH_SIZE 320 /* "/proc/self/fd/N/" and a file name */

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

struct xattr_calls {
	ssize_t (*list)(const char *path, char *list, size_t size);
	ssize_t (*get)(const char *path, const char *name, void *value, size_t size);
	int (*set)(const char *path, const char *name, const void *value, size_t size, int flags);
};
/* "/proc/self/fd/N" is itself a symlink and has to be followed. */
static const struct xattr_calls by_fd = {listxattr, getxattr, setxattr};
static const struct xattr_calls by_name = {llistxattr, lgetxattr, lsetxattr};

static int copy_one(
	const struct xattr_calls *calls, const char *source, const char *target, const char *name)
{
	ssize_t len = calls->get(source, name, NULL, 0);
	autofree void *value = NULL;

	if (len >= 0) {
		value = xmalloc((size_t)len + 1);
		len = calls->get(source, name, value, (size_t)len);
	}
	if (len < 0)
		return may_be_left_out(errno) ? 0 : -errno;
	if (calls->set(target, name, value, (size_t)len, 0) < 0 && !may_be_left_out(errno))
		return -errno;
	return 0;
}

static int copy_all(
	const struct xattr_calls *calls, const char *source, const char *target, bool no_internal)
{
	autofree char *names = NULL;
	ssize_t len = calls->list(source, NULL, 0);
	int r = 0;

	if (len <= 0)
		return len == 0 || may_be_left_out(errno) ? 0 : -errno;
	names = xmalloc((size_t)len + 1);
	len = calls->list(source, names, (size_t)len);
	if (len < 0)
		return -errno;
	names[len] = '\0';
	for (size_t at = 0; r == 0 && at < (size_t)len; at += strlen(names + at) + 1) {
		const char *name = names + at;

		/* Labels belong to the place where a file lies. */
		if (str_eq(name, "security.selinux") || (no_internal && xattr_is_internal(name)))
			continue;
		r = copy_one(calls, source, target, name);
	}
	return r;
}

int xattr_copy(int source, int target, bool no_internal)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", source);
	snprintf(to, sizeof(to), "/proc/self/fd/%d", target);
	return copy_all(&by_fd, from, to, no_internal);
}

int xattr_copy_link(int source, const char *name, int target, const char *target_name)
{
	char from[PATH_SIZE], to[PATH_SIZE];

	snprintf(from, sizeof(from), "/proc/self/fd/%d/%s", source, name);
	snprintf(to, sizeof(to), "/proc/self/fd/%d/%s", target, target_name);
	return copy_all(&by_name, from, to, false);
}
