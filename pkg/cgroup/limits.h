/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUP_LIMITS_H
#define CGROUP_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "spec/spec.h"

/*
 * linux.resources of the runtime specification as files of cgroup v2 and what is written to them:
 * a pure function, and the hand that carries it out.
 */
struct cgroup_setting {
	char *file;     /* "memory.max"; what is before the first dot is the controller */
	char *value;    /* without a newline */
	bool optional;  /* a default, or what holds anyhow where the file is missing */
	bool may_lack;  /* kernels without this file exist; a warning is enough there */
	char *alt_file; /* taken where @file does not exist; NULL: none */
	char *alt_value;
};
struct cgroup_limits {
	struct cgroup_setting *items; /* in the order in which they must be written */
	size_t count;
};
void cgroup_limits_release(struct cgroup_limits *limits);
static inline void auto_cgroup_limits_release(struct cgroup_limits *limits)
{
	cgroup_limits_release(limits);
}

/*
 * cgroup_limits_plan - what has to be written for @resources.
 * @default_pids: the limit of processes is nobody's wish and is left out where it cannot be had
 * @ret:          zeroed
 *
 * Conversions from cgroup v1 numbers are the usual ones of other runtimes (cpu.shares 2..262144 to
 * cpu.weight 1..10000, swap counts memory too, blkio weight 10..1000 to io.weight 1..10000). The
 * list of devices is not of this world (it takes BPF) and is left to the caller.
 * Returns 0; -EINVAL for contradictions; -ENOTSUP for what cgroup v2 does not have.
 */
int cgroup_limits_plan(const struct spec_resources *resources, bool default_pids,
	struct cgroup_limits *ret, struct error *err);

/* True when something in it is not optional. */
bool cgroup_limits_are_needed(const struct cgroup_limits *limits);

/* Names of the controllers: all, or those of settings that are not optional. Owned by the caller.
 */
char **cgroup_limits_controllers(const struct cgroup_limits *limits, bool needed_only);

/*
 * cgroup_limits_write - write the settings into the cgroup @dirfd.
 * Optional ones that fail are left out. What was written before a failure stays.
 */
int cgroup_limits_write(const struct cgroup_limits *limits, int dirfd, struct error *err);

/* cpu.weight for cpu.shares, io.weight for a blkio weight. */
unsigned cgroup_cpu_weight(uint64_t shares);
unsigned cgroup_io_weight(uint32_t weight);

#endif
