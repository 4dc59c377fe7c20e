/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every start of a container hands its filter to the kernel, which checks, converts and compiles
 * each instruction: a program of 1500 costs 0.3 ms. libseccomp spends one test on every system
 * call of every architecture; but the calls that a profile treats alike lie side by side.
 *
 *     flow.c     what is compared with what, hence which values are alike
 *     diagram.c  what is decided for each range of values, equal ones merged
 *     tree.c     few tests that find a value's range
 *     here       instructions for them
 *
 * Instructions are made from the last to the first. Jumps go forward, so the place that one leads
 * to is known when it is made. A conditional jump reaches 255 instructions: a result that lies
 * farther away is made once more, and anything else gets a jump of its own nearby.
 */
#include "shrink.h"

#include <assert.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "diagram.h"
#include "flow.h"
#include "tree.h"

/* One less than an offset can say: a stub for the other target may still come between. */
#define MAX_REACH 254
/*
 * When a filter is loaded the kernel tries every system call of its table, for the two common
 * architectures, to see which are always allowed. No table is longer than this yet.
 */
#define TRIED_CALLS 512

struct emitter {
	const struct flow *flow;
	const struct diagram *diagram;
	struct sock_filter *code; /* filled from the back */
	size_t length;            /* instructions made so far */
	size_t *places; /* of the nodes: distance of the nearest copy from the end; 0: none */
};

static int emit(struct emitter *self, unsigned code, size_t yes, size_t no, uint32_t k)
{
	if (self->length == BPF_MAXINSNS)
		return -E2BIG;
	self->length++;
	self->code[BPF_MAXINSNS - self->length] =
		(struct sock_filter){(uint16_t)code, (uint8_t)yes, (uint8_t)no, k};
	return 0;
}

/* Makes sure that a conditional jump that comes next, or one later, reaches @place. */
static int bring_near(struct emitter *self, size_t *place)
{
	int r = 0;

	if (self->length - *place <= MAX_REACH)
		return 0;
	r = emit(self, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(self->length - *place));
	*place = self->length;
	return r;
}

static int bring_result(struct emitter *self, uint32_t result, size_t *place)
{
	int r = 0;

	if (*place && self->length - *place <= MAX_REACH)
		return 0;
	r = emit(self, BPF_RET | BPF_K, 0, 0, result);
	*place = self->length;
	return r;
}

static int bring_target(
	struct emitter *self, struct tree_target target, size_t *tests, size_t **ret_place)
{
	const struct diagram_node *node = &self->diagram->nodes[target.number];

	*ret_place = (target.is_test ? tests : self->places) + target.number;
	if (!target.is_test && node->variable < 0)
		return bring_result(self, node->result, *ret_place);
	return bring_near(self, *ret_place);
}

static int emit_test(
	struct emitter *self, const struct tree_test *test, size_t *tests, size_t *ret_place)
{
	unsigned code = BPF_JMP | BPF_K | (test->is_equal ? BPF_JEQ : BPF_JGE);
	size_t *yes, *no;
	int r = bring_target(self, test->yes, tests, &yes);

	if (r == 0)
		r = bring_target(self, test->no, tests, &no);
	if (r == 0)
		r = emit(self, code, self->length - *yes, self->length - *no, test->k);
	*ret_place = self->length;
	return r;
}

static int emit_tree(struct emitter *self, const struct tree *tree)
{
	autofree size_t *tests = xcalloc(tree->test_count, sizeof(*tests));
	int r = 0;

	for (size_t i = 0; r == 0 && i < tree->test_count; i++)
		r = emit_test(self, &tree->tests[i], tests, &tests[i]);
	return r;
}

/* Loads the variable of @node, and behind it the tests of the value. */
static int emit_decision(struct emitter *self, const struct diagram_node *node)
{
	const struct flow_variable *variable = &self->flow->variables[node->variable];
	bool is_number = variable->offset == offsetof(struct seccomp_data, nr);
	struct tree tree;
	int r;

	tree_build(node->edges, node->edge_count, is_number ? TRIED_CALLS : 0, &tree);
	r = emit_tree(self, &tree);
	tree_release(&tree);
	if (r == 0 && variable->mask != UINT32_MAX)
		r = emit(self, BPF_ALU | BPF_AND | BPF_K, 0, 0, variable->mask);
	if (r == 0)
		r = emit(self, BPF_LD | BPF_W | BPF_ABS, 0, 0, variable->offset);
	return r;
}

static int emit_all(struct emitter *self)
{
	const struct diagram *diagram = self->diagram;
	int r = 0;

	/* Children have smaller numbers: they are there when something leads to them. */
	for (size_t i = 0; r == 0 && i < diagram->node_count; i++) {
		if (diagram->nodes[i].variable < 0)
			continue;
		r = emit_decision(self, &diagram->nodes[i]);
		self->places[i] = self->length;
	}
	/* The program begins with its root, which was added last unless nothing is decided. */
	if (r == 0 && diagram->nodes[diagram->root].variable < 0)
		r = bring_result(
			self, diagram->nodes[diagram->root].result, &self->places[diagram->root]);
	assert(r < 0 || self->places[diagram->root] == self->length);
	return r;
}

static int emit_diagram(const struct flow *flow, const struct diagram *diagram,
	struct sock_filter *ret, size_t *ret_count)
{
	autofree struct sock_filter *code = xcalloc(BPF_MAXINSNS, sizeof(*code));
	autofree size_t *places = xcalloc(diagram->node_count, sizeof(*places));
	struct emitter self = {flow, diagram, code, 0, places};
	int r = emit_all(&self);

	if (r < 0)
		return r;
	memcpy(ret, code + BPF_MAXINSNS - self.length, self.length * sizeof(*ret));
	*ret_count = self.length;
	return 0;
}

int shrink_filter(
	const struct sock_filter *code, size_t count, struct sock_filter *ret, size_t *ret_count)
{
	autofree struct flow *flow = xnew(struct flow);
	struct diagram diagram = {0};
	size_t shorter = 0;
	int r = flow_analyse(code, count, flow);

	if (r == 0)
		r = diagram_build(flow, &diagram);
	if (r == 0)
		r = emit_diagram(flow, &diagram, ret, &shorter);
	if (r == 0 && shorter >= count)
		r = -E2BIG;
	if (r == 0)
		*ret_count = shorter;
	diagram_release(&diagram);
	flow_release(flow);
	return r;
}
