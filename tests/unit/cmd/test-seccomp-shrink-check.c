/* SPDX-License-Identifier: Apache-2.0 */
/* A shortened program that lets one thing more or less through is found out. */
#include "shrink-check.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)
#define JUMP(op, k, yes, no) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, yes, no)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)

/* On arch 5: calls below 100 but for 7, call 200 with the right bits, and 300 with a large one. */
static const struct sock_filter original[] = {
	LOAD(4),
	JUMP(BPF_JEQ, 5, 0, 16),
	LOAD(0),
	JUMP(BPF_JGE, 100, 2, 0),
	JUMP(BPF_JEQ, 7, 13, 0),
	BPF_STMT(BPF_JMP | BPF_JA, 11),
	JUMP(BPF_JEQ, 200, 0, 3),
	LOAD(16),
	MASK(0x5010),
	JUMP(BPF_JEQ, 0x4000, 7, 8),
	JUMP(BPF_JEQ, 300, 0, 7),
	LOAD(28),
	JUMP(BPF_JGT, 2, 4, 0),
	JUMP(BPF_JEQ, 2, 0, 4),
	LOAD(24),
	MASK(0xfffffff0),
	JUMP(BPF_JGE, 0x80, 0, 1),
	RETURN(1),
	RETURN(0),
};

static int check(const struct sock_filter *left, const struct sock_filter *right)
{
	return shrink_check(left, ARRAY_SIZE(original), right, ARRAY_SIZE(original));
}

static void a_program_agrees_with_itself(void **state)
{
	(void)state;
	assert_int_equal(check(original, original), 0);
}

static void answers_are_those_of_the_program(void **state)
{
	static const struct {
		struct seccomp_data data;
		uint32_t action;
	} cases[] = {
		{{.arch = 5, .nr = 0}, 1},
		{{.arch = 4, .nr = 0}, 0},
		{{.arch = 5, .nr = 7}, 0},
		{{.arch = 5, .nr = 99}, 1},
		{{.arch = 5, .nr = 100}, 0},
		{{.arch = 5, .nr = -1}, 0},
		{{.arch = 5, .nr = 200, .args = {0xf00004fef}}, 1},
		{{.arch = 5, .nr = 200, .args = {0x5000}}, 0},
		{{.arch = 5, .nr = 300, .args = {0, 0x300000000}}, 1},
		{{.arch = 5, .nr = 300, .args = {0, 0x200000080}}, 1},
		{{.arch = 5, .nr = 300, .args = {0, 0x20000007f}}, 0},
	};
	uint32_t action;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(
			filter_run(original, ARRAY_SIZE(original), &cases[i].data, &action), 0);
		assert_int_equal(action, cases[i].action);
	}
}

static void every_changed_constant_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(original); i++) {
		for (int bit = 0; bit < 32; bit++) {
			struct sock_filter changed[ARRAY_SIZE(original)];

			/* Bits below 0x80 do not decide what is at least 0x80. */
			if (i == 15 && bit < 7)
				continue;
			for (size_t j = 0; j < ARRAY_SIZE(original); j++)
				changed[j] = original[j];
			changed[i].k ^= UINT32_C(1) << bit;
			assert_int_not_equal(check(original, changed), 0);
			assert_int_not_equal(check(changed, original), 0);
		}
	}
}

static void every_changed_jump_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(original); i++) {
		struct sock_filter changed[ARRAY_SIZE(original)];

		if (BPF_CLASS(original[i].code) != BPF_JMP || BPF_OP(original[i].code) == BPF_JA)
			continue;
		for (size_t j = 0; j < ARRAY_SIZE(original); j++)
			changed[j] = original[j];
		changed[i].jt = original[i].jf;
		changed[i].jf = original[i].jt;
		assert_int_equal(check(original, changed), -EBADMSG);
		assert_int_equal(check(changed, original), -EBADMSG);
	}
}

static void what_cannot_be_run_is_told(void **state)
{
	static const struct sock_filter cases[][2] = {
		{LOAD(0), JUMP(BPF_JSET, 1, 0, 0)},
		{LOAD(0), JUMP(BPF_JEQ, 1, 0, 0)},
		{LOAD(1), RETURN(0)},
		{LOAD(64), RETURN(0)},
		{BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RETURN(0)},
		{BPF_STMT(BPF_ALU | BPF_NEG, 0), RETURN(0)},
		{LOAD(0), BPF_STMT(BPF_RET | BPF_A, 0)},
		{BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), RETURN(0)},
		{BPF_STMT(BPF_JMP | BPF_JA, 1), RETURN(0)},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(shrink_check(cases[i], 2, cases[i], 2), -ENOTSUP);
	assert_int_equal(shrink_check(original, 0, original, 0), -ENOTSUP);
	assert_int_equal(shrink_check(original, BPF_MAXINSNS + 1, original, 1), -ENOTSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_agrees_with_itself),
		cmocka_unit_test(answers_are_those_of_the_program),
		cmocka_unit_test(every_changed_constant_is_found),
		cmocka_unit_test(every_changed_jump_is_found),
		cmocka_unit_test(what_cannot_be_run_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
