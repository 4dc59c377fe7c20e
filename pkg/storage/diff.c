/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/diff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/diff-private.h"
#include "storage/layer.h"
#include "storage/mount-drivers.h"

void diff_free(struct diff *diff)
{
	if (!diff)
		return;
	pile_release(&diff->tree.root);
	pile_release(&diff->other.root);
	strv_free(diff->mount_points);
	free(diff);
}

static int add_layers(
	struct store *store, char *const *layers, size_t count, struct pile *ret, struct error *err)
{
	int r = 0;

	for (size_t i = count; r == 0 && i-- > 0;) {
		autoclose int fd = layer_open_diff(store, layers[i], err);

		r = fd < 0 ? fd : pile_add(ret, fd, PILE_LAYER, err);
	}
	return r;
}

/* 1 added, 0 there is none. */
static int add_directory(struct store *store, const char *container, const char *name,
	enum pile_kind kind, struct pile *ret, struct error *err)
{
	autofree char *path = xasprintf("%s/%s", container, name);
	autoclose int fd =
		openat(store->rootfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "open %s", path);
	r = pile_add(ret, fd, kind, err);
	return r < 0 ? r : 1;
}

/* When the copy of the image was complete; zero, so that all is compared, when that is not known.
 */
static void read_copy_time(struct store *store, const char *container, struct diff *diff)
{
	autofree char *path = xasprintf("%s/" COPY_MADE, container);
	struct stat st;

	if (fstatat(store->rootfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		diff->copied = st.st_ctim;
}

static int open_side(struct store *store, const struct diff_tree *tree, struct diff_side *ret,
	bool *ret_copied, struct error *err)
{
	int r = 0;

	ret->uids = tree->uids;
	ret->gids = tree->gids;
	if (tree->container) {
		r = add_directory(store, tree->container, "rootfs", PILE_PLAIN, &ret->root, err);
		if (r != 0) {
			*ret_copied = r > 0;
			return r < 0 ? r : 0;
		}
		/* On overlay, owners are those of the image: a map acts above it. */
		ret->uids = ret->gids = NULL;
		r = add_directory(store, tree->container, "upper",
			tree->by_fuse ? PILE_LAYER : PILE_UPPER, &ret->root, err);
	}
	if (r >= 0)
		r = add_layers(store, tree->layers, strv_len(tree->layers), &ret->root, err);
	return r;
}

/* The layers that a tree is made of. */
static int open_parent(
	struct store *store, const struct diff_tree *tree, struct diff_side *ret, struct error *err)
{
	size_t count = strv_len(tree->layers);

	if (!tree->container && count)
		count--;
	return add_layers(store, tree->layers, count, &ret->root, err);
}

/* The place that a path names, be it a link or what that leads to. */
static int add_mount_point(struct diff *diff, const char *path, struct error *err)
{
	const struct pile *root = &diff->tree.root;
	const char *slash = strrchr(path, '/');
	autofree char *parent = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	autofree char *dir = NULL;
	char *target = NULL;
	int r = diff_resolve(root, parent, &dir, err);

	if (r == 0)
		r = diff_resolve(root, path, &target, err);
	if (r < 0)
		return r;
	strv_take(&diff->mount_points, target);
	strv_take(&diff->mount_points,
		xasprintf("%s%s%s", dir, *dir ? "/" : "", slash ? slash + 1 : path));
	return 0;
}

static int add_mount_points(struct diff *diff, char *const *paths, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = add_mount_point(diff, paths[i], err);
	return r;
}

int diff_open(struct store *store, const struct diff_tree *tree, const struct diff_tree *other,
	char *const *mount_points, struct diff **ret, struct error *err)
{
	AUTO(diff_free) struct diff *diff = xnew(struct diff);
	bool is_copy = false, other_is_copy = false;
	int r = open_side(store, tree, &diff->tree, &is_copy, err);

	if (r >= 0)
		r = other ? open_side(store, other, &diff->other, &other_is_copy, err)
			  : open_parent(store, tree, &diff->other, err);
	if (r < 0)
		return r;
	/* An opaque root directory is not a pile with those below it, but lies on them. */
	diff->is_stack = (!other && !is_copy) ||
			 pile_shared(&diff->tree.root, &diff->other.root) == diff->other.root.count;
	if (is_copy && !other)
		read_copy_time(store, tree->container, diff);
	r = add_mount_points(diff, mount_points, err);
	if (r < 0)
		return r;
	*ret = take_ptr(diff);
	return 0;
}

int diff_open_dir(int rootfd, const struct idmap *uids, const struct idmap *gids, struct diff **ret,
	struct error *err)
{
	AUTO(diff_free) struct diff *diff = xnew(struct diff);
	int r = pile_add(&diff->tree.root, rootfd, PILE_PLAIN, err);

	if (r < 0)
		return r;
	diff->tree.uids = uids;
	diff->tree.gids = gids;
	diff->is_stack = diff->is_mounted = true;
	*ret = take_ptr(diff);
	return 0;
}
