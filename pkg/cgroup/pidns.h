/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_PIDNS_H
#define CGROUP_PIDNS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The processes of a pid namespace, those below it included: what a container is where it has no
 * cgroup. A namespace is named by device and inode of /proc/PID/ns/pid.
 */
struct pidns {
	dev_t dev;
	ino_t ino;
};

/*
 * pidns_of - the namespace of a container's first process.
 * @pidfd: of process @pid; the answer is about this one, whatever the number is used for later
 * Returns 0; -ESRCH: it has ended.
 */
int pidns_of(pid_t pid, int pidfd, struct pidns *ret, struct error *err);

/* A process as /proc/PID/stat has it. */
struct pidns_process {
	pid_t pid;                         /* as we see it */
	char state;                        /* R, S, D, T, t, Z, … */
	uint64_t user_ticks, system_ticks; /* with those of children that were waited for */
	uint64_t threads;
	uint64_t rss_pages;
	uint64_t start_ticks;
};
/* Returns 0, or -EBADMSG. */
int pidns_stat_parse(const char *text, struct pidns_process *ret);

/*
 * pidns_each - call @visit for each process that is in the namespace, in no particular order.
 * A process may end, or appear, meanwhile. @visit returns 0 to go on; anything else ends the walk
 * and is returned. Processes that we may not look at are not in it.
 */
typedef int pidns_visit(void *data, const struct pidns_process *process);
int pidns_each(const struct pidns *ns, pidns_visit *visit, void *data, struct error *err);

/* True if process @pid is in the namespace or below it. */
bool pidns_has(const struct pidns *ns, pid_t pid);

#endif
