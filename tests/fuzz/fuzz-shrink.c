/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "shrink-check.h"
#include "shrink.h"

/*
 * A program, instructions as they lie in memory. When it is shrunk it must still answer the same,
 * to the checker and for data made of its own constants.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t choose(const struct sock_filter *code, size_t count, uint64_t *state)
{
	uint32_t random;

	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	random = (uint32_t)(*state >> 40);
	return code[random / 4 % count].k + random % 4 - 1;
}

static void compare(const struct sock_filter *code, size_t count, const struct sock_filter *shorter,
	size_t shorter_count)
{
	uint64_t state = count;

	for (unsigned round = 0; round < 200; round++) {
		struct seccomp_data asked;
		uint32_t words[sizeof(asked) / sizeof(uint32_t)], before, after;

		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			words[i] = choose(code, count, &state);
		memcpy(&asked, words, sizeof(asked));
		if (filter_run(code, count, &asked, &before) < 0 ||
			filter_run(shorter, shorter_count, &asked, &after) < 0 || before != after)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = size / sizeof(struct sock_filter);
	autofree struct sock_filter *code = xmemdup(data, count * sizeof(*code));
	autofree struct sock_filter *shorter = xcalloc(BPF_MAXINSNS, sizeof(*shorter));
	size_t shorter_count = 0;
	int r = shrink_filter(code, count, shorter, &shorter_count);

	(void)shrink_check(code, count, code, count);
	if (r < 0)
		return 0;
	if (shorter_count == 0 || shorter_count >= count)
		abort();
	r = shrink_check(code, count, shorter, shorter_count);
	if (r < 0 && r != -E2BIG)
		abort();
	compare(code, count, shorter, shorter_count);
	return 0;
}
