/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_DIAGRAM_H
#define CORACLE_SECCOMP_DIAGRAM_H

#include "flow.h"

/* From @start on, up to the next edge's, the variable leads to @child. */
struct diagram_edge {
	uint32_t start;
	int child;
};

/* A result, or a variable and where each of its ranges leads. */
struct diagram_node {
	int variable; /* -1: a result */
	uint32_t result;
	struct diagram_edge *edges; /* two or more; neighbours lead to different nodes */
	size_t edge_count;
};

/*
 * struct diagram - what a program decides, without the way in which it does.
 * No two nodes are equal, and a node's children have smaller numbers.
 */
struct diagram {
	struct diagram_node *nodes;
	size_t node_count;
	int root;
};

/*
 * diagram_build - the decisions of a program.
 * @ret: given back with diagram_release(), also after a failure
 * Returns 0; -E2BIG when trying every combination of ranges takes too long.
 */
int diagram_build(const struct flow *flow, struct diagram *ret);
void diagram_release(struct diagram *diagram);

#endif
