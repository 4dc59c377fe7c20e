/* SPDX-License-Identifier: Apache-2.0 */
#include "format/value.h"

#include <errno.h>
#include <json-c/linkhash.h>

#define ZERO_TIME "0001-01-01T00:00:00Z"

const struct format_type format_any = {.kind = FORMAT_ANY};
const struct format_type format_string = {.kind = FORMAT_STRING};
const struct format_type format_int = {.kind = FORMAT_INT};
const struct format_type format_bool = {.kind = FORMAT_BOOL};
const struct format_type format_time = {.kind = FORMAT_TIME};
const struct format_type format_list = {.kind = FORMAT_LIST};
const struct format_type format_strings = {.kind = FORMAT_LIST, .items = &format_string};
const struct format_type format_map = {.kind = FORMAT_MAP};
const struct format_type format_string_map = {.kind = FORMAT_MAP, .items = &format_string};

static enum format_kind kind_of(const struct format_type *type)
{
	return type ? type->kind : FORMAT_ANY;
}

/* @type when it is of this kind: what the JSON has wins over what was announced. */
static const struct format_type *only(const struct format_type *type, enum format_kind kind)
{
	return kind_of(type) == kind ? type : NULL;
}

int value_from_buffer(
	const struct value_scope *scope, struct strbuf *text, struct value *ret, struct error *err)
{
	size_t len = text->len;
	const char *kept = "";
	int r = len > 0 ? pool_take_text(scope->pool, text, &kept, err) : 0;

	if (r == 0)
		*ret = value_text(kept, len);
	return r;
}

int value_from_data(const struct value_scope *scope, const char *text, size_t len,
	struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf clean = STRBUF_INIT;

	if (!clean_is_needed(text, len, scope->clean)) {
		*ret = value_text(text, len);
		return 0;
	}
	clean_add(&clean, text, len, scope->clean);
	return value_from_buffer(scope, &clean, ret, err);
}

static int absent(const struct value_scope *scope, const struct format_type *type,
	struct value *ret, struct error *err)
{
	struct json_object *time;

	*ret = (struct value){.kind = VALUE_NIL, .type = type};
	switch (kind_of(type)) {
	case FORMAT_ANY:
		return 0;
	case FORMAT_STRING:
		*ret = value_text("", 0);
		return 0;
	case FORMAT_INT:
		*ret = value_int(0);
		return 0;
	case FORMAT_BOOL:
		*ret = value_bool(false);
		return 0;
	case FORMAT_TIME:
		time = json_object_new_string(ZERO_TIME);
		*ret = (struct value){.kind = VALUE_TIME, .obj = time};
		return pool_take_json(scope->pool, time, err);
	case FORMAT_LIST:
		ret->kind = VALUE_LIST;
		return 0;
	case FORMAT_MAP:
		ret->kind = VALUE_MAP;
		return 0;
	case FORMAT_STRUCT:
		if (type->is_embedded)
			ret->kind = VALUE_STRUCT;
		return 0;
	}
	return 0;
}

static int from_string(const struct value_scope *scope, struct json_object *obj,
	const struct format_type *type, struct value *ret, struct error *err)
{
	int r = 0;

	if (kind_of(type) == FORMAT_TIME)
		*ret = (struct value){.kind = VALUE_TIME};
	else
		r = value_from_data(scope, json_object_get_string(obj),
			(size_t)json_object_get_string_len(obj), ret, err);
	if (r == 0)
		ret->obj = obj;
	return r;
}

int value_from_json(const struct value_scope *scope, struct json_object *obj,
	const struct format_type *type, struct value *ret, struct error *err)
{
	switch (json_object_get_type(obj)) {
	case json_type_null:
		return absent(scope, type, ret, err);
	case json_type_boolean:
		*ret = value_bool(json_object_get_boolean(obj));
		return 0;
	case json_type_int:
		*ret = value_int(json_object_get_int64(obj));
		return 0;
	case json_type_double:
		*ret = (struct value){.kind = VALUE_FLOAT, .real = json_object_get_double(obj)};
		return 0;
	case json_type_string:
		return from_string(scope, obj, type, ret, err);
	case json_type_array:
		*ret = (struct value){
			.kind = VALUE_LIST, .type = only(type, FORMAT_LIST), .obj = obj};
		return 0;
	case json_type_object:
		*ret = (struct value){.kind = VALUE_STRUCT, .obj = obj};
		ret->type = only(type, FORMAT_STRUCT);
		if (kind_of(type) != FORMAT_MAP)
			return 0;
		ret->kind = VALUE_MAP;
		ret->type = type;
		return 0;
	}
	return 0;
}

struct value value_from_row(const struct format_rows *rows, size_t index)
{
	const struct format_type *type = rows->types ? rows->types[index] : rows->type;
	struct value value = {.kind = VALUE_ROW, .type = type, .row = rows->items[index]};

	if (type && type->json)
		return value;
	value.kind = VALUE_STRUCT;
	value.row = NULL;
	value.obj = (struct json_object *)rows->items[index];
	return value;
}

size_t value_count(const struct value *value)
{
	switch (value->kind) {
	case VALUE_ROWS:
		return value->rows->count;
	case VALUE_LIST:
		return value->obj ? json_object_array_length(value->obj) : 0;
	case VALUE_MAP:
	case VALUE_STRUCT:
		return value->obj ? (size_t)json_object_object_length(value->obj) : 0;
	default:
		return 0;
	}
}

int value_item(const struct value_scope *scope, const struct value *from, size_t index,
	struct value *ret, struct error *err)
{
	if (from->kind == VALUE_ROWS) {
		*ret = value_from_row(from->rows, index);
		return 0;
	}
	return value_from_json(scope, json_object_array_get_idx(from->obj, index),
		from->type ? from->type->items : NULL, ret, err);
}

static int compare_keys(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char **value_keys(const struct value *value)
{
	const char **keys = xcalloc(value_count(value) + 1, sizeof(*keys));
	size_t count = 0;

	if (!value->obj)
		return keys;
	json_object_object_foreach(value->obj, key, member)
	{
		(void)member;
		keys[count++] = key;
	}
	if (value->kind == VALUE_MAP && count > 0)
		qsort(keys, count, sizeof(*keys), compare_keys);
	return keys;
}

const struct format_type *value_member_type(const struct format_type *type, const char *key)
{
	if (!type)
		return NULL;
	if (type->kind == FORMAT_MAP)
		return type->items;
	for (const struct format_field *field = type->fields; field && field->name; field++) {
		if (str_eq(field->key ? field->key : field->name, key))
			return field->type;
	}
	return type->kind == FORMAT_STRUCT ? type->items : NULL;
}

int value_of_key(const struct value_scope *scope, const struct value *from, const char *key,
	struct value *ret, struct error *err)
{
	const struct format_type *type = value_member_type(from->type, key);
	struct json_object *member = NULL;

	if (json_object_object_get_ex(from->obj, key, &member) || type)
		return value_from_json(scope, member, type, ret, err);
	*ret = value_none();
	return 0;
}

static struct json_object *row_json(
	const struct value_scope *scope, const struct format_type *type, const void *data)
{
	const struct format_row row = {.data = data, .context = scope->rows->context};

	return type->json(&row);
}

struct json_object *value_to_json(const struct value_scope *scope, const struct value *value)
{
	struct json_object *array;

	if (value->obj)
		return json_object_get(value->obj);
	switch (value->kind) {
	case VALUE_BOOL:
		return json_object_new_boolean(value->integer != 0);
	case VALUE_INT:
		return json_object_new_int64(value->integer);
	case VALUE_FLOAT:
		return json_object_new_double(value->real);
	case VALUE_STRING:
	case VALUE_HEADER:
		return json_object_new_string_len(value->text, (int)value->len);
	case VALUE_ROW:
		return row_json(scope, value->type, value->row);
	case VALUE_ROWS:
		array = json_object_new_array();
		for (size_t i = 0; i < value->rows->count; i++) {
			struct value row = value_from_row(value->rows, i);

			json_object_array_add(array, value_to_json(scope, &row));
		}
		return array;
	default:
		return NULL;
	}
}

bool value_is_true(const struct value *value)
{
	switch (value->kind) {
	case VALUE_NONE:
	case VALUE_NIL:
		return false;
	case VALUE_BOOL:
	case VALUE_INT:
		return value->integer != 0;
	case VALUE_FLOAT:
		return value->real != 0;
	case VALUE_STRING:
		return value->len > 0;
	case VALUE_LIST:
	case VALUE_MAP:
	case VALUE_ROWS:
		return value_count(value) > 0;
	default:
		return true;
	}
}

const char *value_type_name(const struct value *value)
{
	static const char *const names[] = {
		[VALUE_NONE] = "nil",
		[VALUE_NIL] = "object",
		[VALUE_BOOL] = "bool",
		[VALUE_INT] = "int",
		[VALUE_FLOAT] = "float64",
		[VALUE_STRING] = "string",
		[VALUE_TIME] = "time",
		[VALUE_LIST] = "list",
		[VALUE_MAP] = "map",
		[VALUE_STRUCT] = "object",
		[VALUE_ROW] = "object",
		[VALUE_ROWS] = "list",
		[VALUE_HEADER] = "string",
	};

	if (value->type && value->type->name && value->kind != VALUE_ROWS)
		return value->type->name;
	return names[value->kind];
}
