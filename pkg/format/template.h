/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_TEMPLATE_H
#define FORMAT_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/*
 * A parsed template: blocks of nodes; nodes hold pipelines, pipelines commands, commands operands.
 * Positions are bytes of the source, which the template keeps for its messages.
 */

struct function;

struct template_span {
	size_t start;
	size_t end;
};

enum operand_kind {
	OPERAND_DOT = 0,  /* . */
	OPERAND_FIELD,    /* .A.B: @path from dot */
	OPERAND_VARIABLE, /* $x.A: @text is "$x", @path from its value */
	OPERAND_PIPE,     /* (…).A: @pipe, @path from its value */
	OPERAND_FUNCTION, /* @function */
	OPERAND_NIL,
	OPERAND_BOOL,   /* @integer */
	OPERAND_INT,    /* @integer */
	OPERAND_FLOAT,  /* @real */
	OPERAND_STRING, /* @text of @len bytes */
};

struct template_operand {
	enum operand_kind kind;
	struct template_span span;
	char **path; /* strv */
	char *text;
	size_t len;
	int64_t integer;
	double real;
	const struct function *function;
	struct template_pipe *pipe;
};

/* A function or field and its arguments, or one value. Never empty. */
struct template_command {
	struct template_span span;
	struct template_operand *operands;
	size_t count;
};

struct template_pipe {
	struct template_span span;
	char *variables[2]; /* "$x" on the left of := or =; two only in range */
	size_t variable_count;
	bool is_assignment; /* =: to one that exists */
	struct template_command *commands;
	size_t count;
};

enum node_kind {
	NODE_TEXT = 0,
	NODE_ACTION, /* prints its pipe, unless that sets a variable */
	NODE_IF,
	NODE_WITH,
	NODE_RANGE,
	NODE_BREAK,
	NODE_CONTINUE,
};

struct template_block {
	struct template_node *nodes;
	size_t count;
};

struct template_node {
	enum node_kind kind;
	char *text; /* NODE_TEXT */
	size_t len;
	struct template_pipe *pipe;
	struct template_block body;
	struct template_block otherwise; /* else */
};

struct template
{
	char *name; /* what messages call it */
	char *source;
	size_t source_len;
	bool is_table;
	struct template_block root;
};

/*
 * template_parse - read a template.
 * @name:   in messages, "template: NAME:1: …"
 * @source: at most FORMAT_MAX_TEMPLATE bytes; "table " at its beginning is not part of it
 *
 * In the text between actions the two characters \t are a tab and \n a newline, and in that of a
 * table a blank is a tab: as podman has it.
 *
 * Returns 0; -EINVAL with line and cause; -E2BIG when it is too long or too deep.
 */
int template_parse(const char *name, const char *source, struct template **ret, struct error *err);
void template_free(struct template *template);
DEFINE_AUTO(struct template *, template_free);

/* {{range .}} is the first thing in it. */
bool template_begins_with_range(const struct template *template);

/* template_error - "template: NAME:LINE:COLUMN: executing "NAME" at <SOURCE>: TEXT"; -@code. */
int template_error(const struct template *template, struct template_span span, int code,
	struct error *err, const char *format, ...) PRINTF_LIKE(5, 6);

#endif
