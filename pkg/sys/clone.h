/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_CLONE_H
#define SYS_CLONE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * process_clone - fork with namespaces (clone3(2)).
 * @flags:     CLONE_NEW* of the namespaces to make; CLONE_PARENT makes a sibling, not a child
 * @cgroup_fd: cgroup v2 directory that the child is born in; -1: ours
 * @ret_pidfd: pidfd of the child, in the parent
 *
 * Only for processes with a single thread. The child returns from here with a copy of memory; it
 * must not use stdio and ends in execve() or _exit().
 * Returns 0 in the child, its pid in the parent; negative errno.
 */
pid_t process_clone(uint64_t flags, int cgroup_fd, int *ret_pidfd, struct error *err);

/* CLONE_NEW* flag of a namespace as the runtime specification names it ("mount"); 0: unknown. */
uint64_t namespace_flag(const char *type);
/* Its name below /proc/PID/ns ("mnt"); NULL: unknown. Borrowed, static. */
const char *namespace_file(const char *type);

#endif
