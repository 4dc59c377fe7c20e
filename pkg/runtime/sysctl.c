/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "base/log.h"
#include "runtime/internal.h"
#include "sys/file.h"

/*
 * /proc/sys shows the namespaces of whoever opens it, so any proc will do: the container's, which
 * is surely writable still, or the one of the host.
 */
static int open_sysctl_root(int rootfd, struct error *err)
{
	int fd = root_open(rootfd, "/proc/sys", O_PATH | O_DIRECTORY, 0, err);
	struct statfs fs;

	if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC)
		return fd;
	if (fd >= 0)
		close(fd);
	fd = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_sys(err, errno, "open /proc/sys") : fd;
}

/* sysctl(8): dots and slashes change places, so that names of interfaces may contain dots. */
static char *key_to_path(const char *key)
{
	const char *first = strpbrk(key, "./");
	char *path = xstrdup(key);

	if (first && *first == '/')
		return path;
	for (char *at = path; (at = strpbrk(at, "./")); at++)
		*at = *at == '.' ? '/' : '.';
	return path;
}

static int set_one(int root, const char *key, const char *value, struct error *err)
{
	struct open_how how = {.flags = O_WRONLY | O_CLOEXEC | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	autofree char *path = key_to_path(key);
	autoclose int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	int r;

	/* Inside another container, whose proc is the only one; that is no reason not to run. */
	if (fd < 0 && errno == EROFS) {
		log_warn("sysctl %s is not set: /proc/sys is read-only here", key);
		return 0;
	}
	if (fd < 0)
		return error_sys(err, errno, "set sysctl %s", key);
	r = fd_write_all(fd, value, strlen(value));
	return r < 0 ? error_sys(err, -r, "set sysctl %s to %s", key, value) : 0;
}

int sysctl_apply(const struct strmap *sysctl, int rootfd, struct error *err)
{
	autoclose int root = -1;

	if (!sysctl->count)
		return 0;
	root = open_sysctl_root(rootfd, err);
	if (root < 0)
		return root;
	for (size_t i = 0; i < sysctl->count; i++) {
		int r = set_one(root, sysctl->items[i].key, sysctl->items[i].value, err);

		if (r < 0)
			return r;
	}
	return 0;
}
