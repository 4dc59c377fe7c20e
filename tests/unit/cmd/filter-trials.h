/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FILTER_TRIALS_H
#define TESTS_FILTER_TRIALS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Two seccomp programs and the data that both are asked about, chosen without the knowledge that
 * the shrinker has: all small numbers, and every constant of the left program and its neighbours.
 */
struct filter_trials {
	const struct sock_filter *left;
	size_t left_count;
	const struct sock_filter *right;
	size_t right_count;
	uint32_t numbers[1 << 15]; /* constants that stand behind a load of nr or arch */
	size_t number_count;
	uint32_t args[1 << 13]; /* constants that stand behind a load of an argument's half */
	size_t arg_count;
	bool is_loaded[16]; /* words of struct seccomp_data */
	size_t runs;        /* for the record */
};

void filter_trials_init(struct filter_trials *trials, const struct sock_filter *left,
	size_t left_count, const struct sock_filter *right, size_t right_count);

/* True when both answer alike for everything tried; tells on stderr where they do not. */
bool filter_trials_agree(struct filter_trials *trials);

/* A repeatable sequence of numbers; *@state begins with any. */
uint32_t filter_trials_random(uint64_t *state);

#endif
