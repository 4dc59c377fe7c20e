/* SPDX-License-Identifier: Apache-2.0 */
#include "format/fmt.h"

#include <errno.h>
#include <stdio.h>

#include "format/human.h"
#include "format/number.h"
#include "format/utf8.h"

static const struct fmt_spec plain_spec = {.verb = 'v'};

static void add_padding(struct strbuf *ret, size_t count, char with)
{
	for (size_t i = 0; i < count; i++)
		strbuf_addc(ret, with);
}

static void add_padded(
	struct strbuf *ret, const struct fmt_spec *spec, const char *text, size_t len)
{
	size_t width = spec->has_width ? (size_t)spec->width : 0;
	size_t has = width > 0 ? utf8_count(text, len) : 0;
	size_t missing = width > has ? width - has : 0;

	if (!spec->minus)
		add_padding(ret, missing, spec->zero ? '0' : ' ');
	strbuf_add(ret, text, len);
	if (spec->minus)
		add_padding(ret, missing, ' ');
}

/* %!d(string=x) */
static int add_wrong_verb(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret, struct error *err)
{
	int r;

	strbuf_adds(ret, "%!");
	utf8_add(ret, spec->verb);
	if (value_is_absent(value)) {
		strbuf_adds(ret, "(<nil>)");
		return 0;
	}
	strbuf_addf(ret, "(%s=", value_type_name(value));
	r = fmt_value(scope, &plain_spec, value, ret, err);
	strbuf_addc(ret, ')');
	return r;
}

void fmt_add_quoted(struct strbuf *ret, const char *text, size_t len)
{
	static const char plain[] = "\a\b\f\n\r\t\v\"\\", letters[] = "abfnrtv\"\\";
	uint32_t code;
	size_t size;

	strbuf_addc(ret, '"');
	for (size_t at = 0; at < len; at += size) {
		const char *known;

		size = utf8_decode(text + at, len - at, &code);
		known = code && code < 0x80 ? strchr(plain, (int)code) : NULL;
		if (known)
			strbuf_addf(ret, "\\%c", letters[known - plain]);
		else
			clean_add(ret, text + at, size, CLEAN_CELL);
	}
	strbuf_addc(ret, '"');
}

static void add_hex(struct strbuf *ret, const struct fmt_spec *spec, const char *text, size_t len)
{
	if (spec->has_precision && (size_t)spec->precision < len)
		len = (size_t)spec->precision;
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && spec->space)
			strbuf_addc(ret, ' ');
		if (spec->sharp && (i == 0 || spec->space))
			strbuf_adds(ret, spec->verb == 'X' ? "0X" : "0x");
		number_add_digits(ret, (unsigned char)text[i], 16, 2, spec->verb == 'X');
	}
}

/* False: the verb is none for text. */
static bool add_string(
	struct strbuf *ret, const struct fmt_spec *spec, const char *text, size_t len)
{
	AUTO(strbuf_release) struct strbuf made = STRBUF_INIT;
	size_t cut = spec->has_precision ? utf8_offset(text, len, (size_t)spec->precision) : len;

	switch (spec->verb) {
	case 'v':
	case 's':
		add_padded(ret, spec, text, cut);
		return true;
	case 'q':
		fmt_add_quoted(&made, text, cut);
		break;
	case 'x':
	case 'X':
		add_hex(&made, spec, text, len);
		break;
	default:
		return false;
	}
	add_padded(ret, spec, strbuf_get(&made), made.len);
	return true;
}

static const char *sign_of(const struct fmt_spec *spec, bool is_negative)
{
	if (is_negative)
		return "-";
	if (spec->plus)
		return "+";
	return spec->space ? " " : "";
}

static void add_based(struct strbuf *ret, const struct fmt_spec *spec, int64_t number,
	unsigned base, const char *prefix)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct fmt_spec padding = *spec;
	const char *sign = sign_of(spec, number < 0);
	uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	size_t min = spec->has_precision ? (size_t)spec->precision : 1;

	/* Zeros stand behind the sign, and count as digits. */
	padding.zero = false;
	if (spec->zero && spec->has_width && !spec->minus && !spec->has_precision) {
		min = (size_t)spec->width > strlen(sign) ? (size_t)spec->width - strlen(sign) : 0;
		min += min == 0;
	}
	strbuf_adds(&text, sign);
	if (spec->sharp || spec->verb == 'O')
		strbuf_adds(&text, prefix);
	number_add_digits(&text, size, base, min, spec->verb == 'X');
	add_padded(ret, &padding, strbuf_get(&text), text.len);
}

static void add_character(struct strbuf *ret, const struct fmt_spec *spec, int64_t number)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	uint32_t code = number < 0 || number > 0x10ffff ? 0xfffd : (uint32_t)number;

	if (spec->verb == 'U') {
		strbuf_adds(&text, "U+");
		number_add_digits(&text, (uint64_t)number, 16, 4, true);
	} else if (spec->verb == 'q') {
		AUTO(strbuf_release) struct strbuf plain = STRBUF_INIT;

		utf8_add(&plain, code);
		strbuf_addc(&text, '\'');
		if (code == '\'' || code == '\\')
			strbuf_addc(&text, '\\');
		clean_add(&text, strbuf_get(&plain), plain.len, CLEAN_CELL);
		strbuf_addc(&text, '\'');
	} else {
		utf8_add(&text, code);
	}
	add_padded(ret, spec, strbuf_get(&text), text.len);
}

static bool add_integer(struct strbuf *ret, const struct fmt_spec *spec, int64_t number)
{
	static const struct {
		char verb;
		unsigned base;
		const char *prefix;
	} bases[] = {{'v', 10, ""}, {'d', 10, ""}, {'x', 16, "0x"}, {'X', 16, "0X"}, {'o', 8, "0"},
		{'O', 8, "0o"}, {'b', 2, "0b"}};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		if ((unsigned char)bases[i].verb == spec->verb) {
			add_based(ret, spec, number, bases[i].base, bases[i].prefix);
			return true;
		}
	}
	if (spec->verb != 'c' && spec->verb != 'q' && spec->verb != 'U')
		return false;
	add_character(ret, spec, number);
	return true;
}

static bool add_float(struct strbuf *ret, const struct fmt_spec *spec, double real)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct fmt_spec padding = *spec;
	/* Zeros stand behind the sign: those of C know that. */
	const int width = spec->zero && spec->has_width && !spec->minus ? spec->width : 0;
	const int precision = spec->has_precision ? spec->precision : 6;

	if ((spec->verb == 'v' || spec->verb == 'g') && !spec->has_precision) {
		strbuf_adds(&text, real < 0 ? "" : sign_of(spec, false));
		number_add_float(&text, real);
	} else if (spec->verb == 'e') {
		strbuf_addf(&text, spec->plus ? "%+0*.*e" : "%0*.*e", width, precision, real);
	} else if (spec->verb == 'E') {
		strbuf_addf(&text, spec->plus ? "%+0*.*E" : "%0*.*E", width, precision, real);
	} else if (spec->verb == 'f' || spec->verb == 'F') {
		strbuf_addf(&text, spec->plus ? "%+0*.*f" : "%0*.*f", width, precision, real);
	} else if (spec->verb == 'g' || spec->verb == 'v') {
		strbuf_addf(&text, spec->plus ? "%+0*.*g" : "%0*.*g", width, precision, real);
	} else {
		return false;
	}
	padding.zero = false;
	add_padded(ret, &padding, strbuf_get(&text), text.len);
	return true;
}

static int add_list(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret, struct error *err)
{
	size_t count = value_count(value);
	int r = 0;

	strbuf_addc(ret, '[');
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct value item;

		if (i > 0)
			strbuf_addc(ret, ' ');
		r = value_item(scope, value, i, &item, err);
		if (r == 0)
			r = fmt_value(scope, spec, &item, ret, err);
	}
	strbuf_addc(ret, ']');
	return r;
}

/* map[k:v k:v], or {v v} of an object whose members are fields. */
static int add_members(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret, struct error *err)
{
	autofree const char **keys = value_keys(value);
	bool is_map = value->kind == VALUE_MAP;
	int r = 0;

	strbuf_adds(ret, is_map ? "map[" : "{");
	for (size_t i = 0; r == 0 && keys[i]; i++) {
		struct value key, member;

		if (i > 0)
			strbuf_addc(ret, ' ');
		r = value_from_data(scope, keys[i], strlen(keys[i]), &key, err);
		if (r == 0 && is_map)
			r = fmt_value(scope, spec, &key, ret, err);
		else if (r == 0 && spec->plus)
			strbuf_add(ret, key.text, key.len);
		if (is_map || spec->plus)
			strbuf_addc(ret, ':');
		if (r == 0)
			r = value_of_key(scope, value, keys[i], &member, err);
		if (r == 0)
			r = fmt_value(scope, spec, &member, ret, err);
	}
	strbuf_addc(ret, is_map ? ']' : '}');
	return r;
}

static int add_row(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret, struct error *err)
{
	struct value object = {.kind = VALUE_STRUCT, .type = value->type};
	int r;

	object.obj = value_to_json(scope, value);
	r = add_members(scope, spec, &object, ret, err);
	json_object_put(object.obj);
	return r;
}

static bool add_time(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret)
{
	autofree char *text = human_time(json_object_get_string(value->obj));
	AUTO(strbuf_release) struct strbuf clean = STRBUF_INIT;

	clean_add(&clean, text, strlen(text), scope->clean);
	return add_string(ret, spec, strbuf_get(&clean), clean.len);
}

static bool add_bool(struct strbuf *ret, const struct fmt_spec *spec, bool flag)
{
	const char *text = flag ? "true" : "false";

	if (spec->verb != 't' && spec->verb != 'v')
		return false;
	add_padded(ret, spec, text, strlen(text));
	return true;
}

/* Of one that holds no others; false: the verb is none of its kind. */
static bool add_single(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret)
{
	switch (value->kind) {
	case VALUE_BOOL:
		return add_bool(ret, spec, value->integer != 0);
	case VALUE_INT:
		return add_integer(ret, spec, value->integer);
	case VALUE_FLOAT:
		return add_float(ret, spec, value->real);
	case VALUE_TIME:
		return add_time(scope, spec, value, ret);
	case VALUE_STRING:
	case VALUE_HEADER:
		return add_string(ret, spec, value->text, value->len);
	default:
		if (spec->verb != 'v')
			return false;
		add_padded(ret, spec, "<nil>", strlen("<nil>"));
		return true;
	}
}

static int add_value(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret, struct error *err)
{
	const char *name = value_is_absent(value) ? "<nil>" : value_type_name(value);

	if (spec->verb == 'T') {
		add_padded(ret, spec, name, strlen(name));
		return 0;
	}
	switch (value->kind) {
	case VALUE_LIST:
	case VALUE_ROWS:
		return add_list(scope, spec, value, ret, err);
	case VALUE_MAP:
	case VALUE_STRUCT:
		return add_members(scope, spec, value, ret, err);
	case VALUE_ROW:
		return add_row(scope, spec, value, ret, err);
	default:
		if (add_single(scope, spec, value, ret))
			return 0;
		return add_wrong_verb(scope, spec, value, ret, err);
	}
}

int fmt_value(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret, struct error *err)
{
	int r = add_value(scope, spec, value, ret, err);

	if (r == 0 && ret->len > FORMAT_MAX_OUTPUT)
		r = error_set(err, E2BIG, "text of more than %d bytes", FORMAT_MAX_OUTPUT);
	return r;
}

int fmt_plain(const struct value_scope *scope, const struct value *value, struct strbuf *ret,
	struct error *err)
{
	return fmt_value(scope, &plain_spec, value, ret, err);
}

int fmt_print(const struct value_scope *scope, const struct value *args, size_t count, bool is_line,
	struct strbuf *ret, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		bool beside_string =
			i > 0 && (args[i].kind == VALUE_STRING || args[i - 1].kind == VALUE_STRING);

		if (i > 0 && (is_line || !beside_string))
			strbuf_addc(ret, ' ');
		r = fmt_plain(scope, &args[i], ret, err);
	}
	if (is_line)
		strbuf_addc(ret, '\n');
	return r;
}
