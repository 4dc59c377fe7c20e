/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_DIFF_PRIVATE_H
#define STORAGE_DIFF_PRIVATE_H

#include "storage/diff-pile.h"
#include "storage/diff.h"

struct diff_side {
	struct pile root;
	const struct idmap *uids; /* borrowed, as struct diff_tree has them */
	const struct idmap *gids;
};

struct diff {
	struct diff_side tree;
	struct diff_side other;
	char **mount_points; /* relative, without links on the way (strv) */
	/* What lies above the layers of the other tree is a change by being there. */
	bool is_stack;
	/* Else: what has not been touched since then (its ctime) is as it was. */
	struct timespec copied;
	bool is_mounted; /* other file systems may be mounted in it */
};

/* A file of one side, to be compared. */
struct diff_file {
	int dirfd;
	const char *name;
	struct stat st; /* owners of the image */
};

/*
 * diff_resolve - where a path leads, with the links of a tree.
 * @ret: relative, "" for the root; owned by the caller. What does not exist is taken as it is.
 */
int diff_resolve(const struct pile *root, const char *path, char **ret, struct error *err);

/* Owners on disk to those of the image; what the map does not have becomes nobody. */
void diff_map_owner(const struct diff_side *side, struct stat *st);

/* Has a directory itself changed? 1 yes, 0 no. Its list of names counts by its time only. */
int diff_directory_changed(
	const struct diff_file *file, const struct diff_file *other, struct error *err);
/* The same but for the time. */
int diff_directory_differs(
	const struct diff_file *file, const struct diff_file *other, struct error *err);
/* Of anything but a directory: do type, mode, owner, size or time differ? */
bool diff_file_differs(const struct diff_file *file, const struct diff_file *other);
/* Do attributes or content? For those that do not differ as above. 1 yes, 0 no. */
int diff_content_changed(
	const struct diff_file *file, const struct diff_file *other, struct error *err);

#endif
