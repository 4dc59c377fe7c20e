/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_COMMIT_PAUSE_H
#define ENGINE_COMMIT_PAUSE_H

#include "container/container.h"

/*
 * struct commit_pause - the processes of a container that runs are stopped while it exists. It is a
 * process of its own that pauses the container (container/pause.h), and lets it go on as soon as we
 * say so, or have ended. One that a person has paused stays as it is.
 */
struct commit_pause {
	pid_t pid; /* 0: nothing is stopped */
	int fd;    /* closing it ends the pause */
};

/*
 * commit_pause_begin - returns when none of the processes runs.
 * @ret: overwritten
 * -ETIMEDOUT: some do not stop; then all go on.
 */
int commit_pause_begin(const struct container *ctr, struct commit_pause *ret, struct error *err);
void commit_pause_end(struct commit_pause *pause);

#endif
