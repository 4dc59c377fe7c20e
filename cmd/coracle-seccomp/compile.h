/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_COMPILE_H
#define CORACLE_SECCOMP_COMPILE_H

#include "profile.h"

/*
 * compile_profile - the BPF program of a profile.
 * @caps: capabilities of the container, as bits
 * @fd:   where the program (struct sock_filter array) is written
 * Returns 0; -EINVAL for actions or operators that the specification does not have; -ENOTSUP for
 * SCMP_ACT_NOTIFY.
 */
int compile_profile(const struct profile *profile, uint64_t caps, int fd, struct error *err);

#endif
