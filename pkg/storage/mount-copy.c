/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
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
