/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"

static int look_up(const struct tree *tree, uint32_t value, size_t *ret_steps)
{
	struct tree_target at = {true, (int)tree->test_count - 1};

	for (*ret_steps = 0; at.is_test; ++*ret_steps) {
		const struct tree_test *test = &tree->tests[at.number];
		int before = at.number;

		at = (test->is_equal ? value == test->k : value >= test->k) ? test->yes : test->no;
		assert_true(!at.is_test || at.number < before);
	}
	return at.number;
}

/* The most steps to a value; fails when one is not found. */
static size_t find_all(const struct tree *tree, const struct diagram_edge *edges, size_t count)
{
	size_t most = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t last = i + 1 < count ? edges[i + 1].start - 1 : UINT32_MAX;
		uint32_t values[] = {edges[i].start, last, edges[i].start / 2 + last / 2};

		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			size_t steps;

			if (values[j] < edges[i].start)
				continue;
			assert_int_equal(look_up(tree, values[j], &steps), edges[i].child);
			most = steps > most ? steps : most;
		}
	}
	return most;
}

static void single_values_take_one_test(void **state)
{
	static const struct diagram_edge edges[] = {
		{0, 1}, {10, 2}, {11, 1}, {20, 3}, {21, 1}, {UINT32_MAX, 2}};
	struct tree tree;

	(void)state;
	tree_build(edges, ARRAY_SIZE(edges), 0, &tree);
	assert_int_equal(tree.test_count, 3);
	find_all(&tree, edges, ARRAY_SIZE(edges));
	tree_release(&tree);
}

static void ranges_are_halved(void **state)
{
	static struct diagram_edge edges[128];
	struct tree tree;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		edges[i] = (struct diagram_edge){(uint32_t)(i * 1000), (int)(i % 3)};
	tree_build(edges, ARRAY_SIZE(edges), 0, &tree);
	assert_int_equal(tree.test_count, 127);
	assert_true(find_all(&tree, edges, ARRAY_SIZE(edges)) <= 9);
	tree_release(&tree);
}

static void values_that_are_tried_are_near(void **state)
{
	static struct diagram_edge edges[64];
	struct tree tree;
	size_t steps;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		edges[i] = (struct diagram_edge){(uint32_t)(i * 1000), (int)(i % 3)};
	tree_build(edges, ARRAY_SIZE(edges), 1000, &tree);
	find_all(&tree, edges, ARRAY_SIZE(edges));
	look_up(&tree, 999, &steps);
	assert_int_equal(steps, 1);
	tree_release(&tree);
}

static void long_lists_are_found_too(void **state)
{
	static struct diagram_edge edges[3000];
	struct tree tree;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(edges); i++)
		edges[i] = (struct diagram_edge){(uint32_t)(i * 7), (int)(i % 5)};
	tree_build(edges, ARRAY_SIZE(edges), 512, &tree);
	assert_int_equal(tree.test_count, 2999);
	assert_true(find_all(&tree, edges, ARRAY_SIZE(edges)) < 30);
	tree_release(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_values_take_one_test),
		cmocka_unit_test(ranges_are_halved),
		cmocka_unit_test(values_that_are_tried_are_near),
		cmocka_unit_test(long_lists_are_found_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
