/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/mount-points.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/file.h"

static const struct mount_point {
	const char *path;
	mode_t type;
	mode_t mode;
	const char *target; /* of a symbolic link */
} mount_points[] = {
	{"dev", S_IFDIR, 0755, NULL},
	{"proc", S_IFDIR, 0555, NULL},
	{"sys", S_IFDIR, 0555, NULL},
	{"run", S_IFDIR, 0755, NULL},
	{"run/.containerenv", S_IFREG, 0644, NULL},
	{"etc", S_IFDIR, 0755, NULL},
	{"etc/hosts", S_IFREG, 0644, NULL},
	{"etc/hostname", S_IFREG, 0644, NULL},
	{"etc/resolv.conf", S_IFREG, 0644, NULL},
	{"etc/mtab", S_IFLNK, 0777, "/proc/mounts"},
};

static int make_one(int dirfd, const struct mount_point *point)
{
	int fd, r;

	if (point->type == S_IFLNK)
		return symlinkat(point->target, dirfd, point->path);
	if (point->type == S_IFDIR) {
		r = mkdirat(dirfd, point->path, 0700);
	} else {
		fd = openat(dirfd, point->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		r = fd < 0 ? -1 : close(fd);
	}
	/* Not the umask's business. */
	return r < 0 ? r : fchmodat(dirfd, point->path, point->mode, 0);
}

static int fill(int dirfd, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++) {
		if (make_one(dirfd, &mount_points[i]) < 0)
			return error_sys(err, errno, "make mount point %s", mount_points[i].path);
	}
	return fchmod(dirfd, 0755) < 0 ? error_sys(err, errno, "make mount points") : 0;
}

int mount_points_prepare(struct store *store, struct error *err)
{
	autofree char *staging = NULL;
	autoclose int dirfd = -1;
	int r;

	if (faccessat(store->rootfd, MOUNT_POINTS_DIR, F_OK, 0) == 0)
		return 0;
	dirfd = store_staging_new(store, &staging, err);
	if (dirfd < 0)
		return dirfd;
	r = fill(dirfd, err);
	if (r == 0 && syncfs(dirfd) < 0)
		r = error_sys(err, errno, "make mount points");
	/* EEXIST: another command was as quick. */
	if (r == 0 && renameat2(store->rootfd, staging, store->rootfd, MOUNT_POINTS_DIR,
			      RENAME_NOREPLACE) < 0 && errno != EEXIST)
		r = error_sys(err, errno, "make mount points");
	dir_remove_all_at(store->rootfd, staging, NULL);
	return r;
}
