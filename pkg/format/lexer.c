/* SPDX-License-Identifier: Apache-2.0 */
#include "format/lexer.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "format/clean.h"
#include "format/utf8.h"

static int next(const struct lexer *lexer, size_t ahead)
{
	size_t at = lexer->at + ahead;

	return at < lexer->len ? (unsigned char)lexer->source[at] : -1;
}

static bool is_blank(int byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Bytes above 127 are letters: no field of ours has one, but a variable may. */
static bool is_letter(int byte)
{
	return byte >= 0 && (isalnum(byte) || byte == '_' || byte >= 0x80);
}

static bool starts_with(const struct lexer *lexer, const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (next(lexer, i) != (unsigned char)text[i])
			return false;
	}
	return true;
}

static size_t line_of(const struct lexer *lexer, size_t at)
{
	size_t line = 1;

	for (size_t i = 0; i < at && i < lexer->len; i++)
		line += lexer->source[i] == '\n';
	return line;
}

int lexer_error(const struct lexer *lexer, size_t at, struct error *err, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_set(
		err, EINVAL, "template: %s:%zu: %s", lexer->name, line_of(lexer, at), text);
}

bool lexer_is(const struct lexer *lexer, const char *text)
{
	const struct template_span *span = &lexer->token.span;
	size_t len = strlen(text);

	return span->end - span->start == len &&
	       memcmp(lexer->source + span->start, text, len) == 0;
}

static int enter_comment(struct lexer *lexer, struct error *err)
{
	size_t start = lexer->at;

	for (lexer->at += 2; !starts_with(lexer, "*/"); lexer->at++) {
		if (next(lexer, 0) < 0)
			return lexer_error(lexer, start, err, "unclosed comment");
	}
	lexer->at += 2;
	lexer->trims = is_blank(next(lexer, 0)) && lexer->at + 1 < lexer->len &&
		       lexer->source[lexer->at + 1] == '-';
	if (lexer->trims)
		lexer->at += 2;
	if (!starts_with(lexer, "}}"))
		return lexer_error(lexer, start, err, "comment ends before closing delimiter");
	lexer->at += 2;
	return 0;
}

int lexer_enter(struct lexer *lexer, bool *ret_comment, struct error *err)
{
	assert(starts_with(lexer, "{{"));
	lexer->at += 2;
	if (next(lexer, 0) == '-' && is_blank(next(lexer, 1)))
		lexer->at += 2;
	*ret_comment = starts_with(lexer, "/*");
	return *ret_comment ? enter_comment(lexer, err) : lexer_advance(lexer, err);
}

/* Behind a field or variable only these may stand: "$x+2" is not read as two things. */
static bool is_terminator(int byte)
{
	return byte < 0 || is_blank(byte) || strchr(".,|:)(=}", byte);
}

static int bad_character(const struct lexer *lexer, struct error *err)
{
	AUTO(strbuf_release) struct strbuf shown = STRBUF_INIT;
	uint32_t code;
	size_t len = utf8_decode(lexer->source + lexer->at, lexer->len - lexer->at, &code);

	clean_add(&shown, lexer->source + lexer->at, len, CLEAN_CELL);
	return lexer_error(lexer, lexer->at, err, "bad character '%s'", strbuf_get(&shown));
}

static int read_name(struct lexer *lexer, enum token_kind kind, struct error *err)
{
	lexer->token.kind = kind;
	while (is_letter(next(lexer, 0)))
		lexer->at++;
	return is_terminator(next(lexer, 0)) ? 0 : bad_character(lexer, err);
}

/* Of "…" and '…': a backslash takes the next character along. */
static int read_quoted(struct lexer *lexer, int quote, struct error *err)
{
	size_t start = lexer->at - 1;

	for (; next(lexer, 0) != quote; lexer->at++) {
		if (next(lexer, 0) == '\\')
			lexer->at++;
		if (next(lexer, 0) < 0 || next(lexer, 0) == '\n')
			return lexer_error(lexer, start, err,
				quote == '"' ? "unterminated quoted string"
					     : "unterminated character constant");
	}
	lexer->at++;
	return 0;
}

static int read_raw(struct lexer *lexer, struct error *err)
{
	size_t start = lexer->at - 1;

	for (; next(lexer, 0) != '`'; lexer->at++) {
		if (next(lexer, 0) < 0)
			return lexer_error(lexer, start, err, "unterminated raw quoted string");
	}
	lexer->at++;
	return 0;
}

/* Whatever may belong to one: the parser finds out whether it is one. */
static void read_number(struct lexer *lexer)
{
	size_t start = lexer->at - 1;

	for (;; lexer->at++) {
		int byte = next(lexer, 0);
		int before = tolower((unsigned char)lexer->source[lexer->at - 1]);
		bool is_hex = lexer->at > start + 2 && lexer->source[start] == '0' &&
			      tolower((unsigned char)lexer->source[start + 1]) == 'x';

		if ((byte == '+' || byte == '-') && before == 'e' && !is_hex)
			continue;
		if (!is_letter(byte) && byte != '.')
			return;
	}
}

static int read_sign(struct lexer *lexer, int byte, struct error *err)
{
	static const struct {
		char byte;
		enum token_kind kind;
	} signs[] = {{'(', TOKEN_OPEN}, {')', TOKEN_CLOSE}, {'|', TOKEN_PIPE}, {'=', TOKEN_ASSIGN},
		{',', TOKEN_COMMA}};

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		if (signs[i].byte == byte) {
			lexer->token.kind = signs[i].kind;
			return 0;
		}
	}
	if (byte == ':') {
		if (next(lexer, 0) != '=')
			return lexer_error(lexer, lexer->at, err, "expected :=");
		lexer->at++;
		lexer->token.kind = TOKEN_DECLARE;
		return 0;
	}
	if (byte < 0x80 && isprint(byte)) {
		lexer->token.kind = TOKEN_OTHER;
		return 0;
	}
	lexer->at--;
	return bad_character(lexer, err);
}

/* The token whose first byte was taken already. */
static int read_token(struct lexer *lexer, int byte, struct error *err)
{
	int after = next(lexer, 0);

	if (byte == '"' || byte == '\'') {
		lexer->token.kind = byte == '"' ? TOKEN_STRING : TOKEN_NUMBER;
		return read_quoted(lexer, byte, err);
	}
	if (byte == '`') {
		lexer->token.kind = TOKEN_STRING;
		return read_raw(lexer, err);
	}
	if (byte == '$')
		return read_name(lexer, TOKEN_VARIABLE, err);
	if (isdigit(byte) || ((byte == '+' || byte == '-') && (isdigit(after) || after == '.')) ||
		(byte == '.' && isdigit(after))) {
		lexer->token.kind = TOKEN_NUMBER;
		read_number(lexer);
		return 0;
	}
	if (byte == '.')
		return read_name(lexer, is_letter(after) ? TOKEN_FIELD : TOKEN_DOT, err);
	if (is_letter(byte))
		return read_name(lexer, TOKEN_WORD, err);
	return read_sign(lexer, byte, err);
}

/* "}}", or " -}}", which takes the blanks behind it along. */
static bool read_end(struct lexer *lexer, bool is_apart)
{
	bool trims = is_apart && starts_with(lexer, "-}}");

	if (!trims && !starts_with(lexer, "}}"))
		return false;
	lexer->token.kind = TOKEN_END;
	lexer->trims = trims;
	lexer->at += trims ? 3 : 2;
	return true;
}

int lexer_advance(struct lexer *lexer, struct error *err)
{
	size_t before = lexer->at;
	int byte, r = 0;
	bool is_apart;

	while (is_blank(next(lexer, 0)))
		lexer->at++;
	is_apart = lexer->at > before || next(lexer, 0) < 0;
	lexer->token = (struct token){
		.span = {lexer->at, lexer->at},
		.is_apart = is_apart,
	};
	if (!read_end(lexer, is_apart)) {
		byte = next(lexer, 0);
		if (byte < 0)
			return lexer_error(lexer, before, err, "unclosed action");
		lexer->at++;
		r = read_token(lexer, byte, err);
	}
	lexer->token.span.end = lexer->at;
	return r;
}
