/* SPDX-License-Identifier: Apache-2.0 */
#include "format/constant.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "format/utf8.h"

#define NUMBER_MAX 64 /* digits of a number, signs and all */

/* @count digits of @base at @text, which may be shorter. */
static int read_digits(
	const char *text, const char *end, size_t count, unsigned base, uint32_t *ret)
{
	uint32_t value = 0;

	if ((size_t)(end - text) < count)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = strchr(digits, tolower((unsigned char)text[i]));

		if (!text[i] || !digit || (unsigned)(digit - digits) >= base)
			return -EINVAL;
		value = value * base + (uint32_t)(digit - digits);
	}
	*ret = value;
	return 0;
}

/* What follows a backslash that stands for one character; its length, or -EINVAL. */
static int read_simple_escape(char letter, char quote, uint32_t *ret)
{
	static const char letters[] = "abfnrtv\\", codes[] = "\a\b\f\n\r\t\v\\";
	const char *found = letter ? strchr(letters, letter) : NULL;

	if (!found && letter != quote)
		return -EINVAL;
	*ret = (unsigned char)(found ? codes[found - letters] : quote);
	return 1;
}

/*
 * An escape without its backslash. Returns its length or -EINVAL; *@ret_byte: it is a byte, not a
 * character.
 */
static int read_escape(const char *text, const char *end, char quote, uint32_t *ret, bool *ret_byte)
{
	static const struct {
		char letter;
		size_t digits;
	} forms[] = {{'x', 2}, {'u', 4}, {'U', 8}};

	*ret_byte = false;
	if (text == end)
		return -EINVAL;
	if (*text >= '0' && *text <= '7') {
		*ret_byte = true;
		return read_digits(text, end, 3, 8, ret) < 0 || *ret > 0xff ? -EINVAL : 3;
	}
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (forms[i].letter != *text)
			continue;
		*ret_byte = *text == 'x';
		if (read_digits(text + 1, end, forms[i].digits, 16, ret) < 0)
			return -EINVAL;
		if (*ret > 0x10ffff || (*ret >= 0xd800 && *ret <= 0xdfff))
			return -EINVAL;
		return (int)forms[i].digits + 1;
	}
	return read_simple_escape(*text, quote, ret);
}

int constant_string(const char *text, size_t len, struct strbuf *ret)
{
	const char *at = text + 1, *end = text + len - 1;

	if (*text == '`') {
		strbuf_add(ret, at, len - 2);
		return 0;
	}
	while (at < end) {
		uint32_t code;
		bool is_byte;
		int size;

		if (*at != '\\') {
			strbuf_addc(ret, *at++);
			continue;
		}
		size = read_escape(at + 1, end, '"', &code, &is_byte);
		if (size < 0)
			return size;
		if (is_byte)
			strbuf_addc(ret, (char)code);
		else
			utf8_add(ret, code);
		at += 1 + size;
	}
	return 0;
}

static enum operand_kind read_character(const char *text, size_t len, int64_t *ret)
{
	uint32_t code;
	bool is_byte;
	int size;

	if (len < 3)
		return OPERAND_NIL;
	if (text[1] == '\\') {
		size = read_escape(text + 2, text + len - 1, '\'', &code, &is_byte);
		size += size > 0;
	} else {
		size = (int)utf8_decode(text + 1, len - 2, &code);
		if (code == UTF8_INVALID)
			return OPERAND_NIL;
	}
	if (size < 0 || (size_t)size != len - 2)
		return OPERAND_NIL;
	*ret = code;
	return OPERAND_INT;
}

/* "0x", "0b", "0o" or a bare leading 0; skips it. */
static int read_base(const char **text)
{
	static const struct {
		char letter;
		int base;
	} bases[] = {{'x', 16}, {'b', 2}, {'o', 8}};

	if (**text != '0' || !(*text)[1])
		return 10;
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		if (tolower((unsigned char)(*text)[1]) == bases[i].letter) {
			*text += 2;
			return bases[i].base;
		}
	}
	return isdigit((unsigned char)(*text)[1]) ? 8 : 10;
}

static enum operand_kind read_integer(const char *text, int64_t *ret)
{
	bool is_negative = *text == '-';
	uint64_t value;
	int base;

	if (*text == '-' || *text == '+')
		text++;
	base = read_base(&text);
	if (str_to_u64(text, base, &value) < 0 || value > (uint64_t)INT64_MAX + is_negative)
		return OPERAND_NIL;
	*ret = is_negative ? (int64_t)(0 - value) : (int64_t)value;
	return OPERAND_INT;
}

static enum operand_kind read_real(const char *text, double *ret)
{
	char *end;

	/* strtod() would take "inf", and hexadecimal floats, which nobody writes here. */
	if (text[strspn(text, "+-0123456789.eE")])
		return OPERAND_NIL;
	*ret = strtod(text, &end);
	return *end || end == text || !isfinite(*ret) ? OPERAND_NIL : OPERAND_FLOAT;
}

enum operand_kind constant_number(
	const char *text, size_t len, int64_t *ret_integer, double *ret_real)
{
	char plain[NUMBER_MAX + 1];
	bool is_hex;
	size_t used = 0;

	if (*text == '\'')
		return read_character(text, len, ret_integer);
	if (len > NUMBER_MAX)
		return OPERAND_NIL;
	for (size_t i = 0; i < len; i++) {
		/* Between digits only. */
		if (text[i] == '_' && (i == 0 || i + 1 == len || text[i - 1] == '_'))
			return OPERAND_NIL;
		if (text[i] != '_')
			plain[used++] = text[i];
	}
	plain[used] = '\0';
	is_hex = strpbrk(plain, "xX") != NULL;
	if (!is_hex && strpbrk(plain, ".eE"))
		return read_real(plain, ret_real);
	return read_integer(plain, ret_integer);
}
