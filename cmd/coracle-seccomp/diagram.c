/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program is run with every variable unknown. At a comparison with one, the walk goes on once
 * for each of its ranges, with a value of that range: the program cannot tell the others from it.
 * Ranges that turn out to lead to the same decisions become one, and a variable that changes
 * nothing disappears. Different bits of a word count as independent, which at worst asks about
 * combinations that do not exist.
 */
#include "diagram.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Instructions walked, some hundredths of a second; the default profile takes 150 000. */
#define MAX_STEPS (1 << 22)
#define MAX_NODES 4096

struct builder {
	const struct flow *flow;
	struct diagram *diagram;
	size_t steps;
	bool is_known[FLOW_MAX_VARIABLES];
	uint32_t value[FLOW_MAX_VARIABLES];
};

static int walk(struct builder *self, size_t pc);

static bool nodes_equal(const struct diagram_node *left, const struct diagram_node *right)
{
	if (left->variable != right->variable || left->result != right->result ||
		left->edge_count != right->edge_count)
		return false;
	for (size_t i = 0; i < left->edge_count; i++)
		if (left->edges[i].start != right->edges[i].start ||
			left->edges[i].child != right->edges[i].child)
			return false;
	return true;
}

/* The number of @node, which is taken over or freed. */
static int add_node(struct builder *self, struct diagram_node node)
{
	struct diagram *diagram = self->diagram;

	/* Looking through the nodes is work as well. */
	self->steps += diagram->node_count / 8;
	for (size_t i = 0; i < diagram->node_count; i++) {
		if (nodes_equal(&diagram->nodes[i], &node)) {
			free(node.edges);
			return (int)i;
		}
	}
	if (diagram->node_count == MAX_NODES) {
		free(node.edges);
		return -E2BIG;
	}
	diagram->nodes = list_grow(diagram->nodes, diagram->node_count, sizeof(node));
	diagram->nodes[diagram->node_count] = node;
	return (int)diagram->node_count++;
}

/* Goes on from the comparison at @pc with every range of its variable. */
static int split(struct builder *self, size_t pc, uint8_t number)
{
	const struct flow_variable *variable = &self->flow->variables[number];
	struct diagram_node node = {.variable = number};
	int child = -1;

	self->is_known[number] = true;
	for (size_t i = 0; i < variable->start_count; i++) {
		int last = child;

		self->value[number] = variable->starts[i];
		child = walk(self, pc);
		if (child < 0)
			break;
		if (child == last)
			continue;
		node.edges = list_grow(node.edges, node.edge_count, sizeof(*node.edges));
		node.edges[node.edge_count++] = (struct diagram_edge){variable->starts[i], child};
	}
	self->is_known[number] = false;
	if (child < 0 || node.edge_count == 1) {
		free(node.edges);
		return child;
	}
	return add_node(self, node);
}

static bool holds(const struct sock_filter *insn, uint32_t value)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return value == insn->k;
	case BPF_JGT:
		return value > insn->k;
	default:
		return value >= insn->k;
	}
}

/* The value of a masked word is a variable as it is; a whole word may be known, and masked now. */
static uint32_t held_value(const struct builder *self, const struct flow_value *held)
{
	uint32_t value = self->value[held->variable];

	return self->flow->variables[held->variable].mask == UINT32_MAX ? value & held->mask
									: value;
}

/* The node that the program decides on from @pc on, given what is known. */
static int walk(struct builder *self, size_t pc)
{
	for (;; pc++) {
		const struct sock_filter *insn = &self->flow->code[pc];
		const struct flow_value *held = &self->flow->values[pc];

		if (++self->steps > MAX_STEPS)
			return -E2BIG;
		if (BPF_CLASS(insn->code) == BPF_RET)
			return add_node(
				self, (struct diagram_node){.variable = -1, .result = insn->k});
		if (BPF_CLASS(insn->code) != BPF_JMP)
			continue;
		if (BPF_OP(insn->code) == BPF_JA) {
			pc += insn->k;
			continue;
		}
		if (!self->is_known[held->variable])
			return split(self, pc, held->variable);
		pc += holds(insn, held_value(self, held)) ? insn->jt : insn->jf;
	}
}

int diagram_build(const struct flow *flow, struct diagram *ret)
{
	struct builder self = {.flow = flow, .diagram = ret};
	int root;

	*ret = (struct diagram){0};
	root = walk(&self, 0);
	if (root < 0)
		return root;
	ret->root = root;
	return 0;
}

void diagram_release(struct diagram *diagram)
{
	for (size_t i = 0; i < diagram->node_count; i++)
		free(diagram->nodes[i].edges);
	free(diagram->nodes);
}
