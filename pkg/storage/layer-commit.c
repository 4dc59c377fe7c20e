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

/* Directories down to the parent of @path, each one as it is below. */
static int make_parents(
	int diff, const int *parents, size_t count, const char *path, struct error *err)
{
	autofree char *copy = xstrdup(path);

	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		int r = 0;

		*slash = '\0';
		if (mkdirat(diff, copy, 0755) == 0)
			r = fix_directory(diff, parents, count, copy, err);
		else if (errno != EEXIST)
			r = error_sys(err, errno, "create directory %s", copy);
		if (r < 0)
			return r;
		*slash = '/';
	}
	return 0;
}

static int open_parent(int diff, const char *path, const char **ret_name, struct error *err)
{
	const char *slash = strrchr(path, '/');
	autofree char *parent = xstrndup(path, slash ? (size_t)(slash - path) : 0);

	*ret_name = slash ? slash + 1 : path;
	return root_open(diff, *parent ? parent : ".", O_PATH | O_DIRECTORY, 0, err);
}

/*
 * A hard link to a file of a lower layer: the file itself is copied up and then linked, so that
 * both names are one file in the merged tree, as the archive wants it.
 */
static int fix_link(int diff, const int *parents, size_t count, const char *path,
	const char *target, struct error *err)
{
	autoclose int lower_dirfd = -1, target_dirfd = -1, dirfd = -1;
	const char *lower_name, *target_name, *name;
	struct stat st, dir;
	int r = layer_lookup(parents, count, target, &lower_dirfd, &lower_name, err);

	if (r < 0)
		return r;
	if (r == 0 || fstatat(lower_dirfd, lower_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		S_ISDIR(st.st_mode))
		return error_set(err, EBADMSG,
			"hard link \"%.200s\": no file \"%.200s\" in this layer or below", path,
			target);
	r = make_parents(diff, parents, count, target, err);
	if (r < 0)
		return r;
	target_dirfd = open_parent(diff, target, &target_name, err);
	dirfd = open_parent(diff, path, &name, err);
	if (target_dirfd < 0 || dirfd < 0)
		return -EBADMSG;
	if (fstat(dirfd, &dir) < 0)
		return error_sys(err, errno, "stat directory of %s", path);
	/* It may be there: by an earlier link, or as a whiteout that the archive has as well. */
	if (fstatat(target_dirfd, target_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = tree_copy_file(lower_dirfd, lower_name, target_dirfd, target_name,
			&(struct tree_copy_options){.as_layer = true}, err);
	else if (tree_is_whiteout(&st))
		return tree_copy_file(lower_dirfd, lower_name, dirfd, name,
			&(struct tree_copy_options){.as_layer = true}, err);
	if (r == 0 && linkat(target_dirfd, target_name, dirfd, name, 0) < 0 && errno != EEXIST)
		return error_sys(err, errno, "create hard link %s", path);
	if (r == 0)
		utimensat(dirfd, ".", (struct timespec[]){dir.st_atim, dir.st_mtim}, 0);
	return r;
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

/* The records of layer_fix_up(), sorted into lists that borrow their text. */
struct fixups {
	const char **links; /* path, target, path, target … */
	size_t link_count;
	const char **dirs;
	size_t dir_count;
	const char **listed;
	size_t listed_count;
	bool no_root;
};

static void fixups_release(struct fixups *fixups)
{
	free(fixups->links);
	free(fixups->dirs);
	free(fixups->listed);
}

static void add_path(const char ***list, size_t *count, const char *path)
{
	*list = list_grow(*list, *count, sizeof(**list));
	(*list)[(*count)++] = path;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int parse_fixups(struct fixups *fixups, const char *text, size_t len, struct error *err)
{
	const char *end = text + len;

	for (const char *at = text; at < end;) {
		char letter = *at++;
		const char *path = letter == 'R' ? "" : next_path(&at, end);
		const char *target = letter == 'L' ? next_path(&at, end) : NULL;

		if (!path || (letter == 'L' && !target))
			return error_set(err, EBADMSG, "malformed record of the unpacking process");
		if (letter == 'R') {
			fixups->no_root = true;
		} else if (letter == 'L') {
			add_path(&fixups->links, &fixups->link_count, path);
			add_path(&fixups->links, &fixups->link_count, target);
		} else if (letter == 'D') {
			add_path(&fixups->dirs, &fixups->dir_count, path);
		} else {
			add_path(&fixups->listed, &fixups->listed_count, path);
		}
	}
	if (fixups->listed_count)
		qsort(fixups->listed, fixups->listed_count, sizeof(char *), compare_paths);
	return 0;
}

static int apply_fixups(
	const struct fixups *fixups, int diff, const int *parents, size_t count, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < fixups->link_count; i += 2)
		r = fix_link(diff, parents, count, fixups->links[i], fixups->links[i + 1], err);
	/* After the links, which change the times of directories. */
	for (size_t i = 0; r == 0 && i < fixups->dir_count; i++) {
		if (!fixups->listed_count ||
			!bsearch(&fixups->dirs[i], fixups->listed, fixups->listed_count,
				sizeof(char *), compare_paths))
			r = fix_directory(diff, parents, count, fixups->dirs[i], err);
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
