/* SPDX-License-Identifier: Apache-2.0 */
/* What is shrunk still answers the same: real profiles, made-up programs, and hard cases. */
#include "shrink.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../../cmd/coracle-seccomp/compile.h"
#include "filter-trials.h"
#include "shrink-check.h"
#include "spec/defaults.h"

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define JUMP(op, k, yes, no) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, yes, no)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)

static struct sock_filter code[BPF_MAXINSNS], shorter[BPF_MAXINSNS];
static size_t code_count, shorter_count;
static struct filter_trials trials;

static int shrink(void)
{
	return shrink_filter(code, code_count, shorter, &shorter_count);
}

static bool still_agrees(void)
{
	assert_true(shorter_count < code_count);
	assert_int_equal(shrink_check(code, code_count, shorter, shorter_count), 0);
	filter_trials_init(&trials, code, code_count, shorter, shorter_count);
	return filter_trials_agree(&trials);
}

static void compile(const char *text, uint64_t caps)
{
	AUTO(profile_release) struct profile profile = {0};
	struct error err = {0};

	assert_int_equal(profile_parse(text, strlen(text), &profile, &err), 0);
	assert_int_equal(compile_plain(&profile, caps, code, &code_count, &err), 0);
}

static void set_code(const struct sock_filter *insns, size_t count)
{
	memcpy(code, insns, count * sizeof(*code));
	code_count = count;
}

static void default_profile_becomes_short_and_stays_the_same(void **state)
{
	static const uint64_t caps[] = {0, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++) {
		compile(default_seccomp_profile, caps[i]);
		assert_int_equal(shrink(), 0);
		print_message("# caps %#llx: %zu instructions instead of %zu\n",
			(unsigned long long)caps[i], shorter_count, code_count);
		assert_true(shorter_count <= 450);
		assert_true(still_agrees());
		print_message("# tried on %zu data\n", trials.runs);
	}
}

static void every_operator_stays_the_same(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\","
		"\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],"
		"\"syscalls\":["
		"{\"names\":[\"read\",\"write\",\"open\",\"close\",\"stat\",\"fstat\"],"
		"\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
		"\"value\":2114060288,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"
		"{\"names\":[\"ioctl\",\"fcntl\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":1,\"value\":21505,\"op\":\"SCMP_CMP_EQ\"}]},"
		"{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":1,\"value\":21523,\"op\":\"SCMP_CMP_EQ\"},"
		"{\"index\":2,\"value\":0,\"op\":\"SCMP_CMP_NE\"}]},"
		"{\"names\":[\"mmap\"],\"action\":\"SCMP_ACT_KILL\",\"args\":["
		"{\"index\":0,\"value\":4294967296,\"op\":\"SCMP_CMP_GT\"},"
		"{\"index\":2,\"value\":7,\"op\":\"SCMP_CMP_LE\"}]},"
		"{\"names\":[\"lseek\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":1,\"value\":8589934591,\"op\":\"SCMP_CMP_LT\"}]},"
		"{\"names\":[\"prctl\"],\"action\":\"SCMP_ACT_LOG\",\"args\":["
		"{\"index\":0,\"value\":30,\"op\":\"SCMP_CMP_GE\"}]}]}";

	(void)state;
	compile(text, 0);
	assert_int_equal(shrink(), 0);
	assert_true(still_agrees());
}

/* The way from the end of a part of three to one of @left later ones, or to one of three results.
 */
static uint8_t random_way(uint64_t *seed, size_t left)
{
	size_t way = filter_trials_random(seed) % (left + 3);

	return (uint8_t)(way < left ? 3 * way : 2 * left + way);
}

static uint32_t random_mask(uint64_t *seed)
{
	uint32_t random = filter_trials_random(seed);

	if (random % 8 == 0)
		return random >> 28;
	return random % 8 == 1 ? UINT32_MAX << (random >> 29) : UINT32_MAX;
}

/* Parts in the form that libseccomp's have: load a word, look at some of its bits, go on. */
static void make_up(uint64_t *seed)
{
	static const uint32_t offsets[] = {0, 0, 4, 16, 20};
	static const uint16_t ops[] = {BPF_JEQ, BPF_JGT, BPF_JGE};
	size_t parts = 2 + filter_trials_random(seed) % 12;

	code_count = 0;
	while (parts--) {
		uint32_t offset = offsets[filter_trials_random(seed) % ARRAY_SIZE(offsets)];
		uint16_t op = ops[filter_trials_random(seed) % ARRAY_SIZE(ops)];
		uint32_t k = filter_trials_random(seed) % 12;
		uint32_t mask = random_mask(seed);
		uint8_t yes = random_way(seed, parts), no = random_way(seed, parts);

		code[code_count++] = (struct sock_filter)LOAD(offset);
		code[code_count++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask);
		code[code_count++] = (struct sock_filter)JUMP(op, k, yes, no);
	}
	for (uint32_t i = 0; i < 3; i++)
		code[code_count++] = (struct sock_filter)RETURN(i);
}

static bool agrees_on_small_data(uint64_t *seed)
{
	for (unsigned round = 0; round < 1000; round++) {
		struct seccomp_data data = {.nr = (int)(filter_trials_random(seed) % 14),
			.arch = filter_trials_random(seed) % 14};
		uint32_t before, after;

		for (size_t i = 0; i < ARRAY_SIZE(data.args); i++)
			data.args[i] = (uint64_t)(filter_trials_random(seed) % 18) << 32 |
				       filter_trials_random(seed) % 18;
		assert_int_equal(filter_run(code, code_count, &data, &before), 0);
		assert_int_equal(filter_run(shorter, shorter_count, &data, &after), 0);
		if (before != after)
			return false;
	}
	return true;
}

static bool agrees_below(int numbers, uint64_t args)
{
	struct seccomp_data data = {0};
	uint32_t before, after;

	for (data.nr = -1; data.nr < numbers; data.nr++) {
		for (data.args[0] = 0; data.args[0] < args; data.args[0]++) {
			assert_int_equal(filter_run(code, code_count, &data, &before), 0);
			assert_int_equal(filter_run(shorter, shorter_count, &data, &after), 0);
			if (before != after)
				return false;
		}
	}
	return true;
}

static void made_up_programs_stay_the_same(void **state)
{
	uint64_t seed = 1;
	size_t shrunk = 0;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		int r;

		make_up(&seed);
		r = shrink();
		assert_true(r == 0 || r == -E2BIG);
		if (r < 0)
			continue;
		shrunk++;
		assert_true(shorter_count < code_count);
		assert_int_equal(shrink_check(code, code_count, shorter, shorter_count), 0);
		assert_true(agrees_on_small_data(&seed));
	}
	print_message("# %zu of 4000 were shrunk\n", shrunk);
	assert_true(shrunk > 1000);
}

/* More results than a conditional jump can reach across, and more ranges than are planned at once.
 */
static void far_results_are_reached(void **state)
{
	uint64_t seed = 2;

	(void)state;
	code_count = 0;
	code[code_count++] = (struct sock_filter)LOAD(0);
	for (uint32_t i = 0; i < 1300; i++) {
		uint32_t action = filter_trials_random(&seed) % 9;

		code[code_count++] = (struct sock_filter)JUMP(BPF_JEQ, 3 * i, 0, 2);
		code[code_count++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0);
		code[code_count++] = (struct sock_filter)RETURN(action);
	}
	code[code_count++] = (struct sock_filter)RETURN(9);
	assert_int_equal(shrink(), 0);
	assert_true(agrees_below(4000, 1));
	assert_int_equal(shrink_check(code, code_count, shorter, shorter_count), 0);
}

/* Each value of a number leads to an argument's limit of its own, far behind. */
static void far_decisions_are_reached(void **state)
{
	(void)state;
	code_count = 0;
	code[code_count++] = (struct sock_filter)LOAD(0);
	for (uint32_t i = 0; i < 300; i++) {
		code[code_count++] = (struct sock_filter)JUMP(BPF_JEQ, 2 * i, 0, 6);
		code[code_count++] = (struct sock_filter)LOAD(16);
		code[code_count++] = (struct sock_filter)JUMP(BPF_JGE, i + 7, 0, 3);
		code[code_count++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1);
		code[code_count++] = (struct sock_filter)RETURN(1);
		code[code_count++] = (struct sock_filter)RETURN(2);
		code[code_count++] = (struct sock_filter)RETURN(3);
	}
	code[code_count++] = (struct sock_filter)RETURN(4);
	assert_int_equal(shrink(), 0);
	assert_true(agrees_below(620, 320));
	assert_int_equal(shrink_check(code, code_count, shorter, shorter_count), 0);
}

static void one_result_is_one_instruction(void **state)
{
	static const struct sock_filter insns[] = {
		LOAD(0), JUMP(BPF_JGT, 5, 1, 0), RETURN(7), RETURN(7)};

	(void)state;
	set_code(insns, ARRAY_SIZE(insns));
	assert_int_equal(shrink(), 0);
	assert_int_equal(shorter_count, 1);
	assert_int_equal(shorter[0].k, 7);
	assert_true(still_agrees());
	set_code(shorter, 1);
	assert_int_equal(shrink(), -E2BIG);
}

static void too_many_combinations_are_left_alone(void **state)
{
	(void)state;
	code_count = 0;
	for (uint32_t word = 0; word < 6; word++) {
		code[code_count++] = (struct sock_filter)LOAD(16 + 4 * word);
		for (uint32_t i = 0; i < 60; i++)
			code[code_count++] = (struct sock_filter)JUMP(BPF_JEQ, 5 * i, 0, 0);
	}
	code[code_count++] = (struct sock_filter)RETURN(0);
	code[code_count++] = (struct sock_filter)RETURN(1);
	assert_int_equal(shrink(), -E2BIG);
	assert_int_equal(shrink_check(code, code_count, code, code_count), -E2BIG);
}

static void what_is_not_understood_is_left_alone(void **state)
{
	static const struct sock_filter cases[][5] = {
		{JUMP(BPF_JEQ, 0, 0, 0), RETURN(0)},                 /* compares nothing */
		{LOAD(0), JUMP(BPF_JSET, 1, 0, 0), RETURN(0)},       /* another comparison */
		{LOAD(0), JUMP(BPF_JEQ, 1, 3, 0), RETURN(0)},        /* jumps out */
		{LOAD(0), BPF_STMT(BPF_JMP | BPF_JA, 0xfffffffd)},   /* jumps back */
		{LOAD(2), RETURN(0)},                                /* between two words */
		{LOAD(64), RETURN(0)},                               /* behind the data */
		{BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RETURN(0)},  /* half a word */
		{BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), RETURN(0)},  /* the length */
		{BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0), RETURN(0)}, /* the other register */
		{LOAD(0), BPF_STMT(BPF_ST, 0), RETURN(0)},           /* memory */
		{LOAD(0), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1), RETURN(0)},
		{LOAD(0), BPF_STMT(BPF_ALU | BPF_AND | BPF_X, 1), RETURN(0)},
		{LOAD(0), BPF_STMT(BPF_RET | BPF_A, 0)},
		{BPF_STMT(BPF_LD | BPF_W | BPF_MEM, 0), RETURN(0)},
		/* The same comparison of different words. */
		{LOAD(0), JUMP(BPF_JEQ, 1, 0, 1), LOAD(4), JUMP(BPF_JEQ, 2, 0, 0), RETURN(0)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_code(cases[i], ARRAY_SIZE(cases[i]));
		assert_int_equal(shrink(), -ENOTSUP);
	}
	set_code(cases[1], 1); /* runs out of the end */
	assert_int_equal(shrink(), -ENOTSUP);
	assert_int_equal(shrink_filter(code, 0, shorter, &shorter_count), -ENOTSUP);
	assert_int_equal(shrink_filter(code, BPF_MAXINSNS + 1, shorter, &shorter_count), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_profile_becomes_short_and_stays_the_same),
		cmocka_unit_test(every_operator_stays_the_same),
		cmocka_unit_test(made_up_programs_stay_the_same),
		cmocka_unit_test(far_results_are_reached),
		cmocka_unit_test(far_decisions_are_reached),
		cmocka_unit_test(one_result_is_one_instruction),
		cmocka_unit_test(too_many_combinations_are_left_alone),
		cmocka_unit_test(what_is_not_understood_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
