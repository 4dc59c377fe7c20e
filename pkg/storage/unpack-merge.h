/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_UNPACK_MERGE_H
#define STORAGE_UNPACK_MERGE_H

#include "base/idrange.h"
#include "storage/unpack-stream.h"

/* struct unpack_merge - how an archive comes into a directory that is in use, as tar(1) would. */
struct unpack_merge {
	bool has_owner; /* everything becomes theirs */
	uint32_t uid;
	uint32_t gid;
	const struct idmap *uids; /* else: of the archive to those on disk; NULL keeps them */
	const struct idmap *gids;
	bool overwrite; /* directories may be replaced by files, and files by directories */
};

/*
 * unpack_merge - for the unpacking child, whose root directory is the container's.
 * @dirfd: where the entries go, O_PATH, below that root
 *
 * The container may run and change what is there. So that its links can lead nowhere else, the root
 * is the walls; so that nobody in it can pass another file off for ours, what was made is worked on
 * by descriptor.
 */
void unpack_merge(int input, int dirfd, const struct unpack_merge *merge,
	const struct unpack_limits *limits, struct unpack_result *ret);

#endif
