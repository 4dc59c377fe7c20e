/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"

/* What has been read is given back to the disk in pieces of this size. */
#define HOLE_BYTES ((off_t)1 << 20)

off_t spool_pending(const struct spool *spool)
{
	return spool->end - spool->start;
}

int spool_add(struct spool *spool, int dirfd, const void *data, size_t len)
{
	ssize_t done;

	if (spool_pending(spool) + (off_t)len > SPOOL_MAX_BYTES)
		return -ENOSPC;
	if (spool->fd < 0)
		spool->fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (spool->fd < 0)
		return -errno;
	do {
		done = pwrite(spool->fd, data, len, spool->end);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		return -errno;
	/* A part of it counts for nothing: the next one is written over it. */
	if ((size_t)done < len)
		return -ENOSPC;
	spool->end += done;
	return 0;
}

ssize_t spool_take(struct spool *spool, void *data, size_t size)
{
	off_t holes = spool->start / HOLE_BYTES;
	off_t have = spool_pending(spool);
	ssize_t got;

	if (have == 0)
		return 0;
	do {
		got = pread(
			spool->fd, data, (off_t)size < have ? size : (size_t)have, spool->start);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got < 0 ? -errno : -EIO;
	spool->start += got;
	if (spool->start == spool->end) {
		spool->start = spool->end = 0;
		(void)!ftruncate(spool->fd, 0);
	} else if (spool->start / HOLE_BYTES != holes) {
		(void)fallocate(spool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			holes * HOLE_BYTES, (spool->start / HOLE_BYTES - holes) * HOLE_BYTES);
	}
	return got;
}

void spool_release(struct spool *spool)
{
	close_fd(&spool->fd);
	*spool = (struct spool)SPOOL_INIT;
}
