/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_SHRINK_CHECK_H
#define CORACLE_SECCOMP_SHRINK_CHECK_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * filter_run - what a classic BPF seccomp program answers.
 * Returns 0; -ENOTSUP for an instruction that is not known here or a way out of the program.
 */
int filter_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data,
	uint32_t *ret_action);

/*
 * shrink_check - try two programs on everything that either of them tells apart.
 *
 * Shares no code with shrink_filter(). Of every word that a program compares with something, the
 * values tried are those where the outcome of a comparison changes, in all combinations that
 * matter. That is complete, but for a word of which several sets of bits are looked at apart.
 *
 * Returns 0 when they always agree; -EBADMSG when not; -E2BIG when there is too much to try;
 * -ENOTSUP as filter_run().
 */
int shrink_check(const struct sock_filter *left, size_t left_count, const struct sock_filter *right,
	size_t right_count);

#endif
