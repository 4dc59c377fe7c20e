/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storage/layer-unpack.h"
#include "storage/tree.h"
#include "storage/whiteout.h"
#include "storage/xattr.h"
#include "sys/file.h"

void unpack_tree_init(struct unpack_tree *tree, int root)
{
	*tree = (struct unpack_tree){.root = root, .parent = -1};
}

static void forget_parent(struct unpack_tree *tree)
{
	close_fd(&tree->parent);
	free(take_ptr(tree->parent_path));
}

void unpack_tree_release(struct unpack_tree *tree)
{
	forget_parent(tree);
	for (size_t i = 0; i < tree->dir_count; i++)
		free(tree->dirs[i].path);
	free(tree->dirs);
	strbuf_release(&tree->fixups);
	unpack_tree_init(tree, -1);
}

static int add_fixup(struct unpack_tree *tree, char kind, const char *path, const char *target,
	struct error *err)
{
	strbuf_addc(&tree->fixups, kind);
	strbuf_add(&tree->fixups, path, strlen(path) + 1);
	if (target)
		strbuf_add(&tree->fixups, target, strlen(target) + 1);
	if (tree->fixups.len > UNPACK_FIXUPS_MAX)
		return error_set(
			err, EFBIG, "archive has too many entries that depend on the layers below");
	return 0;
}

static int set_opaque(int dirfd, const char *name, struct error *err)
{
	autoclose int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fsetxattr(fd, XATTR_OPAQUE, "y", 1, 0) < 0)
		return error_sys(err, errno, "mark directory %s as opaque", name);
	return 0;
}

/* A directory in place of a whiteout hides what lies below it. */
static int replace_whiteout(int dirfd, const char *name, struct error *err)
{
	if (unlinkat(dirfd, name, 0) < 0 || mkdirat(dirfd, name, 0755) < 0)
		return error_sys(err, errno, "create directory %s", name);
	return set_opaque(dirfd, name, err);
}

/* One missing or hidden component of a parent path. */
static int make_parent(
	struct unpack_tree *tree, int dirfd, const char *name, const char *path, struct error *err)
{
	struct stat st;

	if (mkdirat(dirfd, name, 0755) == 0)
		return add_fixup(tree, 'D', path, NULL, err);
	if (errno != EEXIST)
		return error_sys(err, errno, "create directory %s", path);
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "stat %s", path);
	if (S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode))
		return 0;
	if (!tree_is_whiteout(&st))
		return error_set(
			err, EBADMSG, "archive entry below \"%.200s\": not a directory", path);
	return replace_whiteout(dirfd, name, err);
}

static int make_parents(struct unpack_tree *tree, const char *path, struct error *err)
{
	autofree char *sofar = xstrdup(path);
	autoclose int dirfd = root_open(tree->root, ".", O_PATH | O_DIRECTORY, 0, err);
	char *at = sofar;

	while (dirfd >= 0 && at) {
		char *slash = strchr(at, '/');
		int r, next;

		if (slash)
			*slash = '\0';
		r = make_parent(tree, dirfd, at, sofar, err);
		if (r < 0)
			return r;
		next = root_open(tree->root, sofar, O_PATH | O_DIRECTORY, 0, err);
		if (next < 0)
			return error_set(err, EBADMSG,
				"archive entry below \"%.200s\": a symbolic link that leads "
				"nowhere",
				sofar);
		close_fd(&dirfd);
		dirfd = next;
		if (slash)
			*slash = '/';
		at = slash ? slash + 1 : NULL;
	}
	return take_fd(dirfd);
}

/* Descriptor of the directory that holds @path; borrowed from the cache. */
static int open_parent(
	struct unpack_tree *tree, const char *path, const char **ret_name, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *parent = xstrndup(path, slash ? (size_t)(slash - path) : 0);
	int fd;

	*ret_name = slash ? slash + 1 : path;
	if (tree->parent_path && str_eq(tree->parent_path, parent))
		return tree->parent;
	forget_parent(tree);
	fd = root_open(tree->root, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0, NULL);
	if (fd == -ENOENT || fd == -ENOTDIR)
		fd = make_parents(tree, parent, err);
	if (fd < 0)
		return error_wrap(err, fd, "open directory %.200s", parent);
	tree->parent = fd;
	tree->parent_path = take_ptr(parent);
	return fd;
}

/* Says whose a file is, for drivers and maps that know the id. Not for what has no attributes. */
static void record_owner(struct unpack_tree *tree, int fd, const struct unpack_entry *entry)
{
	autofree char *text = xasprintf(
		"%" PRId64 ":%" PRId64 ":%o", entry->uid, entry->gid, entry->mode & 07777);

	tree->remapped++;
	if (fd >= 0)
		fsetxattr(fd, XATTR_OWNER, text, strlen(text), 0);
}

/* 1 set, 0 this user namespace lacks the id. @name: "" for @fd itself */
static int set_owner(int fd, const char *name, const struct unpack_entry *entry, struct error *err)
{
	if (entry->uid < 0 || entry->uid >= UINT32_MAX || entry->gid < 0 ||
		entry->gid >= UINT32_MAX)
		return 0;
	if (fchownat(fd, name, (uid_t)entry->uid, (gid_t)entry->gid,
		    AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0)
		return 1;
	if (errno == EINVAL || errno == EPERM)
		return 0;
	return error_sys(err, errno, "change owner of %s", entry->path);
}

static int set_xattrs(const struct unpack_entry *entry, int fd, struct error *err)
{
	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct unpack_xattr *xattr = &entry->xattrs[i];

		if (xattr_is_internal(xattr->name) || str_eq(xattr->name, "security.selinux"))
			continue;
		if (fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0) == 0)
			continue;
		/* trusted.* and foreign security.* are not for us; some file systems have none. */
		if (errno != EPERM && errno != EOPNOTSUPP && errno != EINVAL)
			return error_sys(err, errno, "%.200s: set attribute %.100s", entry->path,
				xattr->name);
	}
	return 0;
}

static void remember_dir(
	struct unpack_tree *tree, const char *path, const struct unpack_entry *entry)
{
	tree->dirs = list_grow(tree->dirs, tree->dir_count, sizeof(*tree->dirs));
	tree->dirs[tree->dir_count++] = (struct unpack_dir){
		.path = xstrdup(path), .times = {entry->times[0], entry->times[1]}};
}

static int set_dir_attributes(struct unpack_tree *tree, int dirfd, const char *name,
	const char *path, const struct unpack_entry *entry, struct error *err)
{
	autoclose int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	r = set_owner(fd, "", entry, err);
	if (r == 0)
		record_owner(tree, fd, entry);
	if (r >= 0 && fchmod(fd, entry->mode & 07777) < 0)
		return error_sys(err, errno, "change mode of %s", path);
	if (r >= 0)
		r = set_xattrs(entry, fd, err);
	if (r == 0)
		remember_dir(tree, path, entry);
	return r;
}

static int add_directory(struct unpack_tree *tree, int dirfd, const char *name, const char *path,
	const struct unpack_entry *entry, struct error *err)
{
	struct stat st;
	int r = 0;

	if (mkdirat(dirfd, name, 0700) < 0) {
		if (errno != EEXIST)
			return error_sys(err, errno, "create directory %s", path);
		if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return error_sys(err, errno, "stat %s", path);
		if (S_ISDIR(st.st_mode))
			r = add_fixup(tree, 'E', path, NULL, err);
		else if (tree_is_whiteout(&st))
			r = replace_whiteout(dirfd, name, err);
		else
			r = dir_remove_all_at(dirfd, name, err);
		if (r == 0 && !S_ISDIR(st.st_mode) && mkdirat(dirfd, name, 0700) < 0 &&
			errno != EEXIST)
			r = error_sys(err, errno, "create directory %s", path);
	}
	if (r < 0)
		return r;
	return set_dir_attributes(tree, dirfd, name, path, entry, err);
}

static int add_regular(
	int dirfd, const char *name, const char *path, int *ret_fd, struct error *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dirfd, name, flags, 0600);
	int r;

	if (fd < 0 && errno == EEXIST) {
		r = dir_remove_all_at(dirfd, name, err);
		if (r < 0)
			return r;
		fd = openat(dirfd, name, flags, 0600);
	}
	if (fd < 0)
		return error_sys(err, errno, "create %s", path);
	*ret_fd = fd;
	return 0;
}

static int add_hardlink(struct unpack_tree *tree, int dirfd, const char *name, const char *path,
	const struct unpack_entry *entry, struct error *err)
{
	autofree char *target = NULL, *parent = NULL;
	autoclose int target_dirfd = -1;
	const char *slash;
	struct stat st;
	int r = unpack_clean_path(entry->hardlink, &target, err);

	if (r < 0)
		return error_wrap(err, r, "hard link \"%.200s\"", path);
	if (str_eq(target, path))
		return 0;
	slash = strrchr(target, '/');
	parent = xstrndup(target, slash ? (size_t)(slash - target) : 0);
	target_dirfd = root_open(tree->root, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0, NULL);
	slash = slash ? slash + 1 : target;
	/* Not here: the layers below may have it. */
	if (target_dirfd < 0 || fstatat(target_dirfd, slash, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		tree_is_whiteout(&st)) {
		r = dir_remove_all_at(dirfd, name, err);
		return r < 0 ? r : add_fixup(tree, 'L', path, target, err);
	}
	if (S_ISDIR(st.st_mode))
		return error_set(err, EBADMSG, "hard link \"%.200s\": to a directory", path);
	r = linkat(target_dirfd, slash, dirfd, name, 0) < 0 ? -errno : 0;
	if (r == -EEXIST) {
		r = dir_remove_all_at(dirfd, name, err);
		if (r == 0 && linkat(target_dirfd, slash, dirfd, name, 0) < 0)
			r = -errno;
	}
	return r < 0 ? error_sys(err, -r, "create hard link %s", path) : 0;
}

static int make_special(int dirfd, const char *name, const struct unpack_entry *entry)
{
	if (S_ISLNK(entry->mode))
		return symlinkat(entry->symlink, dirfd, name) < 0 ? -errno : 0;
	return mknodat(dirfd, name, entry->mode & (S_IFMT | 07777), entry->rdev) < 0 ? -errno : 0;
}

/* Symlinks, fifos and, where the kernel lets us, device nodes. */
static int add_special(struct unpack_tree *tree, int dirfd, const char *name, const char *path,
	const struct unpack_entry *entry, struct error *err)
{
	bool is_device = S_ISCHR(entry->mode) || S_ISBLK(entry->mode);
	int r;

	/* Character device 0/0 is how a whiteout looks: an image may not make one this way. */
	if (S_ISSOCK(entry->mode) || (S_ISCHR(entry->mode) && entry->rdev == 0)) {
		tree->skipped++;
		return 0;
	}
	r = make_special(dirfd, name, entry);
	if (r == -EEXIST) {
		r = dir_remove_all_at(dirfd, name, err);
		if (r == 0)
			r = make_special(dirfd, name, entry);
	}
	if (r == -EPERM && is_device) {
		tree->skipped++;
		return 0;
	}
	if (r < 0)
		return error_sys(err, -r, "create %s", path);
	r = set_owner(dirfd, name, entry, err);
	/* Opening them would do something, and they cannot have user attributes. */
	if (r == 0)
		record_owner(tree, -1, entry);
	if (r >= 0 && !S_ISLNK(entry->mode) && fchmodat(dirfd, name, entry->mode & 07777, 0) < 0)
		return error_sys(err, errno, "change mode of %s", path);
	if (r >= 0 && utimensat(dirfd, name, entry->times, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "set times of %s", path);
	return r < 0 ? r : 0;
}

/* 1 made, 0 the name comes in this layer as well and must not merge with those below. */
static int make_whiteout(int dirfd, const char *name, const char *path, struct error *err)
{
	autoclose int fd = -1;
	struct stat st;

	if (mknodat(dirfd, name, S_IFCHR, 0) == 0)
		return 1;
	if (errno == EPERM) {
		/* fuse-overlayfs and the copy driver know the archive's own form as well. */
		fd = openat(dirfd, name - strlen(WHITEOUT_PREFIX),
			O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		return fd < 0 ? error_sys(err, errno, "create whiteout %s", path) : 1;
	}
	if (errno != EEXIST || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "create whiteout %s", path);
	return S_ISDIR(st.st_mode) ? set_opaque(dirfd, name, err) : 0;
}

static int add_whiteout(
	struct unpack_tree *tree, int dirfd, const char *name, const char *path, struct error *err)
{
	int dir_len = (int)(strlen(path) - strlen(name));
	autofree char *hidden = NULL;
	int r;

	if (str_eq(name, WHITEOUT_OPAQUE))
		return set_opaque(dirfd, ".", err);
	if (str_after(name, WHITEOUT_RESERVED))
		return 0;
	name += strlen(WHITEOUT_PREFIX);
	if (!*name || str_eq(name, ".") || str_eq(name, ".."))
		return error_set(err, EBADMSG, "archive entry \"%.200s\": not a whiteout", path);
	r = make_whiteout(dirfd, name, path, err);
	if (r <= 0)
		return r;
	hidden = xasprintf("%.*s%s", dir_len, path, name);
	return add_fixup(tree, 'W', hidden, NULL, err);
}

/* "./" stands for the layer's root directory itself. */
static int add_root(struct unpack_tree *tree, const struct unpack_entry *entry, struct error *err)
{
	if (!S_ISDIR(entry->mode))
		return error_set(
			err, EBADMSG, "archive entry \"%.200s\": not a directory", entry->path);
	tree->has_root = true;
	return set_dir_attributes(tree, tree->root, ".", "", entry, err);
}

int unpack_tree_add(
	struct unpack_tree *tree, const struct unpack_entry *entry, int *ret_fd, struct error *err)
{
	autofree char *path = NULL;
	const char *name;
	int r = unpack_clean_path(entry->path, &path, err);
	int dirfd;

	*ret_fd = -1;
	if (r < 0)
		return r;
	tree->entries++;
	if (!*path)
		return add_root(tree, entry, err);
	dirfd = open_parent(tree, path, &name, err);
	if (dirfd < 0)
		return dirfd;
	if (str_after(name, WHITEOUT_PREFIX))
		return add_whiteout(tree, dirfd, name, path, err);
	if (entry->hardlink)
		return add_hardlink(tree, dirfd, name, path, entry, err);
	if (S_ISDIR(entry->mode))
		return add_directory(tree, dirfd, name, path, entry, err);
	if (S_ISREG(entry->mode))
		return add_regular(dirfd, name, path, ret_fd, err);
	return add_special(tree, dirfd, name, path, entry, err);
}

int unpack_tree_end(
	struct unpack_tree *tree, const struct unpack_entry *entry, int fd_owned, struct error *err)
{
	autoclose int fd = fd_owned;
	int r = set_owner(fd, "", entry, err);

	if (r == 0)
		record_owner(tree, fd, entry);
	/* After the owner: chown() clears setuid and file capabilities. */
	if (r >= 0 && fchmod(fd, entry->mode & 07777) < 0)
		return error_sys(err, errno, "change mode of %s", entry->path);
	if (r >= 0)
		r = set_xattrs(entry, fd, err);
	if (r == 0 && futimens(fd, entry->times) < 0)
		return error_sys(err, errno, "set times of %s", entry->path);
	return r;
}

int unpack_tree_finish(struct unpack_tree *tree, struct error *err)
{
	forget_parent(tree);
	if (!tree->has_root)
		strbuf_addc(&tree->fixups, 'R');
	for (size_t i = 0; i < tree->dir_count; i++) {
		const struct unpack_dir *dir = &tree->dirs[i];
		autoclose int fd = root_open(
			tree->root, *dir->path ? dir->path : ".", O_RDONLY | O_DIRECTORY, 0, NULL);

		/* A later entry may have replaced it. */
		if (fd >= 0 && futimens(fd, dir->times) < 0)
			return error_sys(err, errno, "set times of %s", dir->path);
	}
	return 0;
}
