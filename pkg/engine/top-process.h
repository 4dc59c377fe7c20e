/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_TOP_PROCESS_H
#define ENGINE_TOP_PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Bytes of a command line that are read; what follows would not fit on a screen anyway. */
#define TOP_MAX_ARGS (16 << 10)

/* A process of a container as the files of /proc/PID have it; ids are those of our user namespace.
 */
struct top_process {
	pid_t hpid;  /* as we see it */
	pid_t hppid; /* its parent likewise; 0: beyond our sight */
	int64_t pid; /* as the container sees it */
	int64_t ppid;
	int64_t pgid;
	char state; /* R, S, D, T, … */
	int64_t nice;
	uint64_t tty; /* device number; 0: none */
	uint64_t cpu_ticks;
	uint64_t start_ticks; /* after boot */
	uint64_t vsz_bytes;
	uint64_t rss_pages;
	uint32_t ruid, euid, rgid, egid;
	uint32_t *groups; /* supplementary */
	size_t group_count;
	uint64_t cap_inheritable, cap_permitted, cap_effective, cap_bounding, cap_ambient;
	uint64_t seccomp; /* 0 off, 1 strict, 2 filter */
	char *comm;
	char *args;  /* joined by blanks; "" for one without a command line */
	char *label; /* of the security module; "" */
};

/*
 * top_process_parse - fill @ret from the texts of two files; comm is the one of status, which has
 * newlines in it escaped.
 * @depth: how many pid namespaces lie between us and the container's: which of the numbers in a row
 *         it is
 * @ret:   zeroed; top_process_release() it in any case
 * Returns 0; -EBADMSG.
 */
int top_process_parse(const char *stat, const char *status, size_t depth, struct top_process *ret);

/*
 * top_process_read - the same for process @pid, with its command line and label.
 * Returns 0; -ESRCH: it has ended, or is not in the container.
 */
int top_process_read(pid_t pid, size_t depth, struct top_process *ret, struct error *err);
void top_process_release(struct top_process *process);

/* How many pid namespaces lie between us and that of process @pid; -ESRCH. */
int top_process_depth(pid_t pid, size_t *ret, struct error *err);

#endif
