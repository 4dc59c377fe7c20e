/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_TREE_SIZE_H
#define SYS_TREE_SIZE_H

#include <stdint.h>

#include "base/error.h"

/*
 * tree_size - bytes of the files below a directory, as long as they say they are.
 * Directories themselves count nothing; a file with several names counts once, if all of them are
 * there. What vanishes meanwhile, or lies deeper than a path can tell, is left out. No symlink is
 * followed.
 *
 * Returns 0; -ENOENT and the like when the directory cannot be opened.
 */
int tree_size(int dirfd, const char *name, uint64_t *ret_bytes, struct error *err);

#endif
