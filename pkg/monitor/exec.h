/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MONITOR_EXEC_H
#define MONITOR_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "container/record.h"
#include "spec/spec.h"

/*
 * The monitor of an exec session: parent of one more process in a running container, and the relay
 * between it and whoever is attached. It is forked by the command and outlives it.
 */
struct exec_monitor {
	const char *container_id;
	const char *session_id;
	const struct container_record *record; /* of the container, for events; borrowed */
	bool no_events;                        /* none are written */
	const struct spec_process *process;
	const char *user;    /* as asked for, for the record; NULL: the container's */
	const char *seccomp; /* as in struct container_record */
	char *const *seccomp_caps;
	bool interactive;     /* the process has a stdin that clients write to */
	bool client_attaches; /* else it leaves after ATTACH_READY, and the exit code is kept */
	pid_t init_pid;       /* number of init_pidfd's process */
	/* Taken over: */
	int client_fd;  /* see container/attach.h */
	int init_pidfd; /* the container's first process */
	int runfd;      /* directory of run state, as in struct store */
	const int *fds; /* --preserve-fds: become 3, 4, … in the process; the list is borrowed */
	size_t fd_count;
};

/*
 * exec_monitor_run - start the process and stay until it has ended.
 * What goes wrong is told to the client as ATTACH_ERROR. Returns 0 or negative errno.
 */
int exec_monitor_run(struct exec_monitor *options, struct error *err);

/*
 * exec_cgroup_open - the cgroup (v2) of a process, to be joined by another one.
 * Returns a descriptor of its directory; -ENOENT when it is ours, or out of our sight.
 */
int exec_cgroup_open(pid_t pid);

#endif
