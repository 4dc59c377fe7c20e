/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack-merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storage/tree.h"
#include "storage/xattr.h"
#include "sys/file.h"

struct merging {
	const struct unpack_merge *how;
	int dirfd;
	struct unpack_dir *dirs; /* get their times at the end */
	size_t dir_count;
	uint64_t skipped;
};

static void split(const char *path, char **ret_parent, const char **ret_name)
{
	const char *slash = strrchr(path, '/');

	*ret_parent = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	*ret_name = slash ? slash + 1 : path;
}

/* Those that the archive does not list belong to whom all belongs. */
static void own_directory(const struct merging *merging, const char *path)
{
	autoclose int fd =
		openat(merging->dirfd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && merging->how->has_owner)
		(void)!fchownat(fd, "", merging->how->uid, merging->how->gid, AT_EMPTY_PATH);
}

static int make_directories(const struct merging *merging, const char *path, struct error *err)
{
	autofree char *sofar = xstrdup(path);

	for (char *slash = strchr(sofar, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdirat(merging->dirfd, sofar, 0755) == 0)
			own_directory(merging, sofar);
		else if (errno != EEXIST)
			return error_sys(err, errno, "create directory %s", sofar);
		if (!slash)
			return 0;
		*slash = '/';
	}
}

/* Links are followed: to where the container's own processes would come. */
static int open_parent(
	const struct merging *merging, const char *path, const char **ret_name, struct error *err)
{
	autofree char *parent = NULL;
	int fd, r;

	split(path, &parent, ret_name);
	fd = openat(merging->dirfd, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		r = make_directories(merging, parent, err);
		if (r < 0)
			return r;
		fd = openat(merging->dirfd, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	return fd < 0 ? error_sys(err, errno, "open directory %s", parent) : fd;
}

static bool map_id(const struct idmap *map, int64_t id, uint32_t *ret)
{
	if (id < 0 || id >= UINT32_MAX)
		return false;
	*ret = (uint32_t)id;
	return !map || idmap_to_outside(map, (uint32_t)id, ret);
}

/* Ids that are not to be had leave the file to us, as with tar(1). */
static int set_owner(
	const struct merging *merging, int fd, const struct unpack_entry *entry, struct error *err)
{
	const struct unpack_merge *how = merging->how;
	uint32_t uid = how->uid, gid = how->gid;

	if (!how->has_owner &&
		(!map_id(how->uids, entry->uid, &uid) || !map_id(how->gids, entry->gid, &gid)))
		return 0;
	if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 && errno != EINVAL && errno != EPERM)
		return error_sys(err, errno, "change owner of %s", entry->path);
	return 0;
}

static int set_xattrs(int fd, const struct unpack_entry *entry, struct error *err)
{
	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct unpack_xattr *xattr = &entry->xattrs[i];

		if (xattr_is_internal(xattr->name) ||
			fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0) == 0)
			continue;
		if (errno != EPERM && errno != EOPNOTSUPP && errno != EINVAL)
			return error_sys(err, errno, "%.200s: set attribute %.100s", entry->path,
				xattr->name);
	}
	return 0;
}

/* Of a file or directory that is open. */
static int set_attributes(
	const struct merging *merging, int fd, const struct unpack_entry *entry, struct error *err)
{
	int r = set_owner(merging, fd, entry, err);

	/* After the owner: chown() clears setuid and file capabilities. */
	if (r == 0 && fchmod(fd, entry->mode & 07777) < 0)
		return error_sys(err, errno, "change mode of %s", entry->path);
	return r < 0 ? r : set_xattrs(fd, entry, err);
}

/* Room for what is no directory. */
static int make_room(const struct merging *merging, int dirfd, const char *name, struct error *err)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "replace %s", name);
	if (S_ISDIR(st.st_mode) && !merging->how->overwrite)
		return error_set(err, EISDIR,
			"%s is a directory there: it is replaced by a file with --overwrite", name);
	if (tree_is_mount_point(dirfd, name))
		return error_sys(err, EBUSY, "replace %s", name);
	return dir_remove_all_at(dirfd, name, err);
}

static int make_directory(
	const struct merging *merging, int dirfd, const char *name, struct error *err)
{
	struct stat st;

	if (mkdirat(dirfd, name, 0700) == 0)
		return 0;
	if (errno != EEXIST || fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "create directory %s", name);
	/* A link to a directory stays: /bin of an image is one. */
	if (S_ISDIR(st.st_mode) ||
		(S_ISLNK(st.st_mode) && fstatat(dirfd, name, &st, 0) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	if (!merging->how->overwrite)
		return error_set(err, ENOTDIR,
			"%s is no directory there: it is replaced by one with --overwrite", name);
	if (tree_is_mount_point(dirfd, name))
		return error_sys(err, EBUSY, "replace %s", name);
	if (unlinkat(dirfd, name, 0) < 0 || mkdirat(dirfd, name, 0700) < 0)
		return error_sys(err, errno, "create directory %s", name);
	return 0;
}

static int add_directory(struct merging *merging, int dirfd, const char *name, const char *path,
	const struct unpack_entry *entry, struct error *err)
{
	int r = make_directory(merging, dirfd, name, err);
	autoclose int fd = -1;

	if (r < 0)
		return r;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* The link to a directory, whose own owner and mode are not the archive's to change. */
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_sys(err, errno, "open directory %s", path);
	merging->dirs = list_grow(merging->dirs, merging->dir_count, sizeof(*merging->dirs));
	merging->dirs[merging->dir_count++] = (struct unpack_dir){
		.path = xstrdup(path), .times = {entry->times[0], entry->times[1]}};
	return set_attributes(merging, fd, entry, err);
}

static int add_regular(
	const struct merging *merging, int dirfd, const char *name, int *ret_fd, struct error *err)
{
	int r = make_room(merging, dirfd, name, err);

	if (r < 0)
		return r;
	*ret_fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? error_sys(err, errno, "create %s", name) : 0;
}

static int add_hardlink(const struct merging *merging, int dirfd, const char *name,
	const struct unpack_entry *entry, struct error *err)
{
	autofree char *target = NULL, *parent = NULL;
	autoclose int target_dirfd = -1;
	const char *target_name;
	struct stat st, own;
	int r = unpack_clean_path(entry->hardlink, &target, err);

	if (r < 0)
		return error_wrap(err, r, "hard link \"%.200s\"", entry->path);
	split(target, &parent, &target_name);
	target_dirfd = openat(merging->dirfd, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target_dirfd < 0 || fstatat(target_dirfd, target_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "hard link \"%.200s\" to %.200s", entry->path, target);
	if (fstatat(dirfd, name, &own, AT_SYMLINK_NOFOLLOW) == 0 && own.st_dev == st.st_dev &&
		own.st_ino == st.st_ino)
		return 0;
	r = make_room(merging, dirfd, name, err);
	if (r == 0 && linkat(target_dirfd, target_name, dirfd, name, 0) < 0)
		r = error_sys(err, errno, "create hard link %s", entry->path);
	return r;
}

/* Symlinks, fifos and, where the kernel lets us, device nodes. The umask is 0. */
static int make_special(int dirfd, const char *name, const struct unpack_entry *entry)
{
	int r = S_ISLNK(entry->mode)
			? symlinkat(entry->symlink, dirfd, name)
			: mknodat(dirfd, name, entry->mode & (S_IFMT | 07777), entry->rdev);

	return r < 0 ? -errno : 0;
}

static int add_special(struct merging *merging, int dirfd, const char *name,
	const struct unpack_entry *entry, struct error *err)
{
	autoclose int fd = -1;
	struct stat st;
	int r = S_ISSOCK(entry->mode) ? -EPERM : make_room(merging, dirfd, name, err);

	if (r == 0)
		r = make_special(dirfd, name, entry);
	if (r == -EPERM) {
		merging->skipped++;
		return 0;
	}
	if (r < 0)
		return err->code ? r : error_sys(err, -r, "create %s", entry->path);
	fd = openat(dirfd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	/* Another one's by now: his owner and times are not ours to change. */
	if (fd < 0 || fstat(fd, &st) < 0 || (st.st_mode & S_IFMT) != (entry->mode & S_IFMT))
		return 0;
	r = set_owner(merging, fd, entry, err);
	if (r == 0 && utimensat(fd, "", entry->times, AT_EMPTY_PATH) < 0)
		r = error_sys(err, errno, "set times of %s", entry->path);
	return r;
}

static int merge_add(void *data, const struct unpack_entry *entry, int *ret_fd, struct error *err)
{
	struct merging *merging = data;
	autofree char *path = NULL;
	autoclose int dirfd = -1;
	const char *name;
	int r = unpack_clean_path(entry->path, &path, err);

	*ret_fd = -1;
	/* The directory itself looks as it did. */
	if (r < 0 || !*path)
		return r;
	dirfd = open_parent(merging, path, &name, err);
	if (dirfd < 0)
		return dirfd;
	if (entry->hardlink)
		return add_hardlink(merging, dirfd, name, entry, err);
	if (S_ISDIR(entry->mode))
		return add_directory(merging, dirfd, name, path, entry, err);
	if (S_ISREG(entry->mode))
		return add_regular(merging, dirfd, name, ret_fd, err);
	return add_special(merging, dirfd, name, entry, err);
}

static int merge_end(void *data, const struct unpack_entry *entry, int owned_fd, struct error *err)
{
	autoclose int fd = owned_fd;
	int r = set_attributes(data, fd, entry, err);

	if (r == 0 && futimens(fd, entry->times) < 0)
		r = error_sys(err, errno, "set times of %s", entry->path);
	return r;
}

static void finish(struct merging *merging)
{
	for (size_t i = 0; i < merging->dir_count; i++) {
		autoclose int fd = openat(merging->dirfd, merging->dirs[i].path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		/* A later entry, or the container, may have replaced it. */
		if (fd >= 0)
			(void)!futimens(fd, merging->dirs[i].times);
		free(merging->dirs[i].path);
	}
	free(merging->dirs);
}

void unpack_merge(int input, int dirfd, const struct unpack_merge *how,
	const struct unpack_limits *limits, struct unpack_result *ret)
{
	struct merging merging = {.how = how, .dirfd = dirfd};
	const struct unpack_sink sink = {.data = &merging, .add = merge_add, .end = merge_end};

	*ret = (struct unpack_result){0};
	(void)unpack_read(input, limits, &sink, ret);
	finish(&merging);
	ret->skipped = merging.skipped;
}
