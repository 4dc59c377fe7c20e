/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORAGE_UNPACK_CHILD_H
#define STORAGE_UNPACK_CHILD_H

#include "storage/unpack-stream.h"

struct unpack_merge;

struct unpack_child {
	int input;
	int root;
	int fixups; /* with a merge: the directory that it goes to, O_PATH */
	int result; /* takes one struct unpack_result */
	struct unpack_limits limits;
	const struct unpack_merge *merge; /* NULL: a layer */
};

/* unpack_child_run - the whole life of an unpacking child, to be called right after fork(). */
_Noreturn void unpack_child_run(const struct unpack_child *child);

#endif
