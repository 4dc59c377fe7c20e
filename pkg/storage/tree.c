/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/str.h"
#include "storage/xattr.h"
#include "sys/file.h"

#define COPY_CHUNK (1 << 30)

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

/* An owner that the map does not know stays ours, as it would show up unmapped anyway. */
static void map_owner(
	const struct stat *st, const struct tree_copy_options *options, uid_t *uid, gid_t *gid)
{
	*uid = st->st_uid;
	*gid = st->st_gid;
	if ((options && options->uids && !idmap_to_outside(options->uids, st->st_uid, uid)) ||
		(options && options->gids && !idmap_to_outside(options->gids, st->st_gid, gid)))
		*uid = *gid = (uid_t)-1;
}

/* Owner, mode, times. */
static int set_attributes(
	int dirfd, const char *name, const struct stat *st, const struct tree_copy_options *options)
{
	struct timespec times[2] = {st->st_atim, st->st_mtim};
	uid_t uid;
	gid_t gid;

	map_owner(st, options, &uid, &gid);
	if (fchownat(dirfd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EINVAL &&
		errno != EPERM)
		return -errno;
	if (!S_ISLNK(st->st_mode) && fchmodat(dirfd, name, st->st_mode & 07777, 0) < 0)
		return -errno;
	if (utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return 0;
}

int tree_copy_attributes(
	int source, int target, const struct tree_copy_options *options, struct error *err)
{
	struct stat st;
	int r;

	if (fstat(source, &st) < 0)
		return error_sys(err, errno, "stat");
	/* By name, as O_PATH descriptors cannot be changed themselves. */
	r = set_attributes(target, ".", &st, options);
	if (r == 0)
		r = xattr_copy(source, target, options && options->as_layer);
	return r < 0 ? error_sys(err, -r, "copy attributes") : 0;
}

/* SEEK_DATA keeps holes; copy_file_range() lets the file system share or move the data itself. */
static int copy_data(int source, int target, off_t size)
{
	off_t at = 0;

	if (size == 0 || ioctl(target, FICLONE, source) == 0)
		return 0;
	if (ftruncate(target, size) < 0)
		return -errno;
	while (at < size) {
		off_t data = lseek(source, at, SEEK_DATA);
		off_t hole, out;

		if (data < 0)
			return errno == ENXIO ? 0 : -errno;
		hole = lseek(source, data, SEEK_HOLE);
		if (hole < 0)
			return -errno;
		for (out = data; data < hole;) {
			ssize_t done = copy_file_range(source, &data, target, &out,
				(size_t)(hole - data < COPY_CHUNK ? hole - data : COPY_CHUNK), 0);

			if (done < 0)
				return -errno;
			if (done == 0)
				return 0;
		}
		at = hole;
	}
	return 0;
}

/* For pairs of file systems where copy_file_range() does not work. */
static int copy_data_slowly(int source, int target, off_t size)
{
	autofree char *buffer = xmalloc(1 << 18);
	ssize_t got;
	off_t at = 0;

	if (ftruncate(target, size) < 0 || lseek(target, 0, SEEK_SET) < 0)
		return -errno;
	while ((got = pread(source, buffer, 1 << 18, at)) > 0) {
		int r = fd_write_all(target, buffer, (size_t)got);

		if (r < 0)
			return r;
		at += got;
	}
	return got < 0 ? -errno : 0;
}

static int copy_regular(int source, const char *name, const struct stat *st, int target,
	const char *target_name, const struct tree_copy_options *options)
{
	autoclose int in =
		openat(source, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	autoclose int out = -1;
	int r;

	if (in < 0)
		return -errno;
	out = openat(target, target_name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return -errno;
	r = copy_data(in, out, st->st_size);
	if (r == -EXDEV || r == -EINVAL || r == -EOPNOTSUPP || r == -ENOSYS || r == -EIO)
		r = copy_data_slowly(in, out, st->st_size);
	/* Owner before attributes: chown() clears file capabilities. */
	if (r == 0)
		r = set_attributes(target, target_name, st, options);
	if (r == 0)
		r = xattr_copy(in, out, options && options->as_layer);
	return r;
}

static int copy_symlink(int source, const char *name, int target, const char *target_name)
{
	autofree char *text = NULL;
	int r = link_read_at(source, name, &text);

	if (r == 0 && symlinkat(text, target, target_name) < 0)
		r = -errno;
	return r;
}

static int copy_node(int source, const char *name, const struct stat *st, int target,
	const char *target_name, const struct tree_copy_options *options)
{
	int r;

	if (S_ISREG(st->st_mode))
		return copy_regular(source, name, st, target, target_name, options);
	if (S_ISLNK(st->st_mode)) {
		r = copy_symlink(source, name, target, target_name);
	} else {
		r = mknodat(target, target_name, st->st_mode, st->st_rdev) < 0 ? -errno : 0;
		/* Sockets have no meaning without their process, devices may not be ours to make.
		 */
		if (r == -EPERM || S_ISSOCK(st->st_mode))
			return 0;
	}
	if (r == 0)
		r = xattr_copy_link(source, name, target, target_name);
	return r < 0 ? r : set_attributes(target, target_name, st, options);
}

int tree_copy_file(int source, const char *name, int target, const char *target_name,
	const struct tree_copy_options *options, struct error *err)
{
	struct stat st;
	int r;

	if (fstatat(source, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "copy %s", name);
	r = copy_node(source, name, &st, target, target_name, options);
	return r < 0 ? error_sys(err, -r, "copy %s", name) : 0;
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
		r = dir_remove_all_at(target, name, err);
		if (r < 0)
			return r;
	}
	if (mkdirat(target, name, 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory %s", path);
	to = dir_open_at(target, name, err);
	if (to < 0)
		return to;
	r = copy_children(ctx, from, to, path, err);
	/* Last: adding to a directory changes its times. */
	return r < 0 ? r : tree_copy_attributes(from, to, ctx->options, err);
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
	r = dir_remove_all_at(target, hidden ? hidden : name, err);
	if (r < 0 || hidden || (as_layer && tree_is_whiteout(&st)))
		return r;
	linked = st.st_nlink > 1 ? find_link(ctx, &st) : NULL;
	if (linked && link_copy(ctx, linked, target, name))
		return 0;
	r = copy_node(source, name, &st, target, name, ctx->options);
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

	if (r == 0)
		r = tree_copy_attributes(from, target, options, err);
	tdestroy(ctx.links, free_link);
	return r;
}
