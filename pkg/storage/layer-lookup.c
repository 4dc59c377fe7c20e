/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/tree.h"

enum lookup_result {
	LOOKUP_FOUND = 0,
	LOOKUP_LOWER,  /* not in this layer, which lets those below show through */
	LOOKUP_HIDDEN, /* not in this layer, which hides those below */
};

/* ".wh.NAME" where the kernel let us make no device (unpack-tree.c). */
static bool has_whiteout_file(int dirfd, const char *name)
{
	autofree char *whiteout = xasprintf(".wh.%s", name);

	return faccessat(dirfd, whiteout, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Goes down one path of one layer. *@dirfd moves to the directory of the last component. */
static enum lookup_result lookup_in_layer(int *dirfd, char *path, const char **ret_name)
{
	bool hidden = false;

	for (char *at = path;;) {
		char *slash = strchr(at, '/');
		struct stat st;
		int next;

		if (slash)
			*slash = '\0';
		if (fstatat(*dirfd, at, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return hidden || has_whiteout_file(*dirfd, at) ? LOOKUP_HIDDEN
								       : LOOKUP_LOWER;
		if (tree_is_whiteout(&st) || (slash && !S_ISDIR(st.st_mode)))
			return LOOKUP_HIDDEN;
		if (!slash) {
			*ret_name = at;
			return LOOKUP_FOUND;
		}
		next = openat(*dirfd, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return LOOKUP_HIDDEN;
		close_fd(dirfd);
		*dirfd = next;
		hidden = hidden || tree_is_opaque(next);
		*slash = '/';
		at = slash + 1;
	}
}

int layer_lookup(const int *layers, size_t count, const char *path, int *ret_dirfd,
	const char **ret_name, struct error *err)
{
	for (size_t i = count; i-- > 0;) {
		autofree char *copy = xstrdup(path);
		autoclose int dirfd = fcntl(layers[i], F_DUPFD_CLOEXEC, 3);
		const char *name;
		enum lookup_result result;

		if (dirfd < 0)
			return error_sys(err, errno, "look up %s", path);
		result = lookup_in_layer(&dirfd, copy, &name);
		if (result == LOOKUP_LOWER)
			continue;
		if (result == LOOKUP_HIDDEN)
			return 0;
		*ret_dirfd = take_fd(dirfd);
		*ret_name = path + (name - copy);
		return 1;
	}
	return 0;
}
