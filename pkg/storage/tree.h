/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_TREE_H
#define STORAGE_TREE_H

#include <sys/stat.h>

#include "base/idrange.h"

/* Copying of directory trees with all that belongs to a file, below directory descriptors. */
struct tree_copy_options {
	bool as_layer; /* source has overlay whiteouts and opaque marks: carry them out */
	const struct idmap *uids; /* owners: inside becomes outside; NULL keeps them */
	const struct idmap *gids;
	bool has_owner; /* everything becomes theirs instead */
	uid_t uid;
	gid_t gid;
	bool no_setid;   /* without setuid and setgid bits */
	bool keep_kinds; /* -EISDIR, -ENOTDIR: no directory is replaced by a file, nor a file by one
			  */
	bool no_kernel_files; /* of /proc, /sys and the like, mounted below, the directory alone */
	bool keep_root;       /* what the target directory itself looks like */
};

/*
 * tree_copy - content of one directory into another that may have content.
 * Files replace what has their name, directories are merged. Data is cloned where the file
 * system can. Hard links within @source stay hard links. Symlinks are copied, never followed.
 * The directory's own attributes are copied too. On failure the copy is partial.
 */
int tree_copy(int source, int target, const struct tree_copy_options *options, struct error *err);
/* One file that is no directory; @target_name must not exist. A symlink is copied as one. */
int tree_copy_file(int source, const char *name, int target, const char *target_name,
	const struct tree_copy_options *options, struct error *err);
/* As tree_copy_file(), of a file that is open (O_PATH). */
int tree_copy_open(int file, int target, const char *target_name,
	const struct tree_copy_options *options, struct error *err);
/*
 * tree_copy_over - content and attributes of one regular file over those of another.
 * @file, @target: O_PATH.  For names that cannot be made anew, such as mount points.
 */
int tree_copy_over(
	int file, int target, const struct tree_copy_options *options, struct error *err);
/* Owner, mode, times and extended attributes of an open directory (or O_PATH) to another. */
int tree_copy_attributes(
	int source, int target, const struct tree_copy_options *options, struct error *err);

/* An overlay whiteout: character device 0/0. */
static inline bool tree_is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == 0;
}
/* Does an open directory hide what lies below it in lower layers? */
bool tree_is_opaque(int dirfd);

/* Is a directory the root of a file system that the kernel makes up, mounted in its parent? */
bool tree_is_made_up(int parent, int dirfd);
/*
 * Is something mounted on this name? To be asked before it is removed: the kernel would take away
 * the mount of a container without a word, as it lies in another mount namespace than ours.
 */
bool tree_is_mount_point(int dirfd, const char *name);

#endif
