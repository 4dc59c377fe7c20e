/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "format/functions.h"

/* len, index and slice: parts of texts, lists and maps. */

int function_len(const struct function_call *call, struct value *ret, struct error *err)
{
	const struct value *value = &call->args[0];

	switch (value->kind) {
	case VALUE_STRING:
		*ret = value_int((int64_t)value->len);
		return 0;
	case VALUE_LIST:
	case VALUE_MAP:
	case VALUE_ROWS:
		*ret = value_int((int64_t)value_count(value));
		return 0;
	default:
		return error_set(err, EINVAL, "len of type %s", value_type_name(value));
	}
}

/* A number from 0 up to, but not, @limit. */
static int read_index(const struct value *index, size_t limit, size_t *ret, struct error *err)
{
	if (index->kind != VALUE_INT)
		return error_set(err, EINVAL, "cannot index slice/array with type %s",
			value_type_name(index));
	if (index->integer < 0 || (uint64_t)index->integer >= limit)
		return error_set(
			err, EINVAL, "index out of range: %lld", (long long)index->integer);
	*ret = (size_t)index->integer;
	return 0;
}

static int index_key(const struct value_scope *scope, const struct value *map,
	const struct value *key, struct value *ret, struct error *err)
{
	autofree char *text = NULL;

	if (key->kind != VALUE_STRING)
		return error_set(
			err, EINVAL, "value has type %s; should be string", value_type_name(key));
	text = xstrndup(key->text, key->len);
	return value_of_key(scope, map, text, ret, err);
}

static int index_once(const struct value_scope *scope, const struct value *from,
	const struct value *index, struct value *ret, struct error *err)
{
	size_t at = 0;
	int r;

	switch (from->kind) {
	case VALUE_MAP:
		return index_key(scope, from, index, ret, err);
	case VALUE_LIST:
	case VALUE_ROWS:
		r = read_index(index, value_count(from), &at, err);
		return r < 0 ? r : value_item(scope, from, at, ret, err);
	case VALUE_STRING:
		r = read_index(index, from->len, &at, err);
		if (r == 0)
			*ret = value_int((unsigned char)from->text[at]);
		return r;
	case VALUE_NONE:
	case VALUE_NIL:
		return error_set(err, EINVAL, "index of untyped nil");
	default:
		return error_set(err, EINVAL, "can't index item of type %s", value_type_name(from));
	}
}

int function_index(const struct function_call *call, struct value *ret, struct error *err)
{
	struct value value = call->args[0];

	for (size_t i = 1; i < call->count; i++) {
		struct value part = value_none();
		int r = index_once(call->scope, &value, &call->args[i], &part, err);

		if (r < 0)
			return r;
		value = part;
	}
	*ret = value;
	return 0;
}

static int slice_list(const struct value_scope *scope, const struct value *from, size_t first,
	size_t last, struct value *ret, struct error *err)
{
	struct json_object *part = json_object_new_array();

	for (size_t i = first; i < last; i++)
		json_object_array_add(
			part, json_object_get(json_object_array_get_idx(from->obj, i)));
	*ret = (struct value){.kind = VALUE_LIST, .type = from->type, .obj = part};
	return pool_take_json(scope->pool, part, err);
}

/* x[first:last]; a third number is the capacity of Go's slices, which nothing here has. */
int function_slice(const struct function_call *call, struct value *ret, struct error *err)
{
	const struct value *from = &call->args[0];
	size_t len = from->kind == VALUE_STRING ? from->len : value_count(from);
	size_t ends[3] = {0, len, len};

	if (from->kind != VALUE_STRING && from->kind != VALUE_LIST)
		return error_set(err, EINVAL, "can't slice item of type %s", value_type_name(from));
	if (from->kind == VALUE_STRING && call->count > 3)
		return error_set(err, EINVAL, "cannot 3-index slice a string");
	for (size_t i = 1; i < call->count; i++) {
		int r = read_index(&call->args[i], len + 1, &ends[i - 1], err);

		if (r < 0)
			return r;
	}
	if (ends[0] > ends[1] || ends[1] > ends[2])
		return error_set(err, EINVAL, "invalid slice index: %zu > %zu",
			ends[0] > ends[1] ? ends[0] : ends[1],
			ends[0] > ends[1] ? ends[1] : ends[2]);
	if (from->kind == VALUE_LIST)
		return slice_list(call->scope, from, ends[0], ends[1], ret, err);
	*ret = value_text(from->text + ends[0], ends[1] - ends[0]);
	return 0;
}
