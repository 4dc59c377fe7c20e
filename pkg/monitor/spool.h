/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_SPOOL_H
#define MONITOR_SPOOL_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* How much a spool holds: what a reader may lag behind. */
#define SPOOL_MAX_BYTES ((off_t)256 << 20)

/* struct spool - bytes that wait on disk, in a file without a name, first in first out. */
struct spool {
	int fd;
	off_t start; /* of what waits */
	off_t end;
};
#define SPOOL_INIT \
	{ \
		.fd = -1 \
	}

/*
 * spool_add - append @len bytes, all or none. The first of them make the file.
 * Returns 0; -ENOSPC when SPOOL_MAX_BYTES wait; else as from the kernel.
 */
int spool_add(struct spool *spool, int dirfd, const void *data, size_t len);
/* spool_take - the oldest bytes, at most @size: how many, 0 when there are none, negative errno. */
ssize_t spool_take(struct spool *spool, void *data, size_t size);
off_t spool_pending(const struct spool *spool); /* bytes that wait */
void spool_release(struct spool *spool);

#endif
