/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_UNPACK_TREE_H
#define STORAGE_UNPACK_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/str.h"

/*
 * The writing half of the unpacker: archive entries become files below a directory descriptor.
 * Knows nothing of libarchive. Paths are resolved with openat2(RESOLVE_IN_ROOT), so symlinks of
 * the archive lead nowhere else, and the last component is never followed.
 */
struct unpack_xattr {
	const char *name;
	const void *value;
	size_t size;
};

struct unpack_entry {
	const char *path;     /* as in the archive */
	const char *hardlink; /* target, when this is one */
	const char *symlink;
	mode_t mode; /* with the type */
	int64_t uid;
	int64_t gid;
	dev_t rdev;
	struct timespec times[2]; /* access, modification */
	const struct unpack_xattr *xattrs;
	size_t xattr_count;
};

/* Directories get their times when nothing is added to them any more. */
struct unpack_dir {
	char *path;
	struct timespec times[2];
};

struct unpack_tree {
	int root;
	int parent;        /* O_PATH of parent_path: most entries follow their siblings */
	char *parent_path; /* NULL: nothing cached */
	struct unpack_dir *dirs;
	size_t dir_count;
	struct strbuf fixups; /* see below */
	bool has_root;        /* an entry stood for the root directory */
	uint64_t entries;
	uint64_t skipped;
	uint64_t remapped;
};

/*
 * Fixups: what needs the layers below and is therefore left to layer_commit(). Records of a letter
 * and NUL-terminated paths:
 *   D path          a directory that the archive has not listed (yet)
 *   E path          it has been listed now
 *   L path target   a hard link to a file that this layer does not have
 *   W path          a whiteout of this name
 *   R               the root directory was not listed
 */
#define UNPACK_FIXUPS_MAX (64u << 20)

void unpack_tree_init(struct unpack_tree *tree, int root);
void unpack_tree_release(struct unpack_tree *tree);

/*
 * unpack_tree_add - make one entry.
 * @ret_fd: of a regular file, open for writing, or -1; unpack_tree_end() closes it
 * Returns 0; -EBADMSG for a refused entry.
 */
int unpack_tree_add(
	struct unpack_tree *tree, const struct unpack_entry *entry, int *ret_fd, struct error *err);
/* Owner, mode, attributes and times of a regular file, after its data. */
int unpack_tree_end(
	struct unpack_tree *tree, const struct unpack_entry *entry, int fd, struct error *err);
/* After the last entry. */
int unpack_tree_finish(struct unpack_tree *tree, struct error *err);

/*
 * unpack_clean_path - "./a//b/" to "a/b", "/" to "".
 * Returns 0; -EBADMSG for "..", too long or too deep.
 */
int unpack_clean_path(const char *path, char **ret, struct error *err);

#endif
