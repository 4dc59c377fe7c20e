/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LAYER_COMMIT_H
#define STORAGE_LAYER_COMMIT_H

#include <stddef.h>

#include "base/error.h"

/*
 * layer_fix_up - what needs the layers below, before a layer gets its place.
 * @staging: directory with diff/ and fixups (unpack-tree.h), which is removed afterwards
 * @parents: O_PATH descriptors of the diff/ below, base first
 *
 * Returns 0; -EBADMSG for a hard link that leads nowhere.
 */
int layer_fix_up(int staging, const int *parents, size_t count, struct error *err);

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
