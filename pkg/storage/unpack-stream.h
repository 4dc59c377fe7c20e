/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_UNPACK_STREAM_H
#define STORAGE_UNPACK_STREAM_H

#include <stdint.h>

#include "base/error.h"

struct unpack_limits {
	uint64_t max_entries;
	uint64_t max_size;
};

/* What the child sends to its parent, in one write to a pipe. */
struct unpack_result {
	struct error error; /* code 0: success */
	char diff_id[80];
	uint64_t size; /* bytes of file data */
	uint64_t tar_size;
	uint64_t entries;
	uint64_t skipped;
	uint64_t remapped;
};

/*
 * unpack_stream - a compressed or plain tar from a descriptor to a directory (libarchive).
 * @input:  read to its end
 * @root:   directory
 * @fixups: takes what unpack-tree.h says, for layer_commit(); -1: dropped
 *
 * Fills @ret; its error tells whether it went well. The process's umask must be 0 and its
 * LC_CTYPE a UTF-8 one.
 */
void unpack_stream(int input, int root, int fixups, const struct unpack_limits *limits,
	struct unpack_result *ret);

#endif
