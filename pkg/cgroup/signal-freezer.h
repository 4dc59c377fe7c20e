/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_SIGNAL_FREEZER_H
#define CGROUP_SIGNAL_FREEZER_H

#include "cgroup/pidns.h"

/*
 * Pause without a cgroup: SIGSTOP to every process of a pid namespace until none runs. Unlike the
 * kernel's freezer this can be seen by the processes (a parent that waits for WUNTRACED, a shell's
 * job control), and what had stopped by itself before runs after the thaw.
 *
 * signal_freeze - returns 0 when all have stopped; -ETIMEDOUT: some do not (they fork
 *                 faster than we stop them), and all go on; -ESRCH: there is no process.
 * signal_thaw   - SIGCONT to all of them.
 * signal_is_frozen - true if there are processes, and all have stopped, whoever stopped them.
 */
int signal_freeze(const struct pidns *ns, int timeout_ms, struct error *err);
int signal_thaw(const struct pidns *ns, struct error *err);
bool signal_is_frozen(const struct pidns *ns);

#endif
