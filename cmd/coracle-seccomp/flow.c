/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jumps of classic BPF only go forward. One pass from the first instruction to the last therefore
 * meets every way into an instruction before the instruction itself, and no fixed point is needed.
 */
#include "flow.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

/* True for 0xfff00000: leading ones, then zeros. */
static bool is_prefix(uint32_t mask)
{
	return (~mask & (~mask + 1)) == 0;
}

static bool values_equal(const struct flow_value *left, const struct flow_value *right)
{
	return left->kind == right->kind && left->offset == right->offset &&
	       left->mask == right->mask;
}

/* @value arrives at instruction @pc. */
static int arrive(struct flow *flow, size_t pc, struct flow_value value)
{
	struct flow_value *there;

	if (pc >= flow->count)
		return -ENOTSUP;
	there = &flow->values[pc];
	if (there->kind == FLOW_UNREACHED)
		*there = value;
	else if (!values_equal(there, &value))
		*there = (struct flow_value){.kind = FLOW_UNKNOWN};
	return 0;
}

static int find_variable(struct flow *flow, uint32_t offset, uint32_t mask)
{
	struct flow_variable *variable;

	for (size_t i = 0; i < flow->variable_count; i++)
		if (flow->variables[i].offset == offset && flow->variables[i].mask == mask)
			return (int)i;
	if (flow->variable_count == FLOW_MAX_VARIABLES)
		return -ENOTSUP;
	variable = &flow->variables[flow->variable_count];
	*variable = (struct flow_variable){.offset = offset, .mask = mask};
	variable->starts = list_grow(NULL, 0, sizeof(uint32_t));
	variable->starts[variable->start_count++] = 0;
	return (int)flow->variable_count++;
}

static void add_start(struct flow_variable *variable, uint64_t start)
{
	if (start == 0 || start > UINT32_MAX)
		return;
	variable->starts =
		list_grow(variable->starts, variable->start_count, sizeof(*variable->starts));
	variable->starts[variable->start_count++] = (uint32_t)start;
}

/*
 * Under a mask of leading bits the word's values fall into blocks of 2^n that look the same. Where
 * the outcome of ==, > or >= @k changes, a block begins: that of @k or the one behind it.
 */
static int reach_comparison(struct flow *flow, size_t pc)
{
	struct flow_value *value = &flow->values[pc];
	uint32_t k = flow->code[pc].k;
	uint32_t mask = is_prefix(value->mask) ? UINT32_MAX : value->mask;
	uint64_t block = mask == UINT32_MAX ? (uint64_t)~value->mask + 1 : 1;
	int variable;

	if (value->kind != FLOW_WORD)
		return -ENOTSUP;
	variable = find_variable(flow, value->offset, mask);
	if (variable < 0)
		return variable;
	value->variable = (uint8_t)variable;
	k -= (uint32_t)(k % block);
	add_start(&flow->variables[variable], k);
	add_start(&flow->variables[variable], k + block);
	return 0;
}

static int reach_jump(struct flow *flow, size_t pc)
{
	const struct sock_filter *insn = &flow->code[pc];
	int r;

	switch (insn->code) {
	case BPF_JMP | BPF_JA:
		return insn->k < flow->count ? arrive(flow, pc + 1 + insn->k, flow->values[pc])
					     : -ENOTSUP;
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
		r = reach_comparison(flow, pc);
		if (r == 0)
			r = arrive(flow, pc + 1 + insn->jt, flow->values[pc]);
		return r < 0 ? r : arrive(flow, pc + 1 + insn->jf, flow->values[pc]);
	default:
		return -ENOTSUP;
	}
}

static int reach(struct flow *flow, size_t pc)
{
	const struct sock_filter *insn = &flow->code[pc];
	struct flow_value value = flow->values[pc];

	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (insn->k % 4 || insn->k >= sizeof(struct seccomp_data))
			return -ENOTSUP;
		value = (struct flow_value){
			.kind = FLOW_WORD, .offset = (uint16_t)insn->k, .mask = UINT32_MAX};
		return arrive(flow, pc + 1, value);
	case BPF_ALU | BPF_AND | BPF_K:
		value.mask &= insn->k;
		return arrive(flow, pc + 1, value);
	case BPF_RET | BPF_K:
		return 0;
	default:
		return reach_jump(flow, pc);
	}
}

static int compare_starts(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static void sort_starts(struct flow_variable *variable)
{
	size_t kept = 1;

	qsort(variable->starts, variable->start_count, sizeof(uint32_t), compare_starts);
	for (size_t i = 1; i < variable->start_count; i++)
		if (variable->starts[i] != variable->starts[kept - 1])
			variable->starts[kept++] = variable->starts[i];
	variable->start_count = kept;
}

int flow_analyse(const struct sock_filter *code, size_t count, struct flow *ret)
{
	*ret = (struct flow){.code = code, .count = count};
	if (count == 0 || count > BPF_MAXINSNS)
		return -ENOTSUP;
	ret->values[0].kind = FLOW_UNKNOWN;
	for (size_t pc = 0; pc < count; pc++) {
		int r = ret->values[pc].kind ? reach(ret, pc) : 0;

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ret->variable_count; i++)
		sort_starts(&ret->variables[i]);
	return 0;
}

void flow_release(struct flow *flow)
{
	for (size_t i = 0; i < flow->variable_count; i++)
		free(flow->variables[i].starts);
}
