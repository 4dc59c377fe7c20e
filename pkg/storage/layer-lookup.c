/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/tree.h"

/* ".wh.NAME" where the kernel let us make no device (unpack-tree.c). */
static bool has_whiteout_file(int dirfd, const char *name)
{
	autofree char *whiteout = xasprintf(".wh.%s", name);

	return faccessat(dirfd, whiteout, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Goes down @path, whose text it cuts and mends. */
static enum layer_spot_kind walk(struct layer_spot *spot, char *path)
{
	for (char *at = path;;) {
		char *slash = strchr(at, '/');
		struct stat st;
		int next;

		if (slash)
			*slash = '\0';
		else
			spot->name = at;
		if (fstatat(spot->dirfd, at, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return spot->is_below_opaque || has_whiteout_file(spot->dirfd, at)
				       ? LAYER_SPOT_HIDDEN
				       : LAYER_SPOT_LOWER;
		if (tree_is_whiteout(&st) || (slash && !S_ISDIR(st.st_mode)))
			return LAYER_SPOT_HIDDEN;
		if (!slash)
			return LAYER_SPOT_FOUND;
		next = openat(spot->dirfd, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return LAYER_SPOT_HIDDEN;
		close_fd(&spot->dirfd);
		spot->dirfd = next;
		spot->is_below_opaque = spot->is_below_opaque || tree_is_opaque(next);
		*slash = '/';
		at = slash + 1;
	}
}

void layer_spot_release(struct layer_spot *spot)
{
	close_fd(&spot->dirfd);
}

int layer_spot_find(int layer, const char *path, struct layer_spot *ret, struct error *err)
{
	autofree char *copy = xstrdup(path);
	struct layer_spot spot = {.dirfd = fcntl(layer, F_DUPFD_CLOEXEC, 3)};

	if (spot.dirfd < 0)
		return error_sys(err, errno, "look up %s", path);
	spot.is_below_opaque = tree_is_opaque(layer);
	spot.kind = walk(&spot, copy);
	/* Into the caller's text instead of ours. */
	if (spot.name)
		spot.name = path + (spot.name - copy);
	*ret = spot;
	return 0;
}

int layer_lookup(const int *layers, size_t count, const char *path, int *ret_dirfd,
	const char **ret_name, struct error *err)
{
	for (size_t i = count; i-- > 0;) {
		AUTO(layer_spot_release) struct layer_spot spot = {.dirfd = -1};
		int r = layer_spot_find(layers[i], path, &spot, err);

		if (r < 0)
			return r;
		if (spot.kind == LAYER_SPOT_HIDDEN)
			return 0;
		if (spot.kind == LAYER_SPOT_FOUND) {
			*ret_dirfd = take_fd(spot.dirfd);
			*ret_name = spot.name;
			return 1;
		}
	}
	return 0;
}
