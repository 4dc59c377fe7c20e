/* SPDX-License-Identifier: Apache-2.0 */
#include "filter-trials.h"

#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "shrink-check.h"

#define SMALL_NUMBERS 1100
#define X32_BIT UINT32_C(0x40000000)
#define RANDOM_ARGS 16

uint32_t filter_trials_random(uint64_t *state)
{
	/* A linear congruential generator; the upper half is the random one. */
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 32);
}

static void add(uint32_t *list, size_t *count, size_t room, uint32_t value)
{
	for (size_t i = 0; i < *count; i++)
		if (list[i] == value)
			return;
	if (*count == room)
		abort();
	list[(*count)++] = value;
}

static void add_number(struct filter_trials *trials, uint32_t value)
{
	add(trials->numbers, &trials->number_count, ARRAY_SIZE(trials->numbers), value);
}

static void add_arg(struct filter_trials *trials, uint32_t value)
{
	add(trials->args, &trials->arg_count, ARRAY_SIZE(trials->args), value);
}

static void add_constants(struct filter_trials *trials)
{
	uint32_t offset = 0;

	for (size_t i = 0; i < trials->left_count; i++) {
		const struct sock_filter *insn = &trials->left[i];

		if (BPF_CLASS(insn->code) == BPF_LD) {
			offset = insn->k;
			trials->is_loaded[offset / 4] = true;
		}
		for (uint32_t near = 0; near < 3 && offset < 8; near++)
			add_number(trials, insn->k - 1 + near);
		for (uint32_t near = 0; near < 3 && offset >= 8; near++)
			add_arg(trials, insn->k - 1 + near);
	}
}

void filter_trials_init(struct filter_trials *trials, const struct sock_filter *left,
	size_t left_count, const struct sock_filter *right, size_t right_count)
{
	*trials = (struct filter_trials){
		.left = left, .left_count = left_count, .right = right, .right_count = right_count};
	for (uint32_t i = 0; i <= SMALL_NUMBERS; i++) {
		add_number(trials, i);
		add_number(trials, i | X32_BIT);
	}
	add_number(trials, UINT32_MAX);
	add_arg(trials, 0);
	add_arg(trials, UINT32_MAX);
	add_constants(trials);
}

static bool agree(struct filter_trials *trials, const uint32_t *words, uint32_t *ret_action)
{
	struct seccomp_data data;
	uint32_t right = 0;

	memcpy(&data, words, sizeof(data));
	trials->runs++;
	if (filter_run(trials->left, trials->left_count, &data, ret_action) == 0 &&
		filter_run(trials->right, trials->right_count, &data, &right) == 0 &&
		*ret_action == right)
		return true;
	fprintf(stderr, "# nr %#x arch %#x: %#x, but %#x\n", words[0], words[1], *ret_action,
		right);
	for (size_t i = 4; i < sizeof(data) / sizeof(words[0]); i++)
		fprintf(stderr, "# word %zu: %#x\n", i, words[i]);
	return false;
}

static bool agree_on_pair(struct filter_trials *trials, uint32_t *words, size_t i, size_t j)
{
	uint32_t action;

	for (size_t k = 0; k < trials->arg_count * trials->arg_count; k++) {
		words[i] = trials->args[k / trials->arg_count];
		words[j] = trials->args[k % trials->arg_count];
		if (!agree(trials, words, &action))
			return false;
	}
	words[i] = words[j] = 0;
	return true;
}

/* Every two halves of arguments that are looked at, with every two values, the other ones zero. */
static bool agree_on_pairs(struct filter_trials *trials, uint32_t *words)
{
	memset(words + 4, 0, 12 * sizeof(*words));
	for (size_t i = 4; i < 16; i++)
		for (size_t j = i + 1; j < 16; j++)
			if (trials->is_loaded[i] && trials->is_loaded[j] &&
				!agree_on_pair(trials, words, i, j))
				return false;
	return true;
}

static bool agree_on_args(struct filter_trials *trials, uint32_t nr, uint32_t arch)
{
	uint64_t seed = (uint64_t)nr << 32 | arch;
	uint32_t words[16] = {nr, arch};
	uint32_t first, action;
	bool differs = false;

	if (!agree(trials, words, &first))
		return false;
	for (unsigned round = 0; round < RANDOM_ARGS; round++) {
		for (size_t i = 4; i < 16; i++)
			words[i] = trials->args[filter_trials_random(&seed) % trials->arg_count];
		if (!agree(trials, words, &action))
			return false;
		differs = differs || action != first;
	}
	return !differs || agree_on_pairs(trials, words);
}

static bool agree_on_numbers(struct filter_trials *trials, uint32_t arch)
{
	for (size_t i = 0; i < trials->number_count; i++)
		if (!agree_on_args(trials, trials->numbers[i], arch))
			return false;
	return true;
}

bool filter_trials_agree(struct filter_trials *trials)
{
	static const uint32_t arches[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64};

	for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
		for (uint32_t near = 0; near < 3; near++)
			if (!agree_on_numbers(trials, arches[i] - 1 + near))
				return false;
	return agree_on_numbers(trials, 0) && agree_on_numbers(trials, UINT32_MAX);
}
