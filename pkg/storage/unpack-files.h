/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_UNPACK_FILES_H
#define STORAGE_UNPACK_FILES_H

#include "storage/unpack-merge.h"

/*
 * unpack_files - unpack an archive into a directory of a container, in a child that is confined to
 * the container's root directory as unpackers of layers are to theirs.
 * @input:  read to its end
 * @rootfd: root directory of the container, O_PATH
 * @dirfd:  where the entries go, O_PATH, below it
 *
 * Returns 0; -EBADMSG when it is no archive, or refused; -EISDIR, -ENOTDIR; else as from the
 * kernel. What was unpacked before stays.
 */
int unpack_files(
	int input, int rootfd, int dirfd, const struct unpack_merge *merge, struct error *err);

#endif
