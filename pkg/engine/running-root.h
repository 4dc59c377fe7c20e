/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_RUNNING_ROOT_H
#define ENGINE_RUNNING_ROOT_H

#include "container/container.h"

/*
 * running_root_open - the root of a container as its processes see it, with everything that is
 * mounted there; an O_PATH descriptor.
 * @pidfd: of its first process
 * -ESRCH: it has ended.
 */
int running_root_open(const struct container *ctr, int pidfd, struct error *err);

/*
 * running_root_read - a file there, owned by the caller.
 * "" for what is missing, or is something else than a file of sensible size.
 */
char *running_root_read(int rootfd, const char *path);

#endif
