/* SPDX-License-Identifier: Apache-2.0 */
#include "diagram.h"

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

static struct flow flow;
static struct diagram diagram;

static const struct diagram_node *build(const struct sock_filter *code, size_t count)
{
	assert_int_equal(flow_analyse(code, count, &flow), 0);
	assert_int_equal(diagram_build(&flow, &diagram), 0);
	return &diagram.nodes[diagram.root];
}

static void release(void)
{
	diagram_release(&diagram);
	flow_release(&flow);
}

static uint32_t result_of(const struct diagram_node *node, size_t edge)
{
	const struct diagram_node *child = &diagram.nodes[node->edges[edge].child];

	assert_true(edge < node->edge_count);
	assert_int_equal(child->variable, -1);
	return child->result;
}

static void equal_neighbours_become_one_range(void **state)
{
	static const struct sock_filter code[] = {LOAD(0), JUMP(BPF_JEQ, 5, 3, 0),
		JUMP(BPF_JEQ, 6, 2, 0), JUMP(BPF_JEQ, 7, 1, 0), RETURN(1), RETURN(2)};
	const struct diagram_node *root;

	(void)state;
	root = build(code, ARRAY_SIZE(code));
	assert_int_equal(root->edge_count, 3);
	assert_int_equal(root->edges[1].start, 5);
	assert_int_equal(root->edges[2].start, 8);
	assert_int_equal(result_of(root, 0), 1);
	assert_int_equal(result_of(root, 1), 2);
	assert_int_equal(result_of(root, 2), 1);
	release();
}

static void equal_pieces_become_one_node(void **state)
{
	/* Two calls check the same argument alike, in different code. */
	static const struct sock_filter code[] = {LOAD(0), JUMP(BPF_JEQ, 5, 0, 3), LOAD(16),
		JUMP(BPF_JGT, 9, 0, 5), RETURN(1), JUMP(BPF_JEQ, 7, 0, 3), LOAD(16),
		JUMP(BPF_JGE, 10, 0, 1), RETURN(1), RETURN(0)};
	const struct diagram_node *root;

	(void)state;
	root = build(code, ARRAY_SIZE(code));
	assert_int_equal(root->edge_count, 5);
	assert_int_equal(root->edges[1].child, root->edges[3].child);
	assert_int_equal(diagram.node_count, 4);
	release();
}

static void what_changes_nothing_disappears(void **state)
{
	static const struct sock_filter code[] = {
		LOAD(4), JUMP(BPF_JEQ, 5, 1, 0), RETURN(3), RETURN(3)};

	(void)state;
	assert_int_equal(build(code, ARRAY_SIZE(code))->variable, -1);
	assert_int_equal(diagram.node_count, 1);
	release();
}

/* A value of masked bits stands for itself: 0x41 & 0x50 would be 0x40 again. */
static void masked_bits_are_told_apart(void **state)
{
	static const struct sock_filter code[] = {
		LOAD(16), MASK(0x50), JUMP(BPF_JEQ, 0x40, 0, 1), RETURN(1), RETURN(0)};
	const struct diagram_node *root;

	(void)state;
	root = build(code, ARRAY_SIZE(code));
	assert_int_equal(root->edge_count, 3);
	assert_int_equal(result_of(root, 1), 1);
	assert_int_equal(result_of(root, 2), 0);
	release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_neighbours_become_one_range),
		cmocka_unit_test(equal_pieces_become_one_node),
		cmocka_unit_test(what_changes_nothing_disappears),
		cmocka_unit_test(masked_bits_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
