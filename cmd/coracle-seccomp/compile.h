/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_COMPILE_H
#define CORACLE_SECCOMP_COMPILE_H

#include <linux/filter.h>

#include "profile.h"

/*
 * compile_profile - the BPF program of a profile, as short as it can be made.
 * @caps: capabilities of the container, as bits
 * @fd:   where the program (struct sock_filter array) is written
 *
 * What is written depends on this program's version: whoever changes it raises
 * SECCOMP_COMPILER_VERSION (runtime/seccomp-cache.c).
 *
 * Returns 0; -EINVAL for actions or operators that the specification does not have; -ENOTSUP for
 * SCMP_ACT_NOTIFY; -E2BIG for more instructions than the kernel takes.
 */
int compile_profile(const struct profile *profile, uint64_t caps, int fd, struct error *err);

/* As compile_profile(), the program as libseccomp makes it; @ret: room for BPF_MAXINSNS. */
int compile_plain(const struct profile *profile, uint64_t caps, struct sock_filter *ret,
	size_t *ret_count, struct error *err);

#endif
