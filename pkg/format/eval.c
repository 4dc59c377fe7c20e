/* SPDX-License-Identifier: Apache-2.0 */
#include "format/eval.h"

#include <errno.h>

#include "format/fmt.h"
#include "format/functions.h"

/*
 * Walks the tree of a template. Pipelines give values, which live in the pool of the run; blocks
 * write text. The parser has bounded how deep this goes, @steps bounds how long.
 */
struct variable {
	const char *name; /* of the template */
	struct value value;
};

struct run {
	struct eval *eval;
	struct value_scope scope;
	struct pool pool;
	struct value root; /* $ */
	struct variable *variables;
	size_t variable_count;
	bool is_header;
};

enum flow { FLOW_NEXT = 0, FLOW_BREAK, FLOW_CONTINUE };

static int eval_pipe(struct run *run, const struct value *dot, const struct template_pipe *pipe,
	struct value *ret, struct error *err);
static int walk(struct run *run, const struct value *dot, const struct template_block *block,
	struct error *err);

/* An error of what stands at @span, with a message that does not say where yet. */
static int fail_at(struct run *run, struct template_span span, int r, const struct error *cause,
	struct error *err)
{
	return template_error(run->eval->template, span, -r, err, "%s", error_text(cause));
}

static int take_step(struct run *run, struct error *err)
{
	if (run->eval->steps++ < FORMAT_MAX_STEPS)
		return 0;
	return error_set(err, E2BIG, "template: %s: more than %d steps", run->eval->template->name,
		FORMAT_MAX_STEPS);
}

static void set_variable(struct run *run, const char *name, const struct value *value)
{
	for (size_t i = run->variable_count; i-- > 0;) {
		if (str_eq(run->variables[i].name, name)) {
			run->variables[i].value = *value;
			return;
		}
	}
	if (str_eq(name, "$"))
		run->root = *value;
}

static void push_variable(struct run *run, const char *name, const struct value *value)
{
	run->variables = list_grow(run->variables, run->variable_count, sizeof(*run->variables));
	run->variables[run->variable_count++] = (struct variable){name, *value};
}

static struct value get_variable(const struct run *run, const char *name)
{
	for (size_t i = run->variable_count; i-- > 0;) {
		if (str_eq(run->variables[i].name, name))
			return run->variables[i].value;
	}
	return run->root;
}

/* What a path begins at, or the value itself where there is none. */
static int eval_base(struct run *run, const struct value *dot,
	const struct template_operand *operand, struct value *ret, struct error *err)
{
	switch (operand->kind) {
	case OPERAND_DOT:
	case OPERAND_FIELD:
		*ret = *dot;
		return 0;
	case OPERAND_VARIABLE:
		*ret = get_variable(run, operand->text);
		return 0;
	case OPERAND_PIPE:
		return eval_pipe(run, dot, operand->pipe, ret, err);
	case OPERAND_BOOL:
		*ret = value_bool(operand->integer != 0);
		return 0;
	case OPERAND_INT:
		*ret = value_int(operand->integer);
		return 0;
	case OPERAND_FLOAT:
		*ret = (struct value){.kind = VALUE_FLOAT, .real = operand->real};
		return 0;
	case OPERAND_STRING:
		*ret = value_text(operand->text, operand->len);
		return 0;
	default:
		*ret = value_none();
		return 0;
	}
}

/* @word: for the last field of the path. */
static int eval_path(struct run *run, const struct value *dot,
	const struct template_operand *operand, const char *word, struct value *ret,
	struct error *err)
{
	struct value value;
	int r = eval_base(run, dot, operand, &value, err);

	for (size_t i = 0; r == 0 && operand->path && operand->path[i]; i++) {
		struct value below = value_none();
		struct error cause = {0};

		r = value_field(&run->scope, &value, operand->path[i],
			operand->path[i + 1] ? NULL : word, &below, &cause);
		if (r < 0)
			return fail_at(run, operand->span, r, &cause, err);
		value = below;
	}
	if (r == 0)
		*ret = value;
	return r;
}

static int call_function(struct run *run, const struct template_command *command,
	const struct function_call *call, struct value *ret, struct error *err)
{
	const struct function *function = command->operands[0].function;
	struct error cause = {0};
	int r;

	for (size_t i = 0; run->is_header && !function->makes_header && i < call->count; i++) {
		if (call->args[i].kind == VALUE_HEADER) {
			*ret = call->args[i];
			return 0;
		}
	}
	*ret = value_none();
	r = function->call(call, ret, &cause);
	if (r < 0)
		return template_error(run->eval->template, command->span, -r, err,
			"error calling %s: %s", function->name, error_text(&cause));
	return 0;
}

static int check_count(
	struct run *run, const struct template_command *command, size_t count, struct error *err)
{
	const struct function *function = command->operands[0].function;

	if (count >= function->min_args && count <= function->max_args)
		return 0;
	return template_error(run->eval->template, command->operands[0].span, EINVAL, err,
		"wrong number of args for %s: want %s%zu got %zu", function->name,
		function->max_args == function->min_args ? ""
		: count < function->min_args             ? "at least "
							 : "at most ",
		count < function->min_args ? function->min_args : function->max_args, count);
}

static int eval_operand(struct run *run, const struct value *dot,
	const struct template_operand *operand, struct value *ret, struct error *err);

/* and, or: evaluates no argument behind the one that decides. */
static int eval_logic(struct run *run, const struct value *dot,
	const struct template_command *command, const struct value *final, struct value *ret,
	struct error *err)
{
	bool stops_at = command->operands[0].function->stops_at;

	for (size_t i = 1; i < command->count; i++) {
		int r = eval_operand(run, dot, &command->operands[i], ret, err);

		if (r < 0 || value_is_true(ret) == stops_at)
			return r;
	}
	if (final)
		*ret = *final;
	return 0;
}

/* @final: what the command before the | gave, the last argument; or NULL. */
static int eval_function(struct run *run, const struct value *dot,
	const struct template_command *command, const struct value *final, struct value *ret,
	struct error *err)
{
	size_t given = command->count - 1, count = given + (final != NULL);
	autofree struct value *args = xcalloc(count + 1, sizeof(*args));
	const struct function_call call = {.scope = &run->scope, .args = args, .count = count};
	int r = check_count(run, command, count, err);

	if (r == 0 && !command->operands[0].function->call)
		return eval_logic(run, dot, command, final, ret, err);
	for (size_t i = 0; r == 0 && i < given; i++)
		r = eval_operand(run, dot, &command->operands[i + 1], &args[i], err);
	if (r < 0)
		return r;
	if (final)
		args[given] = *final;
	return call_function(run, command, &call, ret, err);
}

/* An operand as an argument: a function among them is called without any. */
static int eval_operand(struct run *run, const struct value *dot,
	const struct template_operand *operand, struct value *ret, struct error *err)
{
	struct template_operand alone = *operand;
	const struct template_command command = {
		.span = operand->span, .operands = &alone, .count = 1};
	int r = take_step(run, err);

	if (r < 0)
		return r;
	if (operand->kind == OPERAND_FUNCTION)
		return eval_function(run, dot, &command, NULL, ret, err);
	return eval_path(run, dot, operand, NULL, ret, err);
}

/* {{.Label "k"}}: the one argument of a field, which has to be text. */
static int eval_word(struct run *run, const struct value *dot,
	const struct template_command *command, const struct value *final, char **ret,
	struct error *err)
{
	const struct template_operand *first = &command->operands[0];
	struct value word = final ? *final : value_none();
	int r = 0;

	if (!first->path)
		return template_error(run->eval->template, first->span, EINVAL, err,
			"can't give argument to non-function");
	if (command->count - 1 + (final != NULL) > 1)
		return template_error(run->eval->template, first->span, EINVAL, err,
			"%s has arguments but cannot be invoked as function",
			first->path[strv_len(first->path) - 1]);
	if (command->count > 1)
		r = eval_operand(run, dot, &command->operands[1], &word, err);
	if (r == 0)
		*ret = word.kind == VALUE_STRING || word.kind == VALUE_HEADER
			       ? xstrndup(word.text, word.len)
			       : xstrdup("");
	return r;
}

static int eval_command(struct run *run, const struct value *dot,
	const struct template_command *command, const struct value *final, struct value *ret,
	struct error *err)
{
	const struct template_operand *first = &command->operands[0];
	autofree char *word = NULL;
	int r = take_step(run, err);

	if (r < 0)
		return r;
	if (first->kind == OPERAND_FUNCTION)
		return eval_function(run, dot, command, final, ret, err);
	if (first->kind == OPERAND_NIL)
		return template_error(
			run->eval->template, first->span, EINVAL, err, "nil is not a command");
	if (command->count > 1 || final)
		r = eval_word(run, dot, command, final, &word, err);
	return r < 0 ? r : eval_path(run, dot, first, word, ret, err);
}

/* The value, without setting the variables of a declaration. */
static int eval_commands(struct run *run, const struct value *dot, const struct template_pipe *pipe,
	struct value *ret, struct error *err)
{
	struct value value = value_none();

	for (size_t i = 0; i < pipe->count; i++) {
		struct value before = value;
		int r = eval_command(
			run, dot, &pipe->commands[i], i > 0 ? &before : NULL, &value, err);

		if (r < 0)
			return r;
	}
	*ret = value;
	return 0;
}

static int eval_pipe(struct run *run, const struct value *dot, const struct template_pipe *pipe,
	struct value *ret, struct error *err)
{
	int r = eval_commands(run, dot, pipe, ret, err);

	for (size_t i = 0; r == 0 && i < pipe->variable_count; i++) {
		if (pipe->is_assignment)
			set_variable(run, pipe->variables[i], ret);
		else
			push_variable(run, pipe->variables[i], ret);
	}
	return r;
}

static int write_value(struct run *run, const struct template_pipe *pipe, const struct value *value,
	struct error *err)
{
	struct error cause = {0};
	int r;

	if (value->kind == VALUE_NONE) {
		strbuf_adds(run->eval->out, "<no value>");
		return 0;
	}
	r = fmt_plain(&run->scope, value, run->eval->out, &cause);
	return r < 0 ? fail_at(run, pipe->span, r, &cause, err) : 0;
}

static int walk_action(struct run *run, const struct value *dot, const struct template_pipe *pipe,
	struct error *err)
{
	struct value value;
	int r = eval_pipe(run, dot, pipe, &value, err);

	if (r < 0 || pipe->variable_count > 0)
		return r;
	return write_value(run, pipe, &value, err);
}

static int walk_branch(struct run *run, const struct value *dot, const struct template_node *node,
	struct error *err)
{
	size_t variables = run->variable_count;
	struct value value;
	int r = eval_pipe(run, dot, node->pipe, &value, err);

	if (r < 0)
		return r;
	if (!run->is_header && !value_is_true(&value))
		r = walk(run, dot, &node->otherwise, err);
	else
		r = walk(run, node->kind == NODE_WITH ? &value : dot, &node->body, err);
	run->variable_count = variables;
	return r;
}

/* One turn of a range; FLOW_BREAK or FLOW_NEXT, or an error. */
static int walk_turn(struct run *run, const struct template_node *node, const struct value *key,
	const struct value *item, struct error *err)
{
	const struct template_pipe *pipe = node->pipe;
	size_t variables = run->variable_count;
	int r = take_step(run, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < pipe->variable_count; i++) {
		/* One variable is the element, of two the first is the key. */
		bool is_key = pipe->variable_count == 2 && i == 0;

		if (pipe->is_assignment)
			set_variable(run, pipe->variables[i], is_key ? key : item);
		else
			push_variable(run, pipe->variables[i], is_key ? key : item);
	}
	r = walk(run, item, &node->body, err);
	run->variable_count = variables;
	return r == FLOW_CONTINUE ? FLOW_NEXT : r;
}

static int walk_list(struct run *run, const struct template_node *node, const struct value *list,
	struct error *err)
{
	size_t count = value_count(list);
	int r = 0;

	for (size_t i = 0; r == FLOW_NEXT && i < count; i++) {
		struct value key = value_int((int64_t)i), item;

		r = value_item(&run->scope, list, i, &item, err);
		if (r == 0)
			r = walk_turn(run, node, &key, &item, err);
	}
	return r < 0 ? r : 0;
}

static int walk_map(struct run *run, const struct template_node *node, const struct value *map,
	struct error *err)
{
	autofree const char **keys = value_keys(map);
	int r = 0;

	for (size_t i = 0; r == FLOW_NEXT && keys[i]; i++) {
		struct value key, item;

		r = value_from_data(&run->scope, keys[i], strlen(keys[i]), &key, err);
		if (r == 0)
			r = value_of_key(&run->scope, map, keys[i], &item, err);
		if (r == 0)
			r = walk_turn(run, node, &key, &item, err);
	}
	return r < 0 ? r : 0;
}

/* Headers have no elements: what stands in the block is written once. */
static int walk_header(struct run *run, const struct template_node *node,
	const struct value *header, struct error *err)
{
	struct value item = *header;
	int r;

	if (item.type && (item.type->kind == FORMAT_LIST || item.type->kind == FORMAT_MAP))
		item.type = item.type->items;
	r = walk_turn(run, node, header, &item, err);
	return r < 0 ? r : 0;
}

static int walk_range(struct run *run, const struct value *dot, const struct template_node *node,
	struct error *err)
{
	struct value value;
	int r = eval_commands(run, dot, node->pipe, &value, err);

	if (r < 0)
		return r;
	switch (value.kind) {
	case VALUE_HEADER:
		return walk_header(run, node, &value, err);
	case VALUE_NONE:
	case VALUE_NIL:
	case VALUE_LIST:
	case VALUE_ROWS:
	case VALUE_MAP:
		break;
	default:
		return template_error(run->eval->template, node->pipe->span, EINVAL, err,
			"range can't iterate over %s", value_type_name(&value));
	}
	if (value_count(&value) == 0)
		return walk(run, dot, &node->otherwise, err);
	return value.kind == VALUE_MAP ? walk_map(run, node, &value, err)
				       : walk_list(run, node, &value, err);
}

static int walk_node(struct run *run, const struct value *dot, const struct template_node *node,
	struct error *err)
{
	switch (node->kind) {
	case NODE_TEXT:
		strbuf_add(run->eval->out, node->text, node->len);
		return 0;
	case NODE_ACTION:
		return walk_action(run, dot, node->pipe, err);
	case NODE_IF:
	case NODE_WITH:
		return walk_branch(run, dot, node, err);
	case NODE_RANGE:
		return walk_range(run, dot, node, err);
	case NODE_BREAK:
		return FLOW_BREAK;
	case NODE_CONTINUE:
		return FLOW_CONTINUE;
	}
	return 0;
}

/* enum flow, or an error. Variables of the block end with it where its owner says so. */
static int walk(struct run *run, const struct value *dot, const struct template_block *block,
	struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == FLOW_NEXT && i < block->count; i++) {
		r = take_step(run, err);
		if (r == 0)
			r = walk_node(run, dot, &block->nodes[i], err);
		if (r >= 0 && run->eval->out->len > FORMAT_MAX_OUTPUT)
			r = error_set(err, E2BIG, "template: %s: output of more than %d bytes",
				run->eval->template->name, FORMAT_MAX_OUTPUT);
	}
	return r;
}

int eval_run(struct eval *eval, const struct value *dot, struct error *err)
{
	struct run run = {
		.eval = eval,
		.root = *dot,
		.is_header = dot->kind == VALUE_HEADER,
	};
	int r;

	run.scope =
		(struct value_scope){.rows = eval->rows, .pool = &run.pool, .clean = eval->clean};
	r = walk(&run, dot, &eval->template->root, err);
	pool_clear(&run.pool);
	free(run.variables);
	return r < 0 ? r : 0;
}
