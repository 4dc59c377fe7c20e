/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/image-root.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

/* Volumes as deep as this are somebody's attempt to exhaust our stack. */
#define CHOWN_MAX_DEPTH 512

static int open_volumes(struct container *ctr, struct image_root *rootfs, struct error *err)
{
	const struct container_record *record = ctr->record;

	rootfs->volumes = xcalloc(record->mount_count, sizeof(*rootfs->volumes));
	for (size_t i = 0; i < record->mount_count; i++) {
		struct volume_create_request request = {
			.name = record->mounts[i].name,
			.anonymous = record->mounts[i].anonymous,
		};
		int r;

		if (!str_eq(record->mounts[i].type, "volume"))
			continue;
		/* It may have been removed while the container did not run. */
		r = volume_ensure(ctr->store, &request, &rootfs->volumes[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Upper and work directories of the mounts with option O, numbered as the mounts are. */
static int make_overlays(const struct container *ctr, struct error *err)
{
	for (size_t i = 0; i < ctr->record->mount_count; i++) {
		autofree char *upper = xasprintf("overlays/%zu/upper", i);
		autofree char *work = xasprintf("overlays/%zu/work", i);
		autoclose int fd = -1;

		if (!strv_has(ctr->record->mounts[i].options, "O"))
			continue;
		fd = root_make_dirs(ctr->dirfd, upper, 0755, err);
		if (fd >= 0) {
			close(fd);
			fd = root_make_dirs(ctr->dirfd, work, 0755, err);
		}
		if (fd < 0)
			return fd;
	}
	return 0;
}

int image_root_open(struct container *ctr, const struct spec *spec, struct image_root *ret,
	struct error *err)
{
	const struct idmap *uids = &spec->linux.uid_mappings, *gids = &spec->linux.gid_mappings;
	autofree char *dir = xasprintf("containers/%s", ctr->record->id);
	struct mount_request request = {
		.layers = ctr->record->layers,
		.container = dir,
		.no_sync = ctr->record->auto_remove,
		.uids = uids->count ? uids : NULL,
		.gids = gids->count ? gids : NULL,
	};
	int r;

	*ret = (struct image_root){ .record = ctr->record };
	ret->uid = spec->process.user.uid;
	ret->gid = spec->process.user.gid;
	if (uids->count && (!idmap_to_outside(uids, ret->uid, &ret->uid) ||
				   !idmap_to_outside(gids, ret->gid, &ret->gid)))
		return error_set(err, EINVAL,
			"user %u:%u has no id in the container's user namespace",
			spec->process.user.uid, spec->process.user.gid);
	r = storage_mount_plan(ctr->store, &request, &ret->plan, err);
	if (r == 0)
		r = make_overlays(ctr, err);
	return r < 0 ? r : open_volumes(ctr, ret, err);
}

void image_root_release(struct image_root *rootfs)
{
	for (size_t i = 0; rootfs->volumes && i < rootfs->record->mount_count; i++)
		volume_free(rootfs->volumes[i]);
	free(rootfs->volumes);
	mount_plan_free(rootfs->plan);
	*rootfs = (struct image_root){ 0 };
}

/* Option U: everything below belongs to the container's user. */
static int chown_tree(int dirfd, const struct image_root *rootfs, int depth)
{
	AUTO(strv_free) char **names = NULL;
	int r = dir_list_at(dirfd, ".", &names, NULL);

	if (r == 0 && depth > CHOWN_MAX_DEPTH)
		r = -ELOOP;
	if (r == 0 && fchown(dirfd, rootfs->uid, rootfs->gid) < 0)
		r = -errno;
	for (size_t i = 0; r == 0 && names[i]; i++) {
		autoclose int child =
			openat(dirfd, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (child >= 0)
			r = chown_tree(child, rootfs, depth + 1);
		else if (fchownat(dirfd, names[i], rootfs->uid, rootfs->gid,
				 AT_SYMLINK_NOFOLLOW) < 0)
			r = -errno;
	}
	return r;
}

static int fill_volume(int rootfd, const struct container_mount *mount,
	const struct volume *volume, const struct image_root *rootfs, struct error *err)
{
	int r = 0;

	if (mount->copy_up) {
		/* An image without that directory has nothing to copy. */
		autoclose int source =
			root_open(rootfd, mount->destination, O_RDONLY | O_DIRECTORY, 0, NULL);

		if (source >= 0)
			r = volume_copy_up(volume->datafd, source, err);
	}
	if (r == 0 && mount->chown) {
		r = chown_tree(volume->datafd, rootfs, 0);
		if (r < 0)
			return error_sys(err, -r, "change owner of volume %s", volume->name);
	}
	return r < 0 ? error_wrap(err, r, "volume %s", volume->name) : 0;
}

static int chown_bind(const struct container_mount *mount, const struct image_root *rootfs,
	struct error *err)
{
	autoclose int fd = open(mount->source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -errno : chown_tree(fd, rootfs, 0);

	return r < 0 ? error_sys(err, -r, "change owner of %s", mount->source) : 0;
}

int image_root_mount(void *data, const char *target, struct error *err)
{
	const struct image_root *rootfs = data;
	autoclose int rootfd = -1;
	int r = storage_mount(rootfs->plan, target, err);

	for (size_t i = 0; r == 0 && i < rootfs->record->mount_count; i++) {
		const struct container_mount *mount = &rootfs->record->mounts[i];

		if (rootfs->volumes[i] && rootfd < 0)
			rootfd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (rootfs->volumes[i])
			r = fill_volume(rootfd, mount, rootfs->volumes[i], rootfs, err);
		else if (mount->chown && str_eq(mount->type, "bind"))
			r = chown_bind(mount, rootfs, err);
	}
	return r;
}
