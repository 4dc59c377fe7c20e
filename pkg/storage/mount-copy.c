/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "storage/mount-drivers.h"
#include "storage/tree.h"
#include "sys/file.h"
#include "sys/mount.h"

static int copy_layers(
	struct mount_plan *plan, int target, const struct mount_request *request, struct error *err)
{
	struct tree_copy_options options = {
		.as_layer = true, .uids = request->uids, .gids = request->gids};
	int r = 0;

	/* Base first: a layer changes what those below have made. */
	for (size_t i = strv_len(plan->layers); r == 0 && i-- > 0;) {
		autoclose int layer = openat(plan->store->rootfd, plan->layers[i],
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

		if (layer < 0)
			return error_sys(err, errno, "open %s", plan->layers[i]);
		r = tree_copy(layer, target, &options, err);
	}
	return r;
}

/* Times of a file system go by ticks of some milliseconds: the mark's is later than that of any copy. */
static int wait_for_tick(int fd)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct stat first, st;

	if (fstat(fd, &first) < 0)
		return -errno;
	for (int tries = 0; tries < 100; tries++) {
		nanosleep(&pause, NULL);
		if (futimens(fd, NULL) < 0 || fstat(fd, &st) < 0)
			return -errno;
		if (st.st_ctim.tv_sec != first.st_ctim.tv_sec ||
			st.st_ctim.tv_nsec != first.st_ctim.tv_nsec)
			return 0;
	}
	return 0;
}

static int mark_complete(struct mount_plan *plan, struct error *err)
{
	autofree char *path = xasprintf("%s/" COPY_MADE, plan->container);
	autoclose int fd = -1;
	int r;

	unlinkat(plan->store->rootfd, path, 0);
	fd = openat(plan->store->rootfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r = fd < 0 ? -errno : wait_for_tick(fd);
	return r < 0 ? error_sys(err, -r, "create %s", path) : 0;
}

int copy_prepare(struct mount_plan *plan, const struct mount_request *request, struct error *err)
{
	autofree char *done = xasprintf("%s/rootfs", plan->container);
	autofree char *part = xasprintf("%s/rootfs.part", plan->container);
	autoclose int target = -1;
	int rootfd = plan->store->rootfd;
	int r;

	if (faccessat(rootfd, done, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	/* What a killed process began is not gone on with. */
	r = dir_remove_all_at(rootfd, part, err);
	if (r < 0)
		return r;
	if (mkdirat(rootfd, part, 0755) < 0)
		return error_sys(err, errno, "create %s", part);
	target = dir_open_at(rootfd, part, err);
	r = target < 0 ? target : copy_layers(plan, target, request, err);
	if (r == 0)
		r = mark_complete(plan, err);
	/* Its name says that the copy is whole, also after a power cut. */
	if (r == 0 && !plan->no_sync)
		r = store_sync(plan->store, err);
	if (r == 0 && renameat(rootfd, part, rootfd, done) < 0)
		r = error_sys(err, errno, "create %s", done);
	if (r < 0) {
		dir_remove_all_at(rootfd, part, NULL);
		return error_wrap(err, r, "copy image");
	}
	return 0;
}

int mount_copy(const struct mount_plan *plan, int storefd, const char *target, struct error *err)
{
	autofree char *path = xasprintf("%s/rootfs", plan->container);
	autoclose int fd = mount_clone(storefd, path, false, err);

	return fd < 0 ? fd : mount_put(fd, target, err);
}
