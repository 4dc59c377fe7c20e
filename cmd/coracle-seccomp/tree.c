/* SPDX-License-Identifier: Apache-2.0 */
/*
 * n ranges need n - 1 tests when each one halves what is left. Most ranges of a system call table
 * are single calls between others that are treated alike, though: there one test for equality
 * does the work of two. Which ranges to take together is found by trying all neighbouring sets of
 * ranges, short ones first, for what they cost the kernel when the filter is loaded: it compiles
 * each test, and it tries every system call of its table to see which are always allowed.
 */
#include "tree.h"

#include <stdlib.h>

#include "base/mem.h"

/* The table of plans has the square of this; a longer list is halved first. */
#define MAX_PLANNED 192
/* Tests for equality in a row: no call should wait long for its answer. */
#define MAX_CHAIN 4

/* A test costs as much to compile as it costs to walk this many (measured: 180 and 4 ns). */
#define COST_OF_TEST 40

/* How to tell the ranges @first to @last apart. */
struct plan {
	uint32_t cost;
	int16_t split; /* first range of the upper half; -1: a chain, or a single range */
	int16_t rest;  /* a chain: a range that leads where all but single values lead */
};

struct planner {
	const struct diagram_edge *edges; /* count of them are planned */
	size_t count;
	uint64_t end;   /* of the last range */
	uint32_t tried; /* values below are tried by the kernel */
	struct plan *plans;
	struct tree *tree;
};

static struct plan *plan_of(const struct planner *self, size_t first, size_t last)
{
	return &self->plans[first * self->count + last];
}

static uint64_t end_of(const struct planner *self, size_t i)
{
	return i + 1 < self->count ? self->edges[i + 1].start : self->end;
}

static bool is_single(const struct planner *self, size_t i)
{
	return end_of(self, i) - self->edges[i].start == 1;
}

/* How often the ranges are walked to; those that the kernel does not try count a little. */
static uint32_t weight(const struct planner *self, size_t first, size_t last)
{
	uint64_t start = self->edges[first].start, end = end_of(self, last);

	if (end > self->tried)
		end = self->tried;
	return (uint32_t)(last - first + 1) + (uint32_t)(end > start ? end - start : 0);
}

/* Tests of a chain that ends with @child; 0 when some other range has more than one value. */
static uint32_t chain_length(const struct planner *self, size_t first, size_t last, int child)
{
	uint32_t length = 0;

	for (size_t i = first; i <= last; i++) {
		if (self->edges[i].child == child)
			continue;
		if (++length > MAX_CHAIN || !is_single(self, i))
			return 0;
	}
	return length;
}

static void plan_chain(const struct planner *self, size_t first, size_t last, struct plan *best)
{
	/* At most MAX_CHAIN ranges lead elsewhere, so that one of the first does not. */
	for (size_t i = first; i <= last && i <= first + MAX_CHAIN; i++) {
		uint32_t length = chain_length(self, first, last, self->edges[i].child);
		uint32_t cost = length * (COST_OF_TEST + weight(self, first, last));

		if (length && cost < best->cost)
			*best = (struct plan){cost, -1, (int16_t)i};
	}
}

static void plan_split(const struct planner *self, size_t first, size_t last, struct plan *best)
{
	uint32_t test = COST_OF_TEST + weight(self, first, last);

	for (size_t i = first + 1; i <= last; i++) {
		uint32_t cost =
			test + plan_of(self, first, i - 1)->cost + plan_of(self, i, last)->cost;

		if (cost < best->cost)
			*best = (struct plan){cost, (int16_t)i, -1};
	}
}

static void plan_all(const struct planner *self)
{
	for (size_t length = 1; length <= self->count; length++) {
		for (size_t first = 0; first + length <= self->count; first++) {
			size_t last = first + length - 1;
			struct plan best = {UINT32_MAX, -1, -1};

			if (length == 1)
				best = (struct plan){0, -1, (int16_t)first};
			if (length <= 2 * MAX_CHAIN + 1)
				plan_chain(self, first, last, &best);
			plan_split(self, first, last, &best);
			*plan_of(self, first, last) = best;
		}
	}
}

static struct tree_target add_test(struct tree *tree, struct tree_test test)
{
	tree->tests = list_grow(tree->tests, tree->test_count, sizeof(test));
	tree->tests[tree->test_count] = test;
	return (struct tree_target){true, (int)tree->test_count++};
}

static struct tree_target carry_out(const struct planner *self, size_t first, size_t last)
{
	const struct plan *plan = plan_of(self, first, last);
	struct tree_target no;

	if (plan->split >= 0) {
		size_t middle = (size_t)plan->split;

		no = carry_out(self, first, middle - 1);
		return add_test(self->tree, (struct tree_test){false, self->edges[middle].start,
						    carry_out(self, middle, last), no});
	}
	no = (struct tree_target){false, self->edges[plan->rest].child};
	for (size_t i = first; i <= last; i++) {
		const struct diagram_edge *edge = &self->edges[i];
		struct tree_target yes = {false, edge->child};

		if (edge->child != self->edges[plan->rest].child)
			no = add_test(self->tree, (struct tree_test){true, edge->start, yes, no});
	}
	return no;
}

static struct tree_target build(struct planner self)
{
	size_t middle = self.count / 2;
	struct planner lower = self, upper = self;
	struct tree_target target;

	if (self.count > MAX_PLANNED) {
		lower.count = middle;
		lower.end = self.edges[middle].start;
		upper.edges += middle;
		upper.count -= middle;
		target = build(lower);
		return add_test(self.tree,
			(struct tree_test){false, self.edges[middle].start, build(upper), target});
	}
	self.plans = xcalloc(self.count * self.count, sizeof(*self.plans));
	plan_all(&self);
	target = carry_out(&self, 0, self.count - 1);
	free(self.plans);
	return target;
}

void tree_build(const struct diagram_edge *edges, size_t count, uint32_t tried, struct tree *ret)
{
	*ret = (struct tree){0};
	build((struct planner){.edges = edges,
		.count = count,
		.end = (uint64_t)UINT32_MAX + 1,
		.tried = tried,
		.tree = ret});
}

void tree_release(struct tree *tree)
{
	free(tree->tests);
}
