/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_PAUSE_H
#define CONTAINER_PAUSE_H

#include "container/container.h"

/*
 * Pausing: by the kernel's freezer where the container has a cgroup, else every process of its pid
 * namespace is stopped (cgroup/signal-freezer.h).
 *
 * Whether a container is paused is read from the cgroup, or from the processes themselves. Stopped
 * processes alone could be a shell's job control; so a note in the run directory, made before the
 * first signal, says that it was us. A command that is killed in between leaves the note and a
 * container that still runs, which can be paused or unpaused again.
 */

/* "cgroup", "signals", or "" for one that is not paused; borrowed, static. */
const char *container_pause_name(enum container_pause pause);

/*
 * container_pause_lock - one pause at a time, be it a person's or that of a commit.
 * Returns an fd that holds the lock; -ENOENT: the container does not run.
 */
int container_pause_lock(struct store *store, const char *id, struct error *err);

/*
 * container_pause   - returns when none of the container's processes runs.
 * container_unpause - and when they may run again.
 * @ctr: is up; its state is not changed by this
 *
 * The caller holds container_pause_lock().
 * Returns 0; -ESRCH: it has just ended; -ETIMEDOUT: some processes do not stop, and all go on;
 * -ENOTSUP: there is neither a cgroup nor a pid namespace of its own.
 */
int container_pause(const struct container *ctr, struct error *err);
int container_unpause(const struct container *ctr, struct error *err);

/*
 * How a running container is paused at the moment, which is seen from outside its monitor only.
 * @run_fd: <runroot>/containers/ID
 */
enum container_pause container_pause_read(const struct container_state *state, int run_fd);

/*
 * container_pause_holds - is there a pause by signals that has stopped the first process?
 * For one who has just put a process into the container: either this is true, or the pause that is
 * being made, or comes, finds the process. @runfd: of the store; @init_pid: of the container
 */
bool container_pause_holds(int runfd, const char *id, pid_t init_pid);

/* True if container_pause() was interrupted: some processes may be stopped. */
bool container_pause_is_begun(const struct container *ctr);

#endif
