/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both programs are run, really, on chosen data. At first no word of the data is chosen; a run that
 * loads one that is not says so, and is repeated with each value of that word in turn. The values
 * come from the runs too: a comparison that is met for the first time adds some to the list of the
 * word that it looks at, while that list is being worked off. What decides whether a comparison is
 * met are comparisons met before, so that the lists end up complete.
 */
#include "shrink-check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define WORDS (sizeof(struct seccomp_data) / sizeof(uint32_t))
/* Instructions run: some tenths of a second. */
#define MAX_STEPS (1 << 26)
/* Of one word: two for each comparison of the longest programs, and a few. */
#define MAX_VALUES (4 * BPF_MAXINSNS + 64)

/* A comparison that was met, with the word and the mask of the last time. */
struct meeting {
	int8_t word; /* plus one; 0: not met */
	uint32_t mask;
};

struct program {
	const struct sock_filter *code;
	size_t count;
	struct meeting *meetings; /* one for each instruction; NULL: not of interest */
};

struct trial {
	struct program programs[2];
	uint32_t words[WORDS]; /* struct seccomp_data */
	bool is_chosen[WORDS];
	struct {
		uint32_t *values;
		size_t count;
	} lists[WORDS]; /* to be tried of each word */
	size_t steps;
};

/* The accumulator, and where its value came from. */
struct accumulator {
	uint32_t value;
	uint32_t mask;
	int word; /* -1: nothing was loaded */
};

static void add_value(struct trial *self, size_t word, uint32_t value)
{
	uint32_t *values = self->lists[word].values;
	size_t count = self->lists[word].count;

	/* Looking through the list is work as well. */
	self->steps += count / 16;
	for (size_t i = 0; i < count; i++)
		if (values[i] == value)
			return;
	if (count == MAX_VALUES) {
		self->steps = MAX_STEPS;
		return;
	}
	values = list_grow(values, count, sizeof(*values));
	values[count] = value;
	self->lists[word].values = values;
	self->lists[word].count = count + 1;
}

/* The least number from @k on that has only bits of @mask; 0 when there is none. */
static uint32_t round_up(uint32_t k, uint32_t mask)
{
	while (k & ~mask) {
		uint32_t bit = UINT32_C(1) << (31 - __builtin_clz(k & ~mask));

		/* Up to the next number without this bit, which the carry leaves. */
		k = (k & ~(bit - 1)) + bit;
	}
	return k;
}

/* Each value there is, once more with these bits of it as in @bits. */
static void add_variants(struct trial *self, size_t word, uint32_t mask, uint32_t bits)
{
	size_t count = self->lists[word].count;

	for (size_t i = 0; i < count; i++)
		add_value(self, word, (self->lists[word].values[i] & ~mask) | bits);
}

/*
 * A comparison of the bits @mask of @word with @k was met. Its outcome changes at @k and behind it.
 * When the lower bits do not count, both move to where the upper ones change; when it is others
 * that do not, they take turns, and so does each bit.
 */
static void add_values(struct trial *self, size_t word, uint32_t mask, uint32_t k)
{
	uint32_t lowest = mask & (~mask + 1);
	uint32_t at = round_up(k, mask);

	if (!mask)
		return;
	add_value(self, word, k & ~(lowest - 1));
	add_value(self, word, (k | (lowest - 1)) + 1);
	if (mask + lowest == 0)
		return;
	for (unsigned bit = 0; bit < 32; bit++)
		add_value(self, word, k ^ UINT32_C(1) << bit);
	add_variants(self, word, mask, (at - 1) & mask);
	add_variants(self, word, mask, at);
	add_variants(self, word, mask, round_up(k + 1, mask));
}

static void meet(
	struct trial *self, struct program *program, size_t pc, const struct accumulator *acc)
{
	struct meeting *meeting;

	if (!program->meetings || acc->word < 0)
		return;
	meeting = &program->meetings[pc];
	if (meeting->word == acc->word + 1 && meeting->mask == acc->mask)
		return;
	*meeting = (struct meeting){(int8_t)(acc->word + 1), acc->mask};
	add_values(self, (size_t)acc->word, acc->mask, program->code[pc].k);
}

/* Where the jump at @pc leads; the end of the program for one that is not known. */
static size_t jump(const struct program *program, size_t pc, uint32_t value)
{
	const struct sock_filter *insn = &program->code[pc];

	switch (insn->code) {
	case BPF_JMP | BPF_JA:
		return pc + 1 + insn->k;
	case BPF_JMP | BPF_JEQ | BPF_K:
		return pc + 1 + (value == insn->k ? insn->jt : insn->jf);
	case BPF_JMP | BPF_JGT | BPF_K:
		return pc + 1 + (value > insn->k ? insn->jt : insn->jf);
	case BPF_JMP | BPF_JGE | BPF_K:
		return pc + 1 + (value >= insn->k ? insn->jt : insn->jf);
	default:
		return program->count;
	}
}

/* 0; 1 when the word is not chosen yet. */
static int load(const struct trial *self, uint32_t offset, struct accumulator *ret)
{
	size_t word = offset / sizeof(uint32_t);

	if (offset % sizeof(uint32_t) || word >= WORDS)
		return -ENOTSUP;
	*ret = (struct accumulator){self->words[word], UINT32_MAX, (int)word};
	return !self->is_chosen[word];
}

/* Runs a program: 0 and what it answers, or 1 and the word that it wants and is not chosen. */
static int run(struct trial *self, struct program *program, uint32_t *ret)
{
	struct accumulator acc = {0, UINT32_MAX, -1};
	size_t pc = 0;
	int r = 0;

	while (r == 0 && pc < program->count) {
		const struct sock_filter *insn = &program->code[pc];

		if (++self->steps > MAX_STEPS)
			return -E2BIG;
		switch (BPF_CLASS(insn->code)) {
		case BPF_RET:
			*ret = insn->k;
			return insn->code == (BPF_RET | BPF_K) ? 0 : -ENOTSUP;
		case BPF_LD:
			r = insn->code == (BPF_LD | BPF_W | BPF_ABS) ? load(self, insn->k, &acc)
								     : -ENOTSUP;
			pc++;
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) != BPF_JA)
				meet(self, program, pc, &acc);
			pc = jump(program, pc, acc.value);
			break;
		default:
			if (insn->code != (BPF_ALU | BPF_AND | BPF_K))
				return -ENOTSUP;
			acc.value &= insn->k;
			acc.mask &= insn->k;
			pc++;
		}
	}
	*ret = (uint32_t)acc.word;
	return r ? r : -ENOTSUP;
}

static int try_all(struct trial *self);

static int try_word(struct trial *self, size_t word)
{
	int r = 0;

	self->is_chosen[word] = true;
	/* The list grows meanwhile. */
	for (size_t i = 0; r == 0 && i < self->lists[word].count; i++) {
		self->words[word] = self->lists[word].values[i];
		r = try_all(self);
	}
	self->is_chosen[word] = false;
	return r;
}

/* Every choice of the words that are not chosen yet, as far as a program asks for them. */
static int try_all(struct trial *self)
{
	uint32_t results[2];

	for (size_t i = 0; i < ARRAY_SIZE(self->programs); i++) {
		int r = run(self, &self->programs[i], &results[i]);

		if (r)
			return r < 0 ? r : try_word(self, results[i]);
	}
	return results[0] == results[1] ? 0 : -EBADMSG;
}

static int check(struct trial *self)
{
	for (size_t i = 0; i < WORDS; i++) {
		add_value(self, i, 0);
		add_value(self, i, UINT32_MAX);
	}
	return try_all(self);
}

int shrink_check(const struct sock_filter *left, size_t left_count, const struct sock_filter *right,
	size_t right_count)
{
	autofree struct meeting *left_met = NULL;
	autofree struct meeting *right_met = NULL;
	struct trial self;
	int r;

	if (left_count > BPF_MAXINSNS || right_count > BPF_MAXINSNS)
		return -ENOTSUP;
	left_met = xcalloc(BPF_MAXINSNS, sizeof(*left_met));
	right_met = xcalloc(BPF_MAXINSNS, sizeof(*right_met));
	self = (struct trial){
		.programs = {{left, left_count, left_met}, {right, right_count, right_met}}};
	r = check(&self);
	for (size_t i = 0; i < WORDS; i++)
		free(self.lists[i].values);
	return r;
}

int filter_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data,
	uint32_t *ret_action)
{
	struct trial self = {.programs = {{code, count, NULL}}};

	if (count > BPF_MAXINSNS)
		return -ENOTSUP;
	memcpy(self.words, data, sizeof(self.words));
	memset(self.is_chosen, true, sizeof(self.is_chosen));
	return run(&self, &self.programs[0], ret_action);
}
