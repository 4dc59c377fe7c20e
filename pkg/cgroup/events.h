/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_EVENTS_H
#define CGROUP_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* cgroup.events: is there a process in the cgroup or below it, is all of it frozen? */
struct cgroup_events {
	bool populated;
	bool frozen;
};
void cgroup_events_parse(const char *text, struct cgroup_events *ret);
/* 0; -ENODEV, -ENOENT: the cgroup is gone. */
int cgroup_events_read(int dirfd, struct cgroup_events *ret);

/* memory.events, counted since the cgroup was made, with those below. */
struct cgroup_memory_events {
	uint64_t max;      /* the limit was hit, and memory was taken back */
	uint64_t oom;      /* it could not be */
	uint64_t oom_kill; /* processes killed for it */
};
void cgroup_memory_events_parse(const char *text, struct cgroup_memory_events *ret);
/* 0; -ENOENT: memory is not controlled here, or the cgroup is gone. */
int cgroup_memory_events_read(int dirfd, struct cgroup_memory_events *ret);

/*
 * cgroup_watch - a descriptor that is readable after either file has changed.
 * Read the files after cgroup_watch_clear(), not before: several changes are one event.
 * Returns an inotify descriptor (non-blocking); negative errno.
 */
int cgroup_watch(int dirfd, struct error *err);
void cgroup_watch_clear(int watch_fd);

/*
 * cgroup_wait_populated - wait until the cgroup is empty (@wanted false) or not.
 * cgroup_wait_frozen    - wait until it is frozen or thawed.
 * Return 1 when it is; 0 after @timeout_ms; negative errno.
 */
int cgroup_wait_populated(int dirfd, bool wanted, int timeout_ms);
int cgroup_wait_frozen(int dirfd, bool wanted, int timeout_ms);

#endif
