/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_DIFF_PILE_H
#define STORAGE_DIFF_PILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

/* How a directory says that a name of the layers below it is gone. */
enum pile_kind {
	PILE_LAYER =
		0,  /* character device 0/0, or a file .wh.NAME; also what fuse-overlayfs writes */
	PILE_UPPER, /* of the kernel's overlayfs: the device only, .wh.NAME is a file like any */
	PILE_PLAIN, /* not at all: a tree that is whole in itself */
};

struct pile_part {
	int fd; /* O_RDONLY | O_DIRECTORY */
	enum pile_kind kind;
	dev_t dev;
	ino_t ino;
};

/*
 * struct pile - one directory as all layers together show it, as overlayfs would. Zeroed is the
 * directory that does not exist.
 */
struct pile {
	struct pile_part *parts; /* top first */
	size_t count;
	bool is_opaque; /* the last part hides what would be below it */
};
void pile_release(struct pile *pile);
static inline void auto_pile_release(struct pile *pile)
{
	pile_release(pile);
}

/* pile_add - put a directory below those that are there. @dirfd is borrowed, may be O_PATH. */
int pile_add(struct pile *pile, int dirfd, enum pile_kind kind, struct error *err);

/* struct pile_entry - where a name of a pile's directory is found. */
struct pile_entry {
	bool is_there;
	size_t part; /* index of the part that shows it */
	struct stat st;
};
int pile_find(const struct pile *pile, const char *name, struct pile_entry *ret, struct error *err);
/* pile_enter - the directory that pile_find() has found. @ret: zeroed */
int pile_enter(const struct pile *pile, const char *name, const struct pile_entry *entry,
	struct pile *ret, struct error *err);

/* How many parts at the bottom of two piles are the same directories. */
size_t pile_shared(const struct pile *left, const struct pile *right);

/* pile_names - adds the names that the first @count parts speak of, hidden ones too; unsorted. */
int pile_names(
	const struct pile *pile, size_t count, char ***ret, size_t *ret_count, struct error *err);

#endif
