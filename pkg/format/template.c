/* SPDX-License-Identifier: Apache-2.0 */
#include "format/template.h"

#include <stdio.h>

#include "format/clean.h"

#define SHOWN_MAX 80 /* bytes of the source in a message */

static void pipe_free(struct template_pipe *pipe);

static void operand_release(struct template_operand *operand)
{
	strv_free(operand->path);
	free(operand->text);
	pipe_free(operand->pipe);
}

static void pipe_free(struct template_pipe *pipe)
{
	if (!pipe)
		return;
	for (size_t i = 0; i < pipe->count; i++) {
		struct template_command *command = &pipe->commands[i];

		for (size_t j = 0; j < command->count; j++)
			operand_release(&command->operands[j]);
		free(command->operands);
	}
	free(pipe->commands);
	free(pipe->variables[0]);
	free(pipe->variables[1]);
	free(pipe);
}

static void block_release(struct template_block *block)
{
	for (size_t i = 0; i < block->count; i++) {
		struct template_node *node = &block->nodes[i];

		free(node->text);
		pipe_free(node->pipe);
		block_release(&node->body);
		block_release(&node->otherwise);
	}
	free(block->nodes);
}

void template_free(struct template *template)
{
	if (!template)
		return;
	block_release(&template->root);
	free(template->name);
	free(template->source);
	free(template);
}

bool template_begins_with_range(const struct template *template)
{
	const struct template_node *node = template->root.nodes;
	const struct template_pipe *pipe;

	if (template->root.count == 0 || node->kind != NODE_RANGE)
		return false;
	pipe = node->pipe;
	return pipe->count == 1 && pipe->commands[0].count == 1 &&
	       pipe->commands[0].operands[0].kind == OPERAND_DOT;
}

/* Lines count from 1, columns from 0, as in Go. */
static void locate(const struct template *template, size_t at, size_t *ret_line, size_t *ret_column)
{
	size_t line_start = 0;

	*ret_line = 1;
	for (size_t i = 0; i < at && i < template->source_len; i++) {
		if (template->source[i] != '\n')
			continue;
		line_start = i + 1;
		(*ret_line)++;
	}
	*ret_column = at - line_start;
}

int template_error(const struct template *template, struct template_span span, int code,
	struct error *err, const char *format, ...)
{
	AUTO(strbuf_release) struct strbuf shown = STRBUF_INIT;
	size_t len = span.end - span.start, line, column;
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	locate(template, span.start, &line, &column);
	clean_add(&shown, template->source + span.start, len > SHOWN_MAX ? SHOWN_MAX : len,
		CLEAN_CELL);
	return error_set(err, code, "template: %s:%zu:%zu: executing \"%s\" at <%s%s>: %s",
		template->name, line, column, template->name, strbuf_get(&shown),
		len > SHOWN_MAX ? "..." : "", text);
}
