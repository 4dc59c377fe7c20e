/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <search.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/xattr.h"
#include "sys/file.h"

#define MQUEUE_MAGIC 0x19800202 /* statfs(2); in no header */

bool tree_is_mount_point(int dirfd, const char *name)
{
	struct statx st;

	return statx(dirfd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

bool tree_is_made_up(int parent, int dirfd)
{
	static const uint32_t types[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC, MQUEUE_MAGIC};
	struct stat above, st;
	struct statfs fs;

	if (fstat(parent, &above) < 0 || fstat(dirfd, &st) < 0 || above.st_dev == st.st_dev ||
		fstatfs(dirfd, &fs) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if ((uint32_t)fs.f_type == types[i])
			return true;
	}
	return false;
}

/* A file that has several names. */
struct copy_link {
	dev_t dev;
	ino_t ino;
	char *path; /* of its copy, relative to the target's root */
};

struct copy_context {
	const struct tree_copy_options *options;
	int root;    /* target's root */
	void *links; /* tsearch(3) tree of struct copy_link */
	unsigned depth;
};

bool tree_is_opaque(int dirfd)
{
	char value[2] = "";

	return xattr_get_fd(dirfd, XATTR_OPAQUE, value, sizeof(value)) == 1 && value[0] == 'y';
}

static int compare_links(const void *left, const void *right)
{
	const struct copy_link *a = left, *b = right;

	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return (a->dev > b->dev) - (a->dev < b->dev);
}

/* A file with several names is copied once: path of its copy, or NULL. */
static const char *find_link(const struct copy_context *ctx, const struct stat *st)
{
	struct copy_link key = {.dev = st->st_dev, .ino = st->st_ino};
	struct copy_link *const *found = tfind(&key, &ctx->links, compare_links);

	return found ? (*found)->path : NULL;
}

static void remember_link(struct copy_context *ctx, const struct stat *st, const char *path)
{
	struct copy_link *link = xnew(struct copy_link);
	struct copy_link **kept;

	*link = (struct copy_link){.dev = st->st_dev, .ino = st->st_ino, .path = xstrdup(path)};
	kept = tsearch(link, &ctx->links, compare_links);
	if (!kept)
		abort();
	/* A second copy, as the first one has all the links that the file system allows. */
	if (*kept != link) {
		free((*kept)->path);
		(*kept)->path = link->path;
		free(link);
	}
}

/* The target may belong to a running container: no symlink of its making is followed. */
static bool link_copy(
	const struct copy_context *ctx, const char *path, int target, const char *name)
{
	const char *slash = strrchr(path, '/');
	autofree char *dir = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	autoclose int dirfd = root_open(ctx->root, *dir ? dir : ".", O_PATH | O_DIRECTORY, 0, NULL);

	return dirfd >= 0 && linkat(dirfd, slash ? slash + 1 : path, target, name, 0) == 0;
}

static void free_link(void *data)
{
	struct copy_link *link = data;

	free(link->path);
	free(link);
}

static int copy_children(
	struct copy_context *ctx, int source, int target, const char *prefix, struct error *err);

static int copy_directory(struct copy_context *ctx, int source, const char *name, int target,
	const char *path, struct error *err)
{
	bool as_layer = ctx->options && ctx->options->as_layer;
	autoclose int from = dir_open_at(source, name, err);
	autoclose int to = -1;
	struct stat st;
	int r;

	if (from < 0)
		return from;
	if (fstatat(target, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		(!S_ISDIR(st.st_mode) || (as_layer && tree_is_opaque(from)))) {
		if (!S_ISDIR(st.st_mode) && ctx->options && ctx->options->keep_kinds)
			return error_set(
				err, ENOTDIR, "%s would replace what is no directory by one", path);
		if (tree_is_mount_point(target, name))
			return error_sys(err, EBUSY, "replace %s", path);
		r = dir_remove_all_at(target, name, err);
		if (r < 0)
			return r;
	}
	if (mkdirat(target, name, 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory %s", path);
	to = dir_open_at(target, name, err);
	if (to < 0)
		return to;
	if (ctx->options && ctx->options->no_kernel_files && tree_is_made_up(source, from))
		r = 0;
	else
		r = copy_children(ctx, from, to, path, err);
	/* Last: adding to a directory changes its times. */
	return r < 0 ? r : tree_copy_attributes(from, to, ctx->options, err);
}

/* Makes room for anything but a directory; -EBUSY for a mount point, which stays. */
static int make_room(const struct copy_context *ctx, int target, const char *name, const char *path,
	struct error *err)
{
	struct stat st;

	if (fstatat(target, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "copy %s", path);
	if (ctx->options && ctx->options->keep_kinds && S_ISDIR(st.st_mode))
		return error_set(err, EISDIR, "%s would replace a directory", path);
	if (tree_is_mount_point(target, name))
		return error_sys(err, EBUSY, "replace %s", path);
	return dir_remove_all_at(target, name, err);
}

/* A file on which another one is mounted: its content is what can be replaced. */
static int copy_over(const struct copy_context *ctx, int source, const char *name, int target,
	const char *path, struct error *err)
{
	autoclose int file = openat(source, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	autoclose int over = openat(target, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int r = file < 0 || over < 0 ? error_sys(err, errno, "open")
				     : tree_copy_over(file, over, ctx->options, err);

	return r < 0 ? error_wrap(err, r, "copy %s", path) : 0;
}

static int copy_child(struct copy_context *ctx, int source, const char *name, int target,
	const char *path, struct error *err)
{
	bool as_layer = ctx->options && ctx->options->as_layer;
	const char *linked, *hidden;
	struct stat st;
	int r;

	if (fstatat(source, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "copy %s", path);
	if (S_ISDIR(st.st_mode))
		return copy_directory(ctx, source, name, target, path, err);
	hidden = as_layer ? str_after(name, ".wh.") : NULL;
	r = make_room(ctx, target, hidden ? hidden : name, path, err);
	if (r == -EBUSY && !hidden)
		return copy_over(ctx, source, name, target, path, err);
	if (r < 0 || hidden || (as_layer && tree_is_whiteout(&st)))
		return r;
	linked = st.st_nlink > 1 ? find_link(ctx, &st) : NULL;
	if (linked && link_copy(ctx, linked, target, name))
		return 0;
	r = tree_copy_file(source, name, target, name, ctx->options, NULL);
	if (r < 0)
		return error_sys(err, -r, "copy %s", path);
	if (st.st_nlink > 1)
		remember_link(ctx, &st, path);
	return 0;
}

static int copy_children(
	struct copy_context *ctx, int source, int target, const char *prefix, struct error *err)
{
	AUTO(strv_free) char **names = NULL;
	int r = dir_list_at(source, ".", &names, err);

	/* Each level holds descriptors and stack; the kernel's PATH_MAX ends paths before that. */
	if (r == 0 && ++ctx->depth > PATH_MAX / 2)
		r = error_set(err, ELOOP, "%s: too many directories in each other", prefix);
	for (size_t i = 0; r == 0 && names[i]; i++) {
		autofree char *path =
			*prefix ? xasprintf("%s/%s", prefix, names[i]) : xstrdup(names[i]);

		r = copy_child(ctx, source, names[i], target, path, err);
	}
	ctx->depth--;
	return r;
}

int tree_copy(int source, int target, const struct tree_copy_options *options, struct error *err)
{
	struct copy_context ctx = {.options = options, .root = target};
	autoclose int from = dir_open_at(source, ".", err);
	int r = from < 0 ? from : copy_children(&ctx, from, target, "", err);

	if (r == 0 && !(options && options->keep_root))
		r = tree_copy_attributes(from, target, options, err);
	tdestroy(ctx.links, free_link);
	return r;
}
