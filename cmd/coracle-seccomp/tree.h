/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_TREE_H
#define CORACLE_SECCOMP_TREE_H

#include <stdbool.h>

#include "diagram.h"

/* Where a test leads: another test of the tree, or a node of the diagram. */
struct tree_target {
	bool is_test;
	int number;
};

/* One comparison of the variable with @k: equal (or not), at least (or less). */
struct tree_test {
	bool is_equal; /* else: is at least */
	uint32_t k;
	struct tree_target yes;
	struct tree_target no;
};

/* A test comes behind those that it leads to: the last one is where to begin. */
struct tree {
	struct tree_test *tests;
	size_t test_count;
};

/*
 * tree_build - the tests that find the edge of a node for a value, at little cost.
 * @edges, @count: two or more, as in struct diagram_node
 * @tried: the values 0 to @tried - 1 are looked up more often than the others
 * @ret:   given back with tree_release()
 */
void tree_build(const struct diagram_edge *edges, size_t count, uint32_t tried, struct tree *ret);
void tree_release(struct tree *tree);

#endif
