/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "storage/layer.h"
#include "storage/mount-drivers.h"
#include "storage/mount-points.h"
#include "storage/tree.h"
#include "sys/file.h"
#include "sys/mount.h"

static const char *const driver_names[] = {
	[STORAGE_OVERLAY] = "overlay",
	[STORAGE_FUSE] = "fuse-overlayfs",
	[STORAGE_COPY] = "copy",
};

const char *storage_driver_name(enum storage_driver driver)
{
	return driver_names[driver];
}

int storage_driver_parse(const char *text, enum storage_driver *ret)
{
	if (str_eq(text, "vfs"))
		text = "copy";
	if (str_eq(text, "fuse"))
		text = "fuse-overlayfs";
	for (size_t i = 0; i < ARRAY_SIZE(driver_names); i++) {
		if (str_eq(text, driver_names[i])) {
			*ret = (enum storage_driver)i;
			return 0;
		}
	}
	return -EINVAL;
}

/*
 * Top first, as overlayfs counts. A layer that is missing is found here, before anything starts.
 * One whose own root is opaque is the last: overlayfs would merge its root all the same.
 */
static int list_layers(struct mount_plan *plan, char *const *layers, struct error *err)
{
	bool is_opaque = false;

	for (size_t i = strv_len(layers); !is_opaque && i-- > 0;) {
		autoclose int fd = layer_open_diff(plan->store, layers[i], err);

		if (fd < 0)
			return fd;
		strv_take(&plan->layers, xasprintf("layers/%s/diff", digest_hex(layers[i])));
		is_opaque = tree_is_opaque(fd);
	}
	return 0;
}

static int add_mount_points(struct mount_plan *plan, struct error *err)
{
	strv_add(&plan->layers, MOUNT_POINTS_DIR);
	return mount_points_prepare(plan->store, err);
}

/* The merged root directory looks as the upper one does: it gets what the image's root has. */
static int make_upper(struct mount_plan *plan, struct error *err)
{
	autofree char *path = xasprintf("%s/upper", plan->container);
	autoclose int upper = -1, lower = -1;

	if (mkdirat(plan->store->rootfd, path, 0755) < 0)
		return errno == EEXIST ? 0 : error_sys(err, errno, "create %s", path);
	upper = openat(plan->store->rootfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	lower = openat(plan->store->rootfd, plan->layers[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (upper < 0 || lower < 0)
		return error_sys(err, errno, "open %s", path);
	return tree_copy_attributes(
		lower, upper, &(struct tree_copy_options){.as_layer = true}, err);
}

static int make_work(struct mount_plan *plan, struct error *err)
{
	autofree char *path = xasprintf("%s/work", plan->container);
	autofree char *mark = xasprintf("%s/work/incompat/volatile", path);

	if (mkdirat(plan->store->rootfd, path, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return error_sys(err, errno, "create %s", path);
	/*
	 * A volatile overlay refuses to be mounted again, as a crash may have torn the upper
	 * directory. Within one boot nothing is torn, and over a reboot nothing was promised.
	 */
	unlinkat(plan->store->rootfd, mark, AT_REMOVEDIR);
	return 0;
}

static int prepare(struct mount_plan *plan, const struct mount_request *request, struct error *err)
{
	int r = list_layers(plan, request->layers, err);

	if (r == 0)
		r = storage_choose_driver(
			plan->store, request->uids || request->gids, &plan->driver, err);
	if (r == 0 && plan->driver == STORAGE_COPY)
		return copy_prepare(plan, request, err);
	if (r == 0)
		r = add_mount_points(plan, err);
	if (r == 0)
		r = make_upper(plan, err);
	if (r == 0)
		r = make_work(plan, err);
	if (r == 0 && plan->driver == STORAGE_FUSE)
		r = fuse_prepare(plan, request, err);
	return r;
}

char *storage_lower_text(const struct store *store, char *const *layers)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	for (size_t i = strv_len(layers); i-- > 0;)
		strbuf_addf(&text, "%s%s/layers/%s/diff", text.len ? ":" : "", store->root,
			digest_hex(layers[i]));
	return strbuf_take(&text);
}

int storage_mount_plan(struct store *store, const struct mount_request *request,
	struct mount_plan **ret, struct error *err)
{
	AUTO(mount_plan_free) struct mount_plan *plan = xnew(struct mount_plan);
	int r;

	plan->store = store;
	plan->container = xstrdup(request->container);
	plan->no_sync = request->no_sync;
	plan->fuse_socket = -1;
	r = prepare(plan, request, err);
	if (r < 0)
		return error_wrap(err, r, "root file system");
	*ret = take_ptr(plan);
	return 0;
}

int mount_put(int fd, const char *target, struct error *err)
{
	autoclose int target_fd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (target_fd < 0)
		return error_sys(err, errno, "open %s", target);
	return mount_attach(fd, target_fd, err);
}

int storage_mount(const struct mount_plan *plan, const char *target, struct error *err)
{
	/* Again, and by path: mounts are made from what this mount namespace has looked up. */
	autoclose int storefd = open(plan->store->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat here, known;
	int r;

	if (storefd < 0)
		return error_sys(err, errno, "root file system: open %s", plan->store->root);
	if (fstat(storefd, &here) < 0 || fstat(plan->store->rootfd, &known) < 0 ||
		here.st_dev != known.st_dev || here.st_ino != known.st_ino)
		return error_set(err, ESTALE, "root file system: %s is another directory here",
			plan->store->root);
	switch (plan->driver) {
	case STORAGE_OVERLAY:
		r = mount_overlay(plan, storefd, target, err);
		break;
	case STORAGE_FUSE:
		r = mount_fuse(plan, target, err);
		break;
	default:
		r = mount_copy(plan, storefd, target, err);
	}
	return r < 0 ? error_wrap(err, r, "mount root file system (%s)",
			       storage_driver_name(plan->driver))
		     : 0;
}

void mount_plan_release_fds(struct mount_plan *plan)
{
	close_fd(&plan->fuse_socket);
}

void mount_plan_free(struct mount_plan *plan)
{
	if (!plan)
		return;
	close_fd(&plan->fuse_socket);
	if (plan->fuse_pid > 0)
		waitpid(plan->fuse_pid, NULL, WNOHANG);
	strv_free(plan->layers);
	free(plan->container);
	free(plan);
}
