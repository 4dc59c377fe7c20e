/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>

#include "base/clock.h"
#include "format/header.h"
#include "format/value.h"

/* {{.Name}}: fields of rows and objects, keys of maps, and the few that times have. */

static int unknown(const struct value *from, const char *name, struct error *err)
{
	return error_set(
		err, EINVAL, "can't evaluate field %s in type %s", name, value_type_name(from));
}

static const struct format_field *find(const struct format_type *type, const char *name)
{
	for (const struct format_field *field = type ? type->fields : NULL; field && field->name;
		field++) {
		if (str_eq(field->name, name))
			return field;
	}
	return NULL;
}

static int check_word(
	const struct format_field *field, const char *name, const char *word, struct error *err)
{
	bool takes_word = field && field->call;

	if (word && !takes_word)
		return error_set(
			err, EINVAL, "%s has arguments but cannot be invoked as function", name);
	if (!word && takes_word)
		return error_set(err, EINVAL, "wrong number of args for %s: want 1 got 0", name);
	return 0;
}

/* Keeps what a function of the caller made until the row is done. */
static int from_new(const struct value_scope *scope, struct json_object *obj,
	const struct format_type *type, struct value *ret, struct error *err)
{
	int r = pool_take_json(scope->pool, obj, err);

	return r < 0 ? r : value_from_json(scope, obj, type, ret, err);
}

static int computed(const struct value_scope *scope, const struct format_field *field,
	const void *data, const char *word, struct value *ret, struct error *err)
{
	const struct format_row row = {.data = data, .context = scope->rows->context};
	struct json_object *obj = field->call ? field->call(&row, word) : field->get(&row);

	return from_new(scope, obj, field->type, ret, err);
}

/* The member of an object that a field is, under its own name or the one it has there. */
static bool find_member(const struct value *from, const struct format_field *field,
	const char *name, struct json_object **ret)
{
	const char *key = field && field->key ? field->key : name;
	autofree char *small = NULL;

	if (json_object_object_get_ex(from->obj, key, ret))
		return true;
	if (field || !from->type || !from->type->small_keys)
		return false;
	small = xstrdup(name);
	*small = (char)tolower((unsigned char)*small);
	return json_object_object_get_ex(from->obj, small, ret);
}

static int field_of_object(const struct value_scope *scope, const struct value *from,
	const char *name, const char *word, struct value *ret, struct error *err)
{
	const struct format_field *field = find(from->type, name);
	bool is_open = !from->type || !from->type->fields || from->type->is_open;
	const struct format_type *type = field        ? field->type
					 : from->type ? from->type->items
						      : NULL;
	struct json_object *member = NULL;
	int r;

	if (field && (field->get || field->call)) {
		r = check_word(field, name, word, err);
		return r < 0 ? r : computed(scope, field, from->obj, word, ret, err);
	}
	if (!(find_member(from, field, name, &member) && is_open) && !field)
		return unknown(from, name, err);
	r = check_word(field, name, word, err);
	return r < 0 ? r : value_from_json(scope, member, type, ret, err);
}

static int field_of_row(const struct value_scope *scope, const struct value *from, const char *name,
	const char *word, struct value *ret, struct error *err)
{
	const struct format_field *field = find(from->type, name);
	struct value object;
	int r;

	if (field && (field->get || field->call)) {
		r = check_word(field, name, word, err);
		return r < 0 ? r : computed(scope, field, from->row, word, ret, err);
	}
	if (!field && !from->type->is_open)
		return unknown(from, name, err);
	r = from_new(scope, value_to_json(scope, from), from->type, &object, err);
	return r < 0 ? r : field_of_object(scope, &object, name, word, ret, err);
}

static int field_of_time(
	const struct value *from, const char *name, struct value *ret, struct error *err)
{
	int64_t ns = 0;

	if (!str_eq(name, "Unix"))
		return unknown(from, name, err);
	if (time_parse(json_object_get_string(from->obj), &ns) < 0)
		return error_set(err, EINVAL, "not a time");
	/* Year 1, where clocks of ours have "never". */
	*ret = value_int(ns ? ns / 1000000000 : -62135596800);
	return 0;
}

/* The header of a column, instead of what stands below it. */
static int field_of_header(const struct value_scope *scope, const struct value *from,
	const char *name, const char *word, struct value *ret, struct error *err)
{
	const struct format_type *type = from->type;
	const struct format_field *field = find(type, name);
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	int r;

	if (!field && type && type->kind == FORMAT_STRUCT && type->fields && !type->is_open)
		return unknown(from, name, err);
	if (field && field->call && word)
		strbuf_adds(&text, word);
	else if (field && field->header)
		strbuf_adds(&text, field->header);
	else
		header_add(&text, name);
	r = value_from_buffer(scope, &text, ret, err);
	ret->kind = VALUE_HEADER;
	if (field)
		ret->type = field->type;
	else if (type && type->kind != FORMAT_LIST)
		ret->type = type->items;
	return r;
}

int value_field(const struct value_scope *scope, const struct value *from, const char *name,
	const char *word, struct value *ret, struct error *err)
{
	switch (from->kind) {
	case VALUE_NONE:
		*ret = value_none();
		return 0;
	case VALUE_NIL:
		return error_set(
			err, EINVAL, "nil pointer evaluating %s.%s", value_type_name(from), name);
	case VALUE_MAP:
		if (word)
			return error_set(err, EINVAL, "%s is not a method but has arguments", name);
		if (from->obj && json_object_object_get_ex(from->obj, name, NULL))
			return value_of_key(scope, from, name, ret, err);
		*ret = value_none();
		return 0;
	case VALUE_STRUCT:
		return field_of_object(scope, from, name, word, ret, err);
	case VALUE_ROW:
		return field_of_row(scope, from, name, word, ret, err);
	case VALUE_TIME:
		return field_of_time(from, name, ret, err);
	case VALUE_HEADER:
		return field_of_header(scope, from, name, word, ret, err);
	default:
		return unknown(from, name, err);
	}
}
