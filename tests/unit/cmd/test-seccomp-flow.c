/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define MASK(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)
#define JUMP(op, k, yes, no) BPF_JUMP(BPF_JMP | (op) | BPF_K, k, yes, no)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)

static struct flow flow;

static void analyse(const struct sock_filter *code, size_t count)
{
	assert_int_equal(flow_analyse(code, count, &flow), 0);
}

static void assert_starts(
	const struct flow_variable *variable, const uint32_t *starts, size_t count)
{
	assert_int_equal(variable->start_count, count);
	assert_memory_equal(variable->starts, starts, count * sizeof(*starts));
}

static void comparisons_cut_at_their_constant_and_behind(void **state)
{
	static const struct sock_filter code[] = {LOAD(0), JUMP(BPF_JEQ, 7, 0, 0),
		JUMP(BPF_JGT, 7, 0, 0), JUMP(BPF_JGE, 9, 0, 0), JUMP(BPF_JEQ, UINT32_MAX, 0, 0),
		JUMP(BPF_JEQ, 0, 0, 0), RETURN(0)};
	static const uint32_t starts[] = {0, 1, 7, 8, 9, 10, UINT32_MAX};

	(void)state;
	analyse(code, ARRAY_SIZE(code));
	assert_int_equal(flow.variable_count, 1);
	assert_int_equal(flow.variables[0].offset, 0);
	assert_starts(&flow.variables[0], starts, ARRAY_SIZE(starts));
	flow_release(&flow);
}

static void leading_bits_cut_the_word_itself(void **state)
{
	static const struct sock_filter code[] = {LOAD(16), MASK(0xfffffff0),
		JUMP(BPF_JEQ, 0x30, 0, 0), JUMP(BPF_JGT, 0x57, 0, 0), MASK(0x80000000),
		JUMP(BPF_JEQ, 0x80000000, 0, 0), MASK(0), JUMP(BPF_JEQ, 1, 0, 0), RETURN(0)};
	static const uint32_t starts[] = {0, 0x30, 0x40, 0x50, 0x60, 0x80000000};

	(void)state;
	analyse(code, ARRAY_SIZE(code));
	assert_int_equal(flow.variable_count, 1);
	assert_int_equal(flow.variables[0].mask, UINT32_MAX);
	assert_starts(&flow.variables[0], starts, ARRAY_SIZE(starts));
	flow_release(&flow);
}

static void other_bits_are_a_variable(void **state)
{
	static const struct sock_filter code[] = {
		LOAD(16), JUMP(BPF_JEQ, 3, 0, 0), MASK(0x50), JUMP(BPF_JEQ, 0x40, 0, 0), RETURN(0)};
	static const uint32_t starts[] = {0, 0x40, 0x41};

	(void)state;
	analyse(code, ARRAY_SIZE(code));
	assert_int_equal(flow.variable_count, 2);
	assert_int_equal(flow.variables[1].mask, 0x50);
	assert_starts(&flow.variables[1], starts, ARRAY_SIZE(starts));
	assert_int_equal(flow.values[3].variable, 1);
	flow_release(&flow);
}

static void dead_code_does_not_matter(void **state)
{
	static const struct sock_filter code[] = {
		LOAD(0), BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_A, 0), RETURN(0)};

	(void)state;
	analyse(code, ARRAY_SIZE(code));
	assert_int_equal(flow.variable_count, 0);
	assert_int_equal(flow.values[2].kind, FLOW_UNREACHED);
	flow_release(&flow);
}

/* Different words may meet, as long as nobody asks about them there. */
static void unknown_values_may_be_carried(void **state)
{
	static const struct sock_filter code[] = {LOAD(0), JUMP(BPF_JEQ, 1, 1, 0), LOAD(4), MASK(3),
		LOAD(16), JUMP(BPF_JEQ, 1, 0, 0), RETURN(0)};

	(void)state;
	analyse(code, ARRAY_SIZE(code));
	assert_int_equal(flow.values[3].kind, FLOW_UNKNOWN);
	assert_int_equal(flow.variable_count, 2);
	flow_release(&flow);
}

static void too_many_variables_are_refused(void **state)
{
	struct sock_filter code[3 * FLOW_MAX_VARIABLES + 4];
	size_t count = 0;

	(void)state;
	for (uint32_t i = 0; i <= FLOW_MAX_VARIABLES; i++) {
		code[count++] = (struct sock_filter)LOAD(16);
		code[count++] = (struct sock_filter)MASK(2 * i + 1);
		code[count++] = (struct sock_filter)JUMP(BPF_JEQ, 1, 0, 0);
	}
	code[count++] = (struct sock_filter)RETURN(0);
	assert_int_equal(flow_analyse(code, count, &flow), -ENOTSUP);
	flow_release(&flow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparisons_cut_at_their_constant_and_behind),
		cmocka_unit_test(leading_bits_cut_the_word_itself),
		cmocka_unit_test(other_bits_are_a_variable),
		cmocka_unit_test(dead_code_does_not_matter),
		cmocka_unit_test(unknown_values_may_be_carried),
		cmocka_unit_test(too_many_variables_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
