/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PULL_FEED_H
#define PULL_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* struct feed - a part of a file on its way into a pipe. */
struct feed {
	int filefd;      /* read with pread(); borrowed */
	int pipefd;      /* non-blocking meanwhile, blocking afterwards; borrowed */
	uint64_t offset; /* next byte */
	uint64_t end;    /* byte after the last */
	int result;      /* 0, or negative errno that ended this one (-EPIPE: nobody reads) */
};

/*
 * feeds_run - copy several files into their pipes at once, each as fast as it is read.
 * Returns 0 when all have ended, each with its own result; negative errno when poll() fails.
 */
int feeds_run(struct feed *feeds, size_t count, struct error *err);

#endif
