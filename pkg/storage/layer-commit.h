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

#endif
