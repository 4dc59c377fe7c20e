/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SYS_PROCESS_STAT_H
#define SYS_PROCESS_STAT_H

#include <stdint.h>
#include <sys/types.h>

/* What /proc/PID/stat says of a process. */
struct process_stat {
	char state;      /* letter; Z: it has ended, and its parent did not ask yet */
	uint64_t start;  /* clock ticks after boot */
	int exit_status; /* of a zombie, as from wait(); 0 where we may not see it */
};
/* 0, -ESRCH, or -EBADMSG for what cannot be understood. */
int process_read_stat(pid_t pid, struct process_stat *ret);

#endif
