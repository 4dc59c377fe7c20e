/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_UNPACK_STREAM_H
#define STORAGE_UNPACK_STREAM_H

#include <stdint.h>

#include "base/error.h"
#include "storage/unpack-tree.h"

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

/* What takes the entries of an archive, as unpack_tree_add() and unpack_tree_end() do. */
struct unpack_sink {
	void *data;
	int (*add)(void *data, const struct unpack_entry *entry, int *ret_fd, struct error *err);
	int (*end)(void *data, const struct unpack_entry *entry, int fd, struct error *err);
};
/*
 * unpack_read - the entries of a compressed or plain tar, to the end of the input (libarchive).
 * @ret: zeroed; gets error, digest and sizes
 */
int unpack_read(int input, const struct unpack_limits *limits, const struct unpack_sink *sink,
	struct unpack_result *ret);

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
