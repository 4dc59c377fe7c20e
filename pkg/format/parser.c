/* SPDX-License-Identifier: Apache-2.0 */
#include "format/template.h"

#include <errno.h>

#include "format/constant.h"
#include "format/format.h"
#include "format/functions.h"
#include "format/lexer.h"

/*
 * Recursive descent with its depth counted. A block ends at {{end}} or {{else}}, which whoever
 * began it takes. Variables live from their declaration to the end of the block around it; one that
 * was not declared is found here, so that looking one up cannot fail later.
 */
struct parser {
	struct lexer lexer;
	char **variables; /* in scope, the innermost last */
	size_t variable_count;
	size_t depth;
	bool in_range; /* where break and continue may stand */
	bool is_table;
};

enum block_end { BLOCK_EOF = 0, BLOCK_END, BLOCK_ELSE };

static int parse_pipe(
	struct parser *parser, const char *what, struct template_pipe **ret, struct error *err);
static int parse_block(struct parser *parser, struct template_block *block, enum block_end *ret,
	struct error *err);
static int parse_control(
	struct parser *parser, struct template_node *node, enum node_kind kind, struct error *err);

static enum token_kind token(const struct parser *parser)
{
	return parser->lexer.token.kind;
}

static int advance(struct parser *parser, struct error *err)
{
	return lexer_advance(&parser->lexer, err);
}

static const char *token_start(const struct parser *parser)
{
	return parser->lexer.source + parser->lexer.token.span.start;
}

static size_t token_len(const struct parser *parser)
{
	return parser->lexer.token.span.end - parser->lexer.token.span.start;
}

static char *token_text(const struct parser *parser)
{
	return xstrndup(token_start(parser), token_len(parser));
}

/* As much of the token as a message shows. */
static int shown_len(const struct parser *parser)
{
	return token_len(parser) > 40 ? 40 : (int)token_len(parser);
}

static int fail(struct parser *parser, struct error *err, const char *what, const char *where)
{
	return lexer_error(&parser->lexer, parser->lexer.token.span.start, err, "%s \"%.*s\"%s%s",
		what, shown_len(parser), token_start(parser), where ? " in " : "",
		where ? where : "");
}

static int fail_plainly(
	struct parser *parser, struct error *err, const char *text, const char *name)
{
	return lexer_error(&parser->lexer, parser->lexer.token.span.start, err, "%s%s", text,
		name ? name : "");
}

static int go_deeper(struct parser *parser, struct error *err)
{
	if (parser->depth >= FORMAT_MAX_DEPTH)
		return error_set(err, E2BIG,
			"template: %s: more than %d blocks or parentheses inside each other",
			parser->lexer.name, FORMAT_MAX_DEPTH);
	parser->depth++;
	return 0;
}

static bool is_declared(const struct parser *parser, const char *name)
{
	if (str_eq(name, "$"))
		return true;
	for (size_t i = 0; i < parser->variable_count; i++) {
		if (str_eq(parser->variables[i], name))
			return true;
	}
	return false;
}

static void declare(struct parser *parser, const char *name)
{
	parser->variables =
		list_grow(parser->variables, parser->variable_count, sizeof(*parser->variables));
	parser->variables[parser->variable_count++] = xstrdup(name);
}

static void forget(struct parser *parser, size_t count)
{
	while (parser->variable_count > count)
		free(parser->variables[--parser->variable_count]);
}

static int parse_constant(
	struct parser *parser, struct template_operand *operand, struct error *err)
{
	const char *text = token_start(parser);
	size_t len = token_len(parser);

	if (token(parser) == TOKEN_STRING) {
		AUTO(strbuf_release) struct strbuf plain = STRBUF_INIT;

		operand->kind = OPERAND_STRING;
		if (constant_string(text, len, &plain) < 0)
			return fail(parser, err, "invalid escape in", NULL);
		operand->len = plain.len;
		operand->text = strbuf_take(&plain);
		return 0;
	}
	operand->kind = constant_number(text, len, &operand->integer, &operand->real);
	return operand->kind == OPERAND_NIL ? fail(parser, err, "bad number syntax:", NULL) : 0;
}

static int parse_word(struct parser *parser, struct template_operand *operand, struct error *err)
{
	autofree char *word = token_text(parser);

	if (str_eq(word, "nil")) {
		operand->kind = OPERAND_NIL;
		return 0;
	}
	if (str_eq(word, "true") || str_eq(word, "false")) {
		operand->kind = OPERAND_BOOL;
		operand->integer = str_eq(word, "true");
		return 0;
	}
	operand->kind = OPERAND_FUNCTION;
	operand->function = function_find(word);
	if (!operand->function)
		return lexer_error(&parser->lexer, parser->lexer.token.span.start, err,
			"function \"%s\" not defined", word);
	return 0;
}

static int parse_variable(
	struct parser *parser, struct template_operand *operand, struct error *err)
{
	operand->kind = OPERAND_VARIABLE;
	operand->text = token_text(parser);
	return is_declared(parser, operand->text) ? 0
						  : fail(parser, err, "undefined variable", NULL);
}

static int parse_parens(struct parser *parser, struct template_operand *operand, struct error *err)
{
	int r = go_deeper(parser, err);

	operand->kind = OPERAND_PIPE;
	if (r == 0)
		r = advance(parser, err);
	if (r == 0)
		r = parse_pipe(parser, "parenthesized pipeline", &operand->pipe, err);
	if (r < 0)
		return r;
	parser->depth--;
	return token(parser) == TOKEN_CLOSE
		       ? 0
		       : fail_plainly(parser, err, "unclosed left paren", NULL);
}

/* What an operand begins with; leaves the token that it ends with. */
static int parse_term(struct parser *parser, struct template_operand *operand, struct error *err)
{
	switch (token(parser)) {
	case TOKEN_DOT:
		operand->kind = OPERAND_DOT;
		return 0;
	case TOKEN_FIELD:
		operand->kind = OPERAND_FIELD;
		strv_take(&operand->path, xstrndup(token_start(parser) + 1, token_len(parser) - 1));
		return 0;
	case TOKEN_VARIABLE:
		return parse_variable(parser, operand, err);
	case TOKEN_STRING:
	case TOKEN_NUMBER:
		return parse_constant(parser, operand, err);
	case TOKEN_WORD:
		return parse_word(parser, operand, err);
	case TOKEN_OPEN:
		return parse_parens(parser, operand, err);
	default:
		return fail(parser, err, "unexpected", "command");
	}
}

/* A term and the fields that follow it without a blank. */
static int parse_operand(struct parser *parser, struct template_operand *operand, struct error *err)
{
	int r;

	operand->span.start = parser->lexer.token.span.start;
	r = parse_term(parser, operand, err);
	for (;;) {
		operand->span.end = parser->lexer.token.span.end;
		if (r == 0)
			r = advance(parser, err);
		if (r < 0)
			return r;
		if (token(parser) != TOKEN_FIELD || parser->lexer.token.is_apart)
			return 0;
		if (operand->kind != OPERAND_FIELD && operand->kind != OPERAND_VARIABLE &&
			operand->kind != OPERAND_PIPE)
			return fail(parser, err, "unexpected", "operand");
		strv_take(&operand->path, xstrndup(token_start(parser) + 1, token_len(parser) - 1));
	}
}

static bool ends_command(const struct parser *parser)
{
	return token(parser) == TOKEN_PIPE || token(parser) == TOKEN_END ||
	       token(parser) == TOKEN_CLOSE;
}

static int parse_command(struct parser *parser, struct template_command *command, struct error *err)
{
	command->span.start = parser->lexer.token.span.start;
	do {
		struct template_operand *operand;
		int r;

		if (command->count > 0 && !parser->lexer.token.is_apart)
			return fail(parser, err, "unexpected", "operand");
		command->operands =
			list_grow(command->operands, command->count, sizeof(*command->operands));
		operand = &command->operands[command->count++];
		*operand = (struct template_operand){0};
		r = parse_operand(parser, operand, err);
		if (r < 0)
			return r;
		command->span.end = operand->span.end;
	} while (!ends_command(parser));
	return 0;
}

static int parse_commands(
	struct parser *parser, const char *what, struct template_pipe *pipe, struct error *err)
{
	for (;;) {
		struct template_command *command;
		enum operand_kind first;
		int r;

		if (token(parser) == TOKEN_END || token(parser) == TOKEN_CLOSE)
			return fail_plainly(parser, err, "missing value for ", what);
		pipe->commands = list_grow(pipe->commands, pipe->count, sizeof(*pipe->commands));
		command = &pipe->commands[pipe->count++];
		*command = (struct template_command){0};
		r = parse_command(parser, command, err);
		if (r < 0)
			return r;
		pipe->span.end = command->span.end;
		first = command->operands[0].kind;
		if (pipe->count > 1 && (first == OPERAND_DOT || first >= OPERAND_NIL))
			return fail_plainly(
				parser, err, "a value cannot stand behind a | in ", what);
		if (token(parser) != TOKEN_PIPE)
			return 0;
		r = advance(parser, err);
		if (r < 0)
			return r;
	}
}

/* "$x :=", "$x =", "$i, $x :=": what stands left of the commands. */
static int parse_declaration(
	struct parser *parser, struct template_pipe *pipe, bool is_range, struct error *err)
{
	struct lexer before = parser->lexer;
	AUTO(strv_free) char **names = NULL;
	int r;

	while (token(parser) == TOKEN_VARIABLE) {
		strv_take(&names, token_text(parser));
		r = advance(parser, err);
		if (r == 0 && token(parser) == TOKEN_COMMA)
			r = advance(parser, err);
		else if (r == 0)
			break;
		if (r < 0)
			return r;
	}
	if (token(parser) != TOKEN_DECLARE && token(parser) != TOKEN_ASSIGN) {
		parser->lexer = before;
		return 0;
	}
	pipe->is_assignment = token(parser) == TOKEN_ASSIGN;
	for (size_t i = 0; names && names[i]; i++) {
		if (i >= (is_range ? 2 : 1))
			return fail_plainly(parser, err, "too many declarations", NULL);
		if (pipe->is_assignment && !is_declared(parser, names[i]))
			return lexer_error(&parser->lexer, parser->lexer.token.span.start, err,
				"undefined variable \"%s\"", names[i]);
		pipe->variables[i] = xstrdup(names[i]);
		pipe->variable_count++;
	}
	return advance(parser, err);
}

/* Up to, and not behind, the }} or ) that ends it. */
static int parse_pipe(
	struct parser *parser, const char *what, struct template_pipe **ret, struct error *err)
{
	struct template_pipe *pipe = xnew(struct template_pipe);
	int r = 0;

	*ret = pipe;
	pipe->span.start = parser->lexer.token.span.start;
	if (token(parser) == TOKEN_VARIABLE)
		r = parse_declaration(parser, pipe, str_eq(what, "range"), err);
	if (r == 0)
		r = parse_commands(parser, what, pipe, err);
	for (size_t i = 0; r == 0 && !pipe->is_assignment && i < pipe->variable_count; i++)
		declare(parser, pipe->variables[i]);
	return r;
}

static int parse_action_pipe(
	struct parser *parser, const char *what, struct template_pipe **ret, struct error *err)
{
	int r = parse_pipe(parser, what, ret, err);

	if (r == 0 && token(parser) != TOKEN_END)
		r = fail(parser, err, "unexpected", what);
	return r;
}

static int expect_end(struct parser *parser, const char *what, struct error *err)
{
	int r = advance(parser, err);

	if (r == 0 && token(parser) != TOKEN_END)
		r = fail(parser, err, "unexpected", what);
	return r;
}

static struct template_node *add_node(struct template_block *block, enum node_kind kind)
{
	struct template_node *node;

	block->nodes = list_grow(block->nodes, block->count, sizeof(*node));
	node = &block->nodes[block->count++];
	*node = (struct template_node){.kind = kind};
	return node;
}

/* Behind {{else: either }} and a block, or the if of an else if, which needs no {{end}} of its own.
 */
static int parse_otherwise(struct parser *parser, struct template_node *node, struct error *err)
{
	enum block_end end;
	int r = advance(parser, err);

	if (r < 0)
		return r;
	if (node->kind == NODE_IF && lexer_is(&parser->lexer, "if"))
		return parse_control(parser, add_node(&node->otherwise, NODE_IF), NODE_IF, err);
	if (token(parser) != TOKEN_END)
		return fail(parser, err, "unexpected", "else");
	r = parse_block(parser, &node->otherwise, &end, err);
	if (r == 0 && end == BLOCK_ELSE)
		r = fail_plainly(parser, err, "expected end; found {{else}}", NULL);
	else if (r == 0 && end == BLOCK_EOF)
		r = fail_plainly(parser, err, "unexpected EOF: {{end}} is missing", NULL);
	return r;
}

/* if, with or range, whose keyword is the token now, to its {{end}}. */
static int parse_control(
	struct parser *parser, struct template_node *node, enum node_kind kind, struct error *err)
{
	const char *what = kind == NODE_IF ? "if" : kind == NODE_WITH ? "with" : "range";
	size_t variables = parser->variable_count;
	bool was_in_range = parser->in_range;
	enum block_end end = BLOCK_EOF;
	int r = go_deeper(parser, err);

	if (r == 0)
		r = advance(parser, err);
	if (r == 0)
		r = parse_action_pipe(parser, what, &node->pipe, err);
	if (r < 0)
		return r;
	parser->in_range |= kind == NODE_RANGE;
	r = parse_block(parser, &node->body, &end, err);
	parser->in_range = was_in_range;
	if (r == 0 && end == BLOCK_EOF)
		r = fail_plainly(parser, err, "unexpected EOF: {{end}} is missing", NULL);
	else if (r == 0 && end == BLOCK_ELSE)
		r = parse_otherwise(parser, node, err);
	forget(parser, variables);
	parser->depth--;
	return r;
}

static int parse_jump(
	struct parser *parser, struct template_block *block, enum node_kind kind, struct error *err)
{
	const char *what = kind == NODE_BREAK ? "break" : "continue";

	if (!parser->in_range)
		return lexer_error(&parser->lexer, parser->lexer.token.span.start, err,
			"{{%s}} outside {{range}}", what);
	add_node(block, kind);
	return expect_end(parser, what, err);
}

/* 1: an {{end}} or {{else}}, in *@ret_end; 0 for any other action; negative errors. */
static int parse_action(struct parser *parser, struct template_block *block,
	enum block_end *ret_end, struct error *err)
{
	static const struct {
		const char *word;
		enum node_kind kind;
	} controls[] = {{"if", NODE_IF}, {"with", NODE_WITH}, {"range", NODE_RANGE}};
	static const char *const missing[] = {"define", "template", "block"};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(controls); i++) {
		if (lexer_is(&parser->lexer, controls[i].word))
			return parse_control(
				parser, add_node(block, controls[i].kind), controls[i].kind, err);
	}
	if (lexer_is(&parser->lexer, "end")) {
		*ret_end = BLOCK_END;
		r = expect_end(parser, "end", err);
		return r < 0 ? r : 1;
	}
	if (lexer_is(&parser->lexer, "else")) {
		*ret_end = BLOCK_ELSE;
		return 1;
	}
	if (lexer_is(&parser->lexer, "break"))
		return parse_jump(parser, block, NODE_BREAK, err);
	if (lexer_is(&parser->lexer, "continue"))
		return parse_jump(parser, block, NODE_CONTINUE, err);
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		if (lexer_is(&parser->lexer, missing[i]))
			return lexer_error(&parser->lexer, parser->lexer.token.span.start, err,
				"{{%s}} is not supported", missing[i]);
	}
	return parse_action_pipe(parser, "command", &add_node(block, NODE_ACTION)->pipe, err);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* What a text says, with the two characters \t and \n as what they mean. */
static void add_text(
	const struct parser *parser, const char *at, const char *end, struct strbuf *ret)
{
	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end && (at[1] == 't' || at[1] == 'n'))
			strbuf_addc(ret, (char)(*++at == 't' ? '\t' : '\n'));
		else
			strbuf_addc(ret, (char)(parser->is_table && *at == ' ' ? '\t' : *at));
	}
}

/* Text up to the next action or the end. */
static void parse_text(struct parser *parser, struct template_block *block)
{
	struct lexer *lexer = &parser->lexer;
	const char *start = lexer->source + lexer->at, *open = strstr(start, "{{");
	const char *end = open ? open : lexer->source + lexer->len;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	size_t first = 0;
	struct template_node *node;

	add_text(parser, start, end, &text);
	while (lexer->trims && first < text.len && is_blank(text.data[first]))
		first++;
	if (open && open[2] == '-' && is_blank(open[3])) {
		while (text.len > first && is_blank(text.data[text.len - 1]))
			text.len--;
	}
	lexer->at = (size_t)(end - lexer->source);
	lexer->trims = false;
	if (text.len == first)
		return;
	node = add_node(block, NODE_TEXT);
	node->len = text.len - first;
	node->text = xstrndup(text.data + first, node->len);
}

static int parse_block(
	struct parser *parser, struct template_block *block, enum block_end *ret, struct error *err)
{
	struct lexer *lexer = &parser->lexer;

	for (;;) {
		bool is_comment;
		int r;

		parse_text(parser, block);
		if (lexer->at == lexer->len) {
			lexer->token.span = (struct template_span){lexer->len, lexer->len};
			*ret = BLOCK_EOF;
			return 0;
		}
		r = lexer_enter(lexer, &is_comment, err);
		if (r == 0 && !is_comment)
			r = parse_action(parser, block, ret, err);
		if (r != 0)
			return r < 0 ? r : 0;
	}
}

int template_parse(const char *name, const char *source, struct template **ret, struct error *err)
{
	AUTO(template_free) struct template *template = xnew(struct template);
	const char *table = str_after(source, "table ");
	struct parser parser = {.is_table = table != NULL};
	enum block_end end = BLOCK_EOF;
	int r;

	template->name = xstrdup(name);
	template->is_table = table != NULL;
	template->source_len = strlen(source);
	if (template->source_len > FORMAT_MAX_TEMPLATE)
		return error_set(err, E2BIG, "template: %s: longer than %d bytes", name,
			FORMAT_MAX_TEMPLATE);
	template->source = xstrdup(source);
	parser.lexer = (struct lexer){
		.name = template->name,
		.source = template->source,
		.len = template->source_len,
		.at = table ? (size_t)(table - source) : 0,
	};
	r = parse_block(&parser, &template->root, &end, err);
	if (r == 0 && end != BLOCK_EOF)
		r = fail_plainly(
			&parser, err, "unexpected ", end == BLOCK_END ? "{{end}}" : "{{else}}");
	forget(&parser, 0);
	free(parser.variables);
	if (r < 0)
		return r;
	*ret = take_ptr(template);
	return 0;
}
