/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>

#include "format/functions.h"
#include "format/utf8.h"

/* join, split, lower, upper, title, pad and truncate: docker's functions for texts. */

#define PAD_MAX 65536
#define SPLIT_MAX 65536 /* bytes of the text */

static int need_text(const struct value *value, struct error *err)
{
	if (value->kind == VALUE_STRING)
		return 0;
	if (value_is_absent(value))
		return error_set(err, EINVAL, "invalid value; expected string");
	return error_set(err, EINVAL, "wrong type for value; expected string; got %s",
		value_type_name(value));
}

static int need_number(const struct value *value, int64_t max, struct error *err)
{
	if (value->kind != VALUE_INT)
		return error_set(err, EINVAL, "wrong type for value; expected int; got %s",
			value_type_name(value));
	if (value->integer < 0 || value->integer > max)
		return error_set(
			err, EINVAL, "number out of range: %lld", (long long)value->integer);
	return 0;
}

int function_join(const struct function_call *call, struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	const struct value *list = &call->args[0], *separator = &call->args[1];
	int r = need_text(separator, err);

	if (r == 0 && list->kind != VALUE_LIST)
		r = error_set(err, EINVAL, "wrong type for value; expected list; got %s",
			value_type_name(list));
	for (size_t i = 0; r == 0 && i < value_count(list); i++) {
		struct value item;

		r = value_item(call->scope, list, i, &item, err);
		if (r == 0)
			r = need_text(&item, err);
		if (r < 0)
			return r;
		if (i > 0)
			strbuf_add(&text, separator->text, separator->len);
		strbuf_add(&text, item.text, item.len);
		if (text.len > FORMAT_MAX_MEMORY)
			r = error_set(err, E2BIG, "text of more than %d bytes", FORMAT_MAX_MEMORY);
	}
	return r < 0 ? r : value_from_buffer(call->scope, &text, ret, err);
}

static void add_part(struct json_object *list, const char *text, size_t len)
{
	json_object_array_add(list, json_object_new_string_len(text, (int)len));
}

/* Without a separator: into characters, as Go does. */
static void split(struct json_object *list, const struct value *text, const struct value *separator)
{
	const char *at = text->text, *end = at + text->len, *found;

	if (separator->len == 0) {
		while (at < end) {
			size_t size = utf8_offset(at, (size_t)(end - at), 1);

			add_part(list, at, size);
			at += size;
		}
		return;
	}
	while ((found = memmem(at, (size_t)(end - at), separator->text, separator->len))) {
		add_part(list, at, (size_t)(found - at));
		at = found + separator->len;
	}
	add_part(list, at, (size_t)(end - at));
}

int function_split(const struct function_call *call, struct value *ret, struct error *err)
{
	struct json_object *list;
	int r = need_text(&call->args[0], err);

	if (r == 0)
		r = need_text(&call->args[1], err);
	if (r == 0 && call->args[0].len > SPLIT_MAX)
		r = error_set(err, E2BIG, "text of more than %d bytes", SPLIT_MAX);
	if (r < 0)
		return r;
	list = json_object_new_array();
	split(list, &call->args[0], &call->args[1]);
	*ret = (struct value){.kind = VALUE_LIST, .type = &format_strings, .obj = list};
	return pool_take_json(call->scope->pool, list, err);
}

/*
 * Latin, Greek and Cyrillic letters, whose cases lie in blocks; towupper() knows only ASCII in the
 * C locale, which is the one that our programs have.
 */
static uint32_t other_case(uint32_t code, bool to_upper)
{
	static const struct {
		uint32_t first, last; /* capitals */
		uint32_t distance;    /* to the small letters */
	} blocks[] = {{'A', 'Z', 32}, {0xc0, 0xd6, 32}, {0xd8, 0xde, 32}, {0x391, 0x3a1, 32},
		{0x3a3, 0x3a9, 32}, {0x410, 0x42f, 32}, {0x400, 0x40f, 80}};

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		uint32_t distance = to_upper ? blocks[i].distance : 0;

		if (code < blocks[i].first + distance || code > blocks[i].last + distance)
			continue;
		return to_upper ? code - distance : code + blocks[i].distance;
	}
	/* Latin Extended-A has them in pairs, the capital even. */
	if ((code >= 0x100 && code <= 0x12f) || (code >= 0x14a && code <= 0x177))
		return to_upper ? code & ~UINT32_C(1) : code | 1;
	return code;
}

enum casing { CASING_LOWER = 0, CASING_UPPER, CASING_TITLE };

static bool is_letter(uint32_t code)
{
	return code >= 0x80 || isalnum((int)code) || code == '_';
}

static int change_case(
	const struct function_call *call, enum casing casing, struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf made = STRBUF_INIT;
	const struct value *text = &call->args[0];
	bool in_word = false;
	int r = need_text(text, err);
	size_t size;
	uint32_t code;

	for (size_t at = 0; r == 0 && at < text->len; at += size) {
		size = utf8_decode(text->text + at, text->len - at, &code);
		if (code == UTF8_INVALID)
			strbuf_add(&made, text->text + at, size);
		else if (casing == CASING_TITLE && in_word)
			utf8_add(&made, code);
		else
			utf8_add(&made, other_case(code, casing != CASING_LOWER));
		in_word = is_letter(code);
	}
	return r < 0 ? r : value_from_buffer(call->scope, &made, ret, err);
}

int function_lower(const struct function_call *call, struct value *ret, struct error *err)
{
	return change_case(call, CASING_LOWER, ret, err);
}

int function_upper(const struct function_call *call, struct value *ret, struct error *err)
{
	return change_case(call, CASING_UPPER, ret, err);
}

int function_title(const struct function_call *call, struct value *ret, struct error *err)
{
	return change_case(call, CASING_TITLE, ret, err);
}

/* Blanks before and behind a text that is not empty. */
int function_pad(const struct function_call *call, struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf made = STRBUF_INIT;
	const struct value *text = &call->args[0];
	int r = need_text(text, err);

	if (r == 0)
		r = need_number(&call->args[1], PAD_MAX, err);
	if (r == 0)
		r = need_number(&call->args[2], PAD_MAX, err);
	if (r < 0)
		return r;
	if (text->len > 0)
		strbuf_addf(&made, "%*s", (int)call->args[1].integer, "");
	strbuf_add(&made, text->text, text->len);
	if (text->len > 0)
		strbuf_addf(&made, "%*s", (int)call->args[2].integer, "");
	return value_from_buffer(call->scope, &made, ret, err);
}

/* To so many bytes, as docker has it, but never within a character. */
int function_truncate(const struct function_call *call, struct value *ret, struct error *err)
{
	const struct value *text = &call->args[0];
	int r = need_text(text, err);
	size_t len, at = 0;

	if (r == 0)
		r = need_number(&call->args[1], INT64_MAX, err);
	if (r < 0)
		return r;
	*ret = value_text(text->text, text->len);
	len = (size_t)call->args[1].integer;
	if (text->len <= len)
		return 0;
	for (;;) {
		size_t size = utf8_offset(text->text + at, text->len - at, 1);

		if (at + size > len)
			break;
		at += size;
	}
	ret->len = at;
	return 0;
}
