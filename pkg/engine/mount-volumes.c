/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount-volumes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "storage/volume.h"
#include "sys/file.h"
#include "sys/mount.h"

/* The record of one of the spec's mounts; NULL: it is none that a person has asked for. */
static const struct container_mount *find_mount(
	const struct container_record *record, const struct spec_mount *mount)
{
	for (size_t i = 0; i < record->mount_count; i++) {
		const struct container_mount *one = &record->mounts[i];

		if (str_eq(one->destination, mount->destination) && !str_eq(one->type, "tmpfs") &&
			!strv_has(one->options, "O"))
			return one;
	}
	return NULL;
}

/* Content of the image into a volume that nobody has used yet. */
static int fill_volume(const struct container *ctr, const struct container_mount *mount, int rootfd,
	struct error *err)
{
	AUTO(volume_free) struct volume *volume = NULL;
	struct volume_create_request request = {.name = mount->name, .anonymous = mount->anonymous};
	autoclose int source = -1;
	int r = volume_ensure(ctr->store, &request, &volume, err);

	if (r < 0 || !mount->copy_up)
		return r;
	source = root_open(rootfd, mount->destination, O_RDONLY | O_DIRECTORY, 0, NULL);
	return source < 0 ? 0 : volume_copy_up(volume->datafd, source, err);
}

/* O_PATH descriptor of the mount point, made where the image has none. */
static int open_target(int rootfd, const char *path, bool is_directory, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *parent = NULL;
	autoclose int dirfd = -1;
	int fd = root_open(rootfd, path, O_PATH, 0, NULL);

	if (fd != -ENOENT)
		return fd < 0 ? error_sys(err, -fd, "open %s", path) : fd;
	if (is_directory)
		return root_make_dirs(rootfd, path, 0755, err);
	parent = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	dirfd = root_make_dirs(rootfd, parent, 0755, err);
	if (dirfd < 0)
		return dirfd;
	fd = openat(dirfd, slash ? slash + 1 : path,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
	return root_open(rootfd, path, O_PATH, 0, err);
}

static int attach(const struct container_mount *mount, const struct spec_mount *spec, int rootfd,
	struct error *err)
{
	struct error ignored = {0};
	autoclose int tree = mount_clone(AT_FDCWD, spec->source, true, &ignored);
	autoclose int target = -1;
	struct stat st;

	if (tree < 0) {
		log_debug("volume at %s is not mounted: %s", mount->destination,
			error_text(&ignored));
		return 0;
	}
	if (fstat(tree, &st) < 0)
		return error_sys(err, errno, "stat %s", spec->source);
	/* Best effort: a kernel that cannot do so mounts it as it is. */
	if (!mount->writable)
		(void)mount_set(tree, MOUNT_ATTR_RDONLY, 0, 0, true, NULL);
	target = open_target(rootfd, mount->destination, S_ISDIR(st.st_mode), err);
	return target < 0 ? target : mount_attach(tree, target, err);
}

int container_mount_volumes(
	const struct container *ctr, const struct spec *spec, int rootfd, struct error *err)
{
	int r = 0;

	/* In the order of the spec, which has the outer ones first. */
	for (size_t i = 0; r == 0 && i < spec->mount_count; i++) {
		const struct container_mount *mount = find_mount(ctr->record, &spec->mounts[i]);

		if (!mount)
			continue;
		if (str_eq(mount->type, "volume"))
			r = fill_volume(ctr, mount, rootfd, err);
		if (r == 0)
			r = attach(mount, &spec->mounts[i], rootfd, err);
		if (r < 0)
			error_wrap(err, r, "mount %s", mount->destination);
	}
	return r;
}
