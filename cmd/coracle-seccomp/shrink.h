/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_SHRINK_H
#define CORACLE_SECCOMP_SHRINK_H

#include <linux/filter.h>
#include <stddef.h>

/*
 * shrink_filter - a shorter seccomp program that decides the same.
 * @code, @count: classic BPF as seccomp(2) takes it
 * @ret:          room for BPF_MAXINSNS instructions
 * @ret_count:    how many were written; fewer than @count
 *
 * A pure function. The result uses no instruction that libseccomp does not use, so that the kernel
 * still recognises the calls that are always allowed (seccomp_cache_prepare()).
 *
 * Returns 0; -ENOTSUP for a program that is not understood; -E2BIG when it is understood but has
 * too many cases, or nothing was saved. After a failure the caller keeps the program it has.
 */
int shrink_filter(
	const struct sock_filter *code, size_t count, struct sock_filter *ret, size_t *ret_count);

#endif
