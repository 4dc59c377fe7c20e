/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORACLE_SECCOMP_FLOW_H
#define CORACLE_SECCOMP_FLOW_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

/* Split variables nest, so that this bounds a recursion as well. */
#define FLOW_MAX_VARIABLES 64

/*
 * What a program decides on: a word of struct seccomp_data, or some bits of one. The program
 * cannot tell two values of one range apart. A mask of leading bits makes no variable of its own:
 * comparing (word & 0xfffffff0) cuts the word's own values into ranges.
 */
struct flow_variable {
	uint32_t offset;  /* of the word in struct seccomp_data, bytes */
	uint32_t mask;    /* bits of the word that count */
	uint32_t *starts; /* first value of each range, ascending; starts[0] is 0 */
	size_t start_count;
};

/* What the accumulator holds where an instruction begins. */
struct flow_value {
	uint8_t kind; /* enum flow_kind */
	uint8_t variable;
	uint16_t offset; /* of the word it was loaded from */
	uint32_t mask;   /* what was done to the word since */
};

enum flow_kind {
	FLOW_UNREACHED = 0,
	FLOW_WORD,    /* offset and mask; for a comparison, variable too */
	FLOW_UNKNOWN, /* nothing yet, or different things on different ways */
};

struct flow {
	const struct sock_filter *code; /* borrowed */
	size_t count;
	struct flow_value values[BPF_MAXINSNS];
	struct flow_variable variables[FLOW_MAX_VARIABLES];
	size_t variable_count;
};

/*
 * flow_analyse - what a seccomp program compares with what.
 * @code: the program, borrowed as long as @ret is used
 * @ret:  given back with flow_release(), also after a failure
 *
 * Known are loads of words, AND, comparisons for equality and order, jumps and constant results:
 * what libseccomp emits, and what the kernel's own search for calls that are always allowed knows.
 * Returns 0; -ENOTSUP for any other instruction that can be reached, a jump out of the program, or
 * a comparison that is reached with different words.
 */
int flow_analyse(const struct sock_filter *code, size_t count, struct flow *ret);
void flow_release(struct flow *flow);

#endif
