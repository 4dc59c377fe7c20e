/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_DIFF_H
#define STORAGE_DIFF_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/idrange.h"
#include "storage/store.h"

/*
 * Differences of file trees: what a container has changed of its image, what a layer changes of
 * those below it, or a whole tree as the difference from nothing. Read from the directories on
 * disk; nothing is mounted. A container may run, and change what is read: then each entry is true
 * for some moment, and nothing outside the tree is ever opened.
 */
enum diff_kind {
	DIFF_CHANGED = 0, /* in the order of podman's report: C, A, D */
	DIFF_ADDED,
	DIFF_DELETED,
};

struct diff_item {
	const char *path; /* relative to the root, "" for the root itself */
	const char *name; /* its last component; "." for the root */
	int dirfd;        /* directory that has it; -1 for what is deleted */
	enum diff_kind kind;
	bool is_implied; /* a directory that is as it was; it is told for what is below it */
	bool is_opaque;  /* a directory that is to hide what the layers below have in it */
	struct stat st;  /* owners are those of the image; not for what is deleted */
};
/* Any result but 0 ends the walk, which returns it. */
typedef int diff_visit(void *data, const struct diff_item *item, struct error *err);

/* struct diff_tree - a file system: that of an image, or of a container made of it. Zeroed: empty.
 */
struct diff_tree {
	char *const *layers;   /* ChainIDs of the image, base first (strv) */
	const char *container; /* directory relative to rootfd, "containers/ID"; NULL: the image */
	bool by_fuse;          /* fuse-overlayfs writes it: .wh. names are whiteouts there */
	const struct idmap *uids; /* a nested map, the container's ids to ours; NULL: the same */
	const struct idmap *gids;
};

struct diff;

/*
 * diff_open - compare two trees.
 * @other: what @tree is made of; NULL: the image of a container, all but the last layer of an image
 * @mount_points: paths in @tree at which something is mounted (strv; NULL: none). Empty files and
 * directories there that @other does not have were made to mount on, and are no difference. The
 * texts are borrowed while the diff is open.
 */
int diff_open(struct store *store, const struct diff_tree *tree, const struct diff_tree *other,
	char *const *mount_points, struct diff **ret, struct error *err);
/* All that lies below a directory but what the kernel makes up (/proc). @rootfd: borrowed. @uids,
 * @gids: as in struct diff_tree */
int diff_open_dir(int rootfd, const struct idmap *uids, const struct idmap *gids, struct diff **ret,
	struct error *err);
void diff_free(struct diff *diff);
DEFINE_AUTO(struct diff *, diff_free);

/*
 * diff_walk - tell every difference.
 *
 * Directories come before what is in them, with all directories on the way to it; within one, what
 * is deleted comes first, each sorted by bytes. A directory that replaces one of the layers below
 * is told as opaque if @as_layer, and then everything in it is told; else it is compared.
 */
int diff_walk(struct diff *diff, bool as_layer, diff_visit *visit, void *data, struct error *err);

/* One line of podman's report. */
struct diff_line {
	enum diff_kind kind;
	char *path; /* absolute */
};
struct diff_report {
	struct diff_line *lines;
	size_t count;
};
/* diff_list - the differences, sorted by path; a directory is told if it or its list changed. */
int diff_list(struct diff *diff, struct diff_report *ret, struct error *err);
void diff_report_release(struct diff_report *report);
static inline void auto_diff_report_release(struct diff_report *report)
{
	diff_report_release(report);
}

#endif
