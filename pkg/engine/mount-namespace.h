/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MOUNT_NAMESPACE_H
#define ENGINE_MOUNT_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * mount_namespace_visit - do something in the mount namespace of another process.
 * @pidfd: the process
 * @work:  called there, with / as the root of that namespace; it follows nobody's paths but opens
 *         descriptors
 *
 * The working directory is the same afterwards. Single-threaded programs only. Who is in the host's
 * mount namespace goes on in one of its own (mount_namespace_leave()): there is no way back there.
 * Returns what @work returned; -ESRCH when the process has ended.
 */
int mount_namespace_visit(
	int pidfd, int (*work)(void *data, struct error *err), void *data, struct error *err);

/*
 * mount_namespace_leave - go on in a mount namespace of our own, whose mounts nobody else sees.
 * Once per process; later calls do nothing.
 */
int mount_namespace_leave(struct error *err);

/* Does our mount namespace belong to our user namespace? Else mounts cannot be made in it. */
bool mount_namespace_is_ours(void);
/* The number of the calling process's mount namespace, as /proc shows it; 0: unknown. */
uint64_t mount_namespace_id(void);
/* pidfd of some process in a mount namespace; -ESRCH when there is none that we may see. */
int mount_namespace_find(uint64_t id);

#endif
