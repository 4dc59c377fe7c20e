/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_LEXER_H
#define FORMAT_LEXER_H

#include "format/template.h"

/* Private to pkg/format: the words inside {{ }}. */

enum token_kind {
	TOKEN_END = 0, /* }} */
	TOKEN_WORD,    /* if, json: keywords too */
	TOKEN_FIELD,   /* .Name, with the dot */
	TOKEN_DOT,
	TOKEN_VARIABLE, /* $ or $x */
	TOKEN_NUMBER,   /* and character constants */
	TOKEN_STRING,   /* "…" or `…`, with the quotes */
	TOKEN_OPEN,     /* ( */
	TOKEN_CLOSE,    /* ) */
	TOKEN_PIPE,     /* | */
	TOKEN_DECLARE,  /* := */
	TOKEN_ASSIGN,   /* = */
	TOKEN_COMMA,
	TOKEN_OTHER, /* a printable character that means nothing */
};

struct token {
	enum token_kind kind;
	struct template_span span;
	bool is_apart; /* a blank or the beginning of the action stands before it */
};

struct lexer {
	const char *name; /* in messages */
	const char *source;
	size_t len;
	size_t at;
	bool trims;         /* the action that ended last was closed by -}} */
	struct token token; /* the next one; not taken yet */
};

/* Goes to the first token of the action at {{, which @lexer->at is; *@ret_comment: it is one. */
int lexer_enter(struct lexer *lexer, bool *ret_comment, struct error *err);
/* Goes to the next token; never behind TOKEN_END. */
int lexer_advance(struct lexer *lexer, struct error *err);
/* -EINVAL and "template: NAME:LINE: TEXT" for what stands at @at. */
int lexer_error(const struct lexer *lexer, size_t at, struct error *err, const char *format, ...)
	PRINTF_LIKE(4, 5);
/* Does the next token have this text? */
bool lexer_is(const struct lexer *lexer, const char *text);

#endif
