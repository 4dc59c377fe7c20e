/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LAYER_LOOKUP_H
#define STORAGE_LAYER_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum layer_spot_kind {
	LAYER_SPOT_LOWER = 0, /* not in this layer, which lets those below show through */
	LAYER_SPOT_HIDDEN,    /* not in this layer, which hides those below */
	LAYER_SPOT_FOUND,
};

/* struct layer_spot - where the way down one path of one layer ends. */
struct layer_spot {
	enum layer_spot_kind kind;
	int dirfd;            /* O_PATH of the last directory that is there */
	const char *name;     /* the path's last component, if the way went that far; else NULL */
	bool is_below_opaque; /* a directory on the way hides what is below this layer */
};
void layer_spot_release(struct layer_spot *spot);
static inline void auto_layer_spot_release(struct layer_spot *spot)
{
	layer_spot_release(spot);
}

/*
 * layer_spot_find - go down @path in one layer. No symlink is followed.
 * @layer: O_PATH descriptor
 * @ret:   its name points into @path
 */
int layer_spot_find(int layer, const char *path, struct layer_spot *ret, struct error *err);

/*
 * layer_lookup - find a path in a pile of layers, as overlayfs would show it.
 * @layers: O_PATH descriptors, base first
 * @ret_dirfd: O_PATH descriptor of the directory that has it
 *
 * Symlinks are not followed. Returns 1 found (*ret_name points into @path), 0 absent.
 */
int layer_lookup(const int *layers, size_t count, const char *path, int *ret_dirfd,
	const char **ret_name, struct error *err);

#endif
