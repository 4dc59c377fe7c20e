/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_DEFAULTS_H
#define SPEC_DEFAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "spec/spec.h"

/* NULL-terminated lists, static. podman's values (containers.conf(5)). */
extern const char *const default_capabilities[]; /* names with CAP_ */
extern const char *const default_masked_paths[];
extern const char *const default_readonly_paths[];
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DEFAULT_SHM_BYTES (64ULL << 20)
#define DEFAULT_PIDS_LIMIT 2048

/* default_capabilities as bits (spec/capability.h). */
uint64_t default_capability_set(void);

/* What defaults_add_mounts() has to know of the container. */
struct default_mounts {
	uint64_t shm_bytes;    /* 0: DEFAULT_SHM_BYTES */
	bool tty_group_mapped; /* gid 5 exists in the container's user namespace */
	bool host_network;     /* no new sysfs then: the host's is bound */
	bool host_ipc;         /* the host's /dev/shm and /dev/mqueue are bound */
	bool host_pid;         /* the host's /proc is bound */
	bool no_cgroup;        /* no /sys/fs/cgroup */
	bool privileged;       /* /sys and cgroup writable */
};

/* Adds /proc /dev /dev/pts /dev/shm /dev/mqueue /sys /sys/fs/cgroup to a spec, in this order. */
void defaults_add_mounts(struct spec *spec, const struct default_mounts *choice);

/* Fills process.capabilities as podman does: non-root users get only @added, as ambient ones. */
void defaults_set_capabilities(struct spec_process *process, uint64_t set, uint64_t added);

/* The default seccomp profile, in the format of containers' seccomp.json. Static. */
extern const char default_seccomp_profile[];

#endif
