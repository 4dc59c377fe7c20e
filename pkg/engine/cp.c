/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/cp-end.h"
#include "sys/file.h"

/* Where a copy goes: an entry of an open directory, or (name NULL) into that directory itself. */
struct cp_target {
	int dirfd;
	const char *name;
	bool is_new_name; /* it was chosen by the person, and not taken from the source */
};

static bool is_same(const struct stat *left, const struct stat *right)
{
	return left->st_dev == right->st_dev && left->st_ino == right->st_ino;
}

/* No name of the container's may lead cp into what it is copying. */
static int check_not_below(const struct cp_end *from, int dirfd, struct error *err)
{
	autoclose int at = fcntl(dirfd, F_DUPFD_CLOEXEC, 3);
	struct stat st, last = {0};

	while (at >= 0 && fstat(at, &st) == 0) {
		int up;

		if (is_same(&st, &from->st))
			return error_set(
				err, EINVAL, "cannot copy %s into itself", from->place->path);
		/* The root of a mount namespace is its own parent. */
		if (is_same(&st, &last))
			return 0;
		last = st;
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close_fd(&at);
		at = up;
	}
	return 0;
}

/* An entry that does not exist yet. */
static int find_new(const struct cp_end *to, struct cp_target *ret, struct error *err)
{
	struct stat st;

	if (to->path.is_directory)
		return cp_end_missing(to, ENOENT, err);
	ret->dirfd = cp_end_open_directory(to, to->path.parent, err);
	if (ret->dirfd < 0)
		return ret->dirfd;
	ret->name = to->path.name;
	ret->is_new_name = true;
	/* A link that leads nowhere: what would be made there is not ours to guess. */
	if (fstatat(ret->dirfd, ret->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return cp_end_missing(to, ENOENT, err);
	return 0;
}

static int find_target(const struct cp_end *from, const struct cp_end *to, struct cp_target *ret,
	struct error *err)
{
	bool is_directory = S_ISDIR(from->st.st_mode);

	*ret = (struct cp_target){.dirfd = -1};
	if (to->fd < 0)
		return find_new(to, ret, err);
	if (!S_ISDIR(to->st.st_mode)) {
		if (is_directory)
			return error_set(err, ENOTDIR,
				"destination must be a directory when copying a directory");
		ret->name = to->path.name;
		ret->is_new_name = true;
		ret->dirfd = cp_end_open_directory(to, to->path.parent, err);
		return ret->dirfd < 0 ? ret->dirfd : 0;
	}
	ret->dirfd = fcntl(to->fd, F_DUPFD_CLOEXEC, 3);
	if (ret->dirfd < 0)
		return error_sys(err, errno, "open %s", to->place->path);
	if (!is_directory || !from->path.is_content)
		ret->name = from->path.name;
	return 0;
}

/* The old file goes first: programs may run it, or have it open. */
static int remove_file(
	const struct cp_target *target, const struct engine_cp *cp, struct error *err)
{
	if (tree_is_mount_point(target->dirfd, target->name))
		return error_sys(err, EBUSY, "replace %s", target->name);
	if (unlinkat(target->dirfd, target->name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return error_sys(err, errno, "replace %s", target->name);
	if (!cp->overwrite)
		return error_set(err, EISDIR,
			"%s is a directory there: it is replaced by a file with --overwrite",
			target->name);
	return dir_remove_all_at(target->dirfd, target->name, err);
}

static int copy_directory(const struct cp_end *from, const struct cp_target *target,
	const struct engine_cp *cp, const struct tree_copy_options *options, struct error *err)
{
	struct tree_copy_options copy = *options;
	autoclose int dirfd = -1;
	struct stat st;
	int r = check_not_below(from, target->dirfd, err);

	if (r < 0)
		return r;
	if (!target->name) {
		copy.keep_root = true;
		return tree_copy(from->fd, target->dirfd, &copy, err);
	}
	if (fstatat(target->dirfd, target->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		!S_ISDIR(st.st_mode)) {
		if (!cp->overwrite)
			return error_set(err, ENOTDIR,
				"%s is no directory there: it is replaced by one with --overwrite",
				target->name);
		r = remove_file(target, cp, err);
		if (r < 0)
			return r;
	}
	if (mkdirat(target->dirfd, target->name, 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create directory %s", target->name);
	dirfd = dir_open_at(target->dirfd, target->name, err);
	if (dirfd >= 0 && fstat(dirfd, &st) == 0 && is_same(&from->st, &st))
		return error_set(
			err, EINVAL, "%s is what it would be copied to", from->place->path);
	return dirfd < 0 ? dirfd : tree_copy(from->fd, dirfd, &copy, err);
}

static int copy_file(const struct cp_end *from, const struct cp_end *to,
	const struct cp_target *target, const struct engine_cp *cp,
	const struct tree_copy_options *options, struct error *err)
{
	struct stat st;
	bool is_there = fstatat(target->dirfd, target->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	bool is_over = target->is_new_name && to->fd >= 0 && S_ISREG(to->st.st_mode);
	int r;

	if ((is_there && is_same(&from->st, &st)) || (is_over && is_same(&from->st, &to->st)))
		return error_set(
			err, EINVAL, "%s is what it would be copied to", from->place->path);
	/* What a link leads to is meant, not the link; and mount points cannot be replaced. */
	if (is_over && is_there && S_ISLNK(st.st_mode))
		return tree_copy_over(from->fd, to->fd, options, err);
	r = remove_file(target, cp, err);
	if (r == -EBUSY && is_over)
		return tree_copy_over(from->fd, to->fd, options, err);
	return r < 0 ? r : tree_copy_open(from->fd, target->dirfd, target->name, options, err);
}

/* Ids of one container for another, or for us: the way its map does not go. */
static void reverse_map(const struct idmap *map, struct idmap *ret)
{
	for (size_t i = 0; map && i < map->count; i++)
		idmap_add(ret, map->ranges[i].outside, map->ranges[i].inside, map->ranges[i].size);
}

/* Maps of a copy between containers that keeps owners. */
struct cp_maps {
	struct idmap uids;
	struct idmap gids;
};

static void fill_options(const struct engine_cp *cp, const struct cp_roots *roots,
	struct cp_maps *maps, struct tree_copy_options *ret)
{
	const struct container_root *from = roots->from, *to = roots->to;

	*ret = (struct tree_copy_options){.keep_kinds = !cp->overwrite, .no_kernel_files = true};
	if (!to) {
		/* Us, as the user namespace has it. */
		ret->has_owner = ret->no_setid = true;
	} else if (!cp->keep_owners) {
		ret->has_owner = true;
		cp_container_user(to, &ret->uid, &ret->gid);
	} else if (to->uids && !(from && from->uids)) {
		ret->uids = to->uids;
		ret->gids = to->gids;
	} else if (!to->uids && from && from->uids) {
		reverse_map(from->uids, &maps->uids);
		reverse_map(from->gids, &maps->gids);
		ret->uids = &maps->uids;
		ret->gids = &maps->gids;
	}
}

static int copy(const struct engine_cp *cp, const struct cp_end *from, const struct cp_end *to,
	const struct tree_copy_options *options, struct error *err)
{
	struct cp_target target;
	int r;

	if (from->fd < 0)
		return cp_end_missing(from, ENOENT, err);
	r = find_target(from, to, &target, err);
	if (r == 0 && S_ISDIR(from->st.st_mode))
		r = copy_directory(from, &target, cp, options, err);
	else if (r == 0)
		r = copy_file(from, to, &target, cp, options, err);
	close_fd(&target.dirfd);
	return r;
}

int engine_cp(struct engine *engine, const struct engine_cp *cp, struct error *err)
{
	AUTO(cp_roots_release) struct cp_roots roots = {0};
	AUTO(cp_end_release) struct cp_end from = {.fd = -1}, to = {.fd = -1};
	struct tree_copy_options options;
	struct cp_maps maps = {0};
	int r = cp_roots_open(engine, &cp->from, &cp->to, &roots, err);

	if (r == 0)
		r = cp_end_open(&cp->from, roots.from, &from, err);
	if (r == 0)
		r = cp_end_open(&cp->to, roots.to, &to, err);
	if (r < 0)
		return r;
	fill_options(cp, &roots, &maps, &options);
	r = copy(cp, &from, &to, &options, err);
	idmap_release(&maps.uids);
	idmap_release(&maps.gids);
	return r;
}
