/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_USAGE_H
#define CGROUP_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cgroup/pidns.h"

/*
 * struct usage - what a container has used and uses, for `stats`. A has_ flag stands before what
 * depends on a controller that may not be there, or cannot be told from /proc.
 */
struct usage {
	uint64_t cpu_usec; /* all of it; user and system are its parts */
	uint64_t cpu_user_usec;
	uint64_t cpu_system_usec;
	uint64_t throttled_usec; /* cpu.max: time that it was kept from running */

	bool has_memory;
	uint64_t memory_bytes;       /* with the page cache */
	uint64_t memory_cache_bytes; /* file pages that could be dropped at once (inactive_file) */
	uint64_t memory_limit_bytes; /* UINT64_MAX: none of its own */
	uint64_t swap_bytes;
	uint64_t oom_kills;

	bool has_pids;
	uint64_t pids;       /* processes and threads */
	uint64_t pids_limit; /* UINT64_MAX: none of its own */

	bool has_io;
	uint64_t read_bytes, written_bytes; /* at the devices */
	uint64_t reads, writes;
};

/* usage_read_cgroup - from the files of a cgroup; 0 or negative errno (-ENODEV, -ENOENT: gone). */
int usage_read_cgroup(int dirfd, struct usage *ret, struct error *err);

/*
 * usage_read_pidns - summed over the processes that run now, for a container without a cgroup.
 * What ended processes have used is in it only as far as their parents have waited for them; memory
 * that processes share is counted once for each. -ESRCH: there is no process.
 */
int usage_read_pidns(const struct pidns *ns, struct usage *ret, struct error *err);

/* io.stat and /proc/PID/io as text, added to @usage. */
void usage_add_io_stat(const char *text, struct usage *usage);
void usage_add_process_io(const char *text, struct usage *usage);

/*
 * usage_cpu_permille - share of one processor between two readings, in thousandths (2000: two).
 * 0 when @interval_ns is 0 or the counter went back.
 */
uint64_t usage_cpu_permille(uint64_t before_usec, uint64_t after_usec, int64_t interval_ns);

#endif
