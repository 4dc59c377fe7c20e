/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "format/functions.h"

/* eq, lt and their kin: values of one basic kind are compared, everything else is a mistake. */

#define BAD_TYPE "invalid type for comparison"
#define BAD_PAIR "incompatible types for comparison"

static bool is_basic(const struct value *value)
{
	return value->kind == VALUE_BOOL || value->kind == VALUE_INT ||
	       value->kind == VALUE_FLOAT || value->kind == VALUE_STRING;
}

static int compare_texts(const struct value *left, const struct value *right)
{
	size_t shorter = left->len < right->len ? left->len : right->len;
	int r = shorter > 0 ? memcmp(left->text, right->text, shorter) : 0;

	return r != 0 ? r : (left->len > right->len) - (left->len < right->len);
}

/* Of one basic kind: below, at or above 0. */
static int compare(const struct value *left, const struct value *right)
{
	if (left->kind == VALUE_STRING)
		return compare_texts(left, right);
	if (left->kind == VALUE_FLOAT)
		return (left->real > right->real) - (left->real < right->real);
	return (left->integer > right->integer) - (left->integer < right->integer);
}

/* 1, 0 or -EINVAL. nil equals nil and nothing else. */
static int equals(const struct value *left, const struct value *right, struct error *err)
{
	if (value_is_absent(left) || value_is_absent(right))
		return value_is_absent(left) && value_is_absent(right);
	if (left->kind == VALUE_TIME && right->kind == VALUE_TIME)
		return str_eq(
			json_object_get_string(left->obj), json_object_get_string(right->obj));
	if (!is_basic(left) && !is_basic(right))
		return error_set(err, EINVAL, "non-comparable type %s", value_type_name(left));
	if (left->kind != right->kind)
		return error_set(err, EINVAL, BAD_PAIR);
	return compare(left, right) == 0;
}

int function_eq(const struct function_call *call, struct value *ret, struct error *err)
{
	if (call->count < 2)
		return error_set(err, EINVAL, "missing argument for comparison");
	for (size_t i = 1; i < call->count; i++) {
		int r = equals(&call->args[0], &call->args[i], err);

		if (r < 0)
			return r;
		*ret = value_bool(r > 0);
		if (r > 0)
			return 0;
	}
	return 0;
}

int function_ne(const struct function_call *call, struct value *ret, struct error *err)
{
	int r = equals(&call->args[0], &call->args[1], err);

	if (r >= 0)
		*ret = value_bool(r == 0);
	return r < 0 ? r : 0;
}

static int order(const struct function_call *call, int *ret, struct error *err)
{
	const struct value *left = &call->args[0], *right = &call->args[1];

	if (!is_basic(left) || !is_basic(right))
		return error_set(err, EINVAL, BAD_TYPE);
	if (left->kind != right->kind)
		return error_set(err, EINVAL, BAD_PAIR);
	if (left->kind == VALUE_BOOL)
		return error_set(err, EINVAL, BAD_TYPE);
	*ret = compare(left, right);
	return 0;
}

int function_lt(const struct function_call *call, struct value *ret, struct error *err)
{
	int result = 0, r = order(call, &result, err);

	*ret = value_bool(result < 0);
	return r;
}

int function_le(const struct function_call *call, struct value *ret, struct error *err)
{
	int result = 0, r = order(call, &result, err);

	*ret = value_bool(result <= 0);
	return r;
}

int function_gt(const struct function_call *call, struct value *ret, struct error *err)
{
	int result = 0, r = order(call, &result, err);

	*ret = value_bool(result > 0);
	return r;
}

int function_ge(const struct function_call *call, struct value *ret, struct error *err)
{
	int result = 0, r = order(call, &result, err);

	*ret = value_bool(result >= 0);
	return r;
}
