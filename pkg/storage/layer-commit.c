/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer-commit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/layer-lookup.h"
#include "storage/tree.h"
#include "storage/unpack-tree.h"
#include "storage/xattr.h"
#include "sys/file.h"

/* Times of a directory, put back when the variable leaves its scope: what is mended keeps them. */
struct dir_times {
	int dirfd;
	struct timespec times[2];
};

static struct dir_times dir_times_get(int dirfd)
{
	struct stat st;

	if (fstat(dirfd, &st) < 0)
		return (struct dir_times){.dirfd = -1};
	return (struct dir_times){.dirfd = dirfd, .times = {st.st_atim, st.st_mtim}};
}

static void auto_dir_times_restore(struct dir_times *kept)
{
	if (kept->dirfd >= 0)
		utimensat(kept->dirfd, ".", kept->times, 0);
}

/* A directory the archive did not list: what is below decides how it looks. */
static int fix_directory(
	int diff, const int *parents, size_t count, const char *path, struct error *err)
{
	autoclose int lower_dirfd = -1, from = -1, to = -1;
	const char *name;
	int r = layer_lookup(parents, count, path, &lower_dirfd, &name, err);

	if (r <= 0)
		return r;
	from = openat(lower_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return 0; /* a file is below: the directory stands by itself */
	to = root_open(diff, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, NULL);
	if (to < 0)
		return 0; /* a later entry has replaced it */
	return tree_copy_attributes(from, to, &(struct tree_copy_options){.as_layer = true}, err);
}

static int make_directory(int dirfd, const char *name)
{
	AUTO(dir_times_restore) struct dir_times kept = dir_times_get(dirfd);

	return mkdirat(dirfd, name, 0755) < 0 ? -errno : 0;
}

/*
 * O_PATH descriptor of the directory of @path, each one that is missing made as it is below. No
 * symlink is followed: the layer's may lead anywhere. Returns -ENOTDIR, without words, when the
 * layer has something else on the way.
 */
static int make_parents(int diff, const int *parents, size_t count, const char *path,
	const char **ret_name, struct error *err)
{
	autofree char *copy = xstrdup(path);
	autoclose int dirfd = fcntl(diff, F_DUPFD_CLOEXEC, 3);
	char *at = copy;

	for (char *slash; dirfd >= 0 && (slash = strchr(at, '/')); at = slash + 1) {
		int next, r;

		*slash = '\0';
		r = make_directory(dirfd, at);
		if (r == 0)
			r = fix_directory(diff, parents, count, copy, err);
		else if (r != -EEXIST)
			error_sys(err, -r, "create directory %s", copy);
		if (r < 0 && r != -EEXIST)
			return r;
		next = openat(dirfd, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return errno == ENOTDIR ? -ENOTDIR
						: error_sys(err, errno, "open directory %s", copy);
		close_fd(&dirfd);
		dirfd = next;
		*slash = '/';
	}
	*ret_name = path + (at - copy);
	return dirfd < 0 ? error_sys(err, errno, "open directory of %s", path) : take_fd(dirfd);
}

static int open_parent(int diff, const char *path, const char **ret_name, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *parent = xstrndup(path, slash ? (size_t)(slash - path) : 0);

	*ret_name = slash ? slash + 1 : path;
	return root_open(diff, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0, err);
}

/* The three places of a hard link into a lower layer. */
struct link_places {
	int lower_dirfd; /* the file below */
	const char *lower_name;
	int target_dirfd; /* where its copy belongs in this layer; negative: nowhere */
	const char *target_name;
	int dirfd; /* the link */
	const char *name;
};

/*
 * The file itself is copied up and then linked, so that both names are one file in the merged tree,
 * as the archive wants it. Where the layer hides or replaces the file, the link is all that stays.
 */
static int place_link(const struct link_places *at, struct error *err)
{
	AUTO(dir_times_restore) struct dir_times kept = dir_times_get(at->dirfd);
	AUTO(dir_times_restore) struct dir_times target_kept = dir_times_get(at->target_dirfd);
	const struct tree_copy_options options = {.as_layer = true};
	struct stat st;
	int r = 0;

	/* A later entry has the name. */
	if (fstatat(at->dirfd, at->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (at->target_dirfd < 0)
		return tree_copy_file(
			at->lower_dirfd, at->lower_name, at->dirfd, at->name, &options, err);
	/* It may be there by an earlier link. */
	if (fstatat(at->target_dirfd, at->target_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = tree_copy_file(at->lower_dirfd, at->lower_name, at->target_dirfd,
			at->target_name, &options, err);
	else if (tree_is_whiteout(&st) || S_ISDIR(st.st_mode))
		return tree_copy_file(
			at->lower_dirfd, at->lower_name, at->dirfd, at->name, &options, err);
	if (r == 0 && linkat(at->target_dirfd, at->target_name, at->dirfd, at->name, 0) < 0)
		r = error_sys(err, errno, "create hard link %s", at->name);
	return r;
}

static int fix_link(int diff, const int *parents, size_t count, const char *path,
	const char *target, struct error *err)
{
	autoclose int lower_dirfd = -1, target_dirfd = -1, dirfd = -1;
	struct link_places at = {0};
	struct stat st;
	int r = layer_lookup(parents, count, target, &lower_dirfd, &at.lower_name, err);

	if (r < 0)
		return r;
	if (r == 0 || fstatat(lower_dirfd, at.lower_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		S_ISDIR(st.st_mode))
		return error_set(err, EBADMSG,
			"hard link \"%.200s\": no file \"%.200s\" in this layer or below", path,
			target);
	dirfd = open_parent(diff, path, &at.name, NULL);
	/* A later entry has replaced its directory. */
	if (dirfd == -ENOENT || dirfd == -ENOTDIR)
		return 0;
	if (dirfd < 0)
		return error_sys(err, -dirfd, "open directory of %.200s", path);
	target_dirfd = make_parents(diff, parents, count, target, &at.target_name, err);
	if (target_dirfd < 0 && target_dirfd != -ENOTDIR)
		return target_dirfd;
	at.lower_dirfd = lower_dirfd;
	at.target_dirfd = target_dirfd;
	at.dirfd = dirfd;
	return place_link(&at, err);
}

/* It may be gone: a later entry of the archive has had the name. */
static int remove_whiteout(const struct layer_spot *spot, struct error *err)
{
	AUTO(dir_times_restore) struct dir_times kept = dir_times_get(spot->dirfd);
	autofree char *file = xasprintf(".wh.%s", spot->name);
	const char *name = file;
	struct stat st;

	if (fstatat(spot->dirfd, spot->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!tree_is_whiteout(&st))
			return 0;
		name = spot->name;
	}
	if (unlinkat(spot->dirfd, name, 0) < 0 && errno != ENOENT)
		return error_sys(err, errno, "remove whiteout %s", spot->name);
	return 0;
}

/*
 * A whiteout that hides nothing. It may not stay: in a directory that overlayfs does not merge with
 * one below, it is listed as a name that nobody can open.
 */
static int drop_ghost(
	int diff, const int *parents, size_t count, const char *path, struct error *err)
{
	AUTO(layer_spot_release) struct layer_spot spot = {.dirfd = -1};
	autoclose int lower_dirfd = -1;
	const char *lower_name;
	int r = layer_spot_find(diff, path, &spot, err);

	/* A later entry has replaced its directory. */
	if (r < 0 || !spot.name)
		return r;
	if (!spot.is_below_opaque)
		r = layer_lookup(parents, count, path, &lower_dirfd, &lower_name, err);
	return r == 0 ? remove_whiteout(&spot, err) : r < 0 ? r : 0;
}

/* The next NUL-terminated path of the records; NULL when there is none. */
static const char *next_path(const char **at, const char *end)
{
	const char *path = *at;
	const char *nul = path < end ? memchr(path, '\0', (size_t)(end - path)) : NULL;
	autofree char *clean = NULL;

	if (!nul)
		return NULL;
	*at = nul + 1;
	/* Written by a process that has parsed hostile data: checked again. */
	if (unpack_clean_path(path, &clean, NULL) < 0 || !str_eq(clean, path) || !*path)
		return NULL;
	return path;
}

/* Paths, borrowed from the text of the records. */
struct path_list {
	const char **items;
	size_t count;
};

static void path_list_add(struct path_list *list, const char *path)
{
	list->items = list_grow(list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = path;
}

/* The records of layer_fix_up() by their kind. */
struct fixups {
	struct path_list links; /* path, target, path, target … */
	struct path_list dirs;
	struct path_list listed; /* sorted */
	struct path_list whiteouts;
	bool no_root;
};

static void fixups_release(struct fixups *fixups)
{
	free(fixups->links.items);
	free(fixups->dirs.items);
	free(fixups->listed.items);
	free(fixups->whiteouts.items);
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The list that a record's first path goes to; NULL: there are no such records. */
static struct path_list *list_of(struct fixups *fixups, char letter)
{
	switch (letter) {
	case 'D':
		return &fixups->dirs;
	case 'E':
		return &fixups->listed;
	case 'L':
		return &fixups->links;
	case 'W':
		return &fixups->whiteouts;
	default:
		return NULL;
	}
}

static int parse_fixups(struct fixups *fixups, const char *text, size_t len, struct error *err)
{
	const char *end = text + len;

	for (const char *at = text; at < end;) {
		char letter = *at++;
		struct path_list *list = list_of(fixups, letter);
		int paths = letter == 'L' ? 2 : 1;

		if (letter == 'R') {
			fixups->no_root = true;
			continue;
		}
		while (list && paths-- > 0) {
			const char *path = next_path(&at, end);

			if (path)
				path_list_add(list, path);
			else
				list = NULL;
		}
		if (!list)
			return error_set(err, EBADMSG, "malformed record of the unpacking process");
	}
	if (fixups->listed.count)
		qsort(fixups->listed.items, fixups->listed.count, sizeof(char *), compare_paths);
	return 0;
}

static bool is_listed(const struct fixups *fixups, const char *path)
{
	return fixups->listed.count && bsearch(&path, fixups->listed.items, fixups->listed.count,
					       sizeof(char *), compare_paths);
}

static int apply_fixups(
	const struct fixups *fixups, int diff, const int *parents, size_t count, struct error *err)
{
	const char **links = fixups->links.items;
	int r = 0;

	for (size_t i = 0; r == 0 && i < fixups->links.count; i += 2)
		r = fix_link(diff, parents, count, links[i], links[i + 1], err);
	for (size_t i = 0; r == 0 && i < fixups->whiteouts.count; i++)
		r = drop_ghost(diff, parents, count, fixups->whiteouts.items[i], err);
	/* After the others, which change the times of directories. */
	for (size_t i = 0; r == 0 && i < fixups->dirs.count; i++) {
		if (!is_listed(fixups, fixups->dirs.items[i]))
			r = fix_directory(diff, parents, count, fixups->dirs.items[i], err);
	}
	if (r == 0 && fixups->no_root && count)
		r = tree_copy_attributes(parents[count - 1], diff,
			&(struct tree_copy_options){.as_layer = true}, err);
	return r;
}

int layer_fix_up(int staging, const int *parents, size_t count, struct error *err)
{
	struct fixups fixups = {0};
	autofree char *text = NULL;
	autoclose int diff = dir_open_at(staging, "diff", err);
	size_t len = 0;
	int r = diff < 0 ? diff : 0;

	if (r == 0)
		r = file_read_at(
			staging, "fixups", UNPACK_FIXUPS_MAX + (1u << 16), &text, &len, err);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = parse_fixups(&fixups, text, len, err);
	if (r == 0)
		r = apply_fixups(&fixups, diff, parents, count, err);
	fixups_release(&fixups);
	if (r == 0 && unlinkat(staging, "fixups", 0) < 0)
		r = error_sys(err, errno, "remove fixups");
	return r;
}
