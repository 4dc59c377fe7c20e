/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_LAYER_LOOKUP_H
#define STORAGE_LAYER_LOOKUP_H

#include <stddef.h>

#include "base/error.h"

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
