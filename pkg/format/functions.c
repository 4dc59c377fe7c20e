/* SPDX-License-Identifier: Apache-2.0 */
#include "format/functions.h"

#include <errno.h>

#include "format/fmt.h"
#include "format/json-text.h"

static int call_not(const struct function_call *call, struct value *ret, struct error *err)
{
	(void)err;
	*ret = value_bool(!value_is_true(&call->args[0]));
	return 0;
}

static int call_print(const struct function_call *call, struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	int r = fmt_print(call->scope, call->args, call->count, false, &text, err);

	return r < 0 ? r : value_from_buffer(call->scope, &text, ret, err);
}

static int call_println(const struct function_call *call, struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	int r = fmt_print(call->scope, call->args, call->count, true, &text, err);

	return r < 0 ? r : value_from_buffer(call->scope, &text, ret, err);
}

static int call_printf(const struct function_call *call, struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	const struct value *format = &call->args[0];
	int r;

	if (format->kind != VALUE_STRING && format->kind != VALUE_HEADER)
		return error_set(err, EINVAL, "wrong type for value; expected string; got %s",
			value_type_name(format));
	r = fmt_printf(call->scope, format->text, format->len, call->args + 1, call->count - 1,
		&text, err);
	return r < 0 ? r : value_from_buffer(call->scope, &text, ret, err);
}

static int call_json(const struct function_call *call, struct value *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct json_object *obj = value_to_json(call->scope, &call->args[0]);
	const struct format_type *type = call->args[0].type;

	if (call->args[0].kind == VALUE_ROWS)
		type = NULL;
	json_text_add(&text, obj, type, JSON_TEXT_COMPACT);
	json_object_put(obj);
	return value_from_buffer(call->scope, &text, ret, err);
}

#define MANY FUNCTION_ANY_NUMBER
#define CALL(words, min, max, function) \
	{ \
		.name = (words), .min_args = (min), .max_args = (max), .call = (function) \
	}
#define PRINT(words, min, function) \
	{ \
		.name = (words), .min_args = (min), .max_args = MANY, .call = (function), \
		.makes_header = true \
	}
#define LOGIC(words, value) \
	{ \
		.name = (words), .min_args = 1, .max_args = MANY, .stops_at = (value) \
	}

static const struct function functions[] = {
	LOGIC("and", false),
	LOGIC("or", true),
	CALL("not", 1, 1, call_not),
	CALL("eq", 1, MANY, function_eq),
	CALL("ne", 2, 2, function_ne),
	CALL("lt", 2, 2, function_lt),
	CALL("le", 2, 2, function_le),
	CALL("gt", 2, 2, function_gt),
	CALL("ge", 2, 2, function_ge),
	CALL("len", 1, 1, function_len),
	CALL("index", 1, MANY, function_index),
	CALL("slice", 1, 4, function_slice),
	PRINT("print", 0, call_print),
	PRINT("println", 0, call_println),
	PRINT("printf", 1, call_printf),
	CALL("json", 1, 1, call_json),
	CALL("join", 2, 2, function_join),
	CALL("split", 2, 2, function_split),
	CALL("lower", 1, 1, function_lower),
	CALL("upper", 1, 1, function_upper),
	CALL("title", 1, 1, function_title),
	CALL("pad", 3, 3, function_pad),
	CALL("truncate", 2, 2, function_truncate),
};

const struct function *function_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (str_eq(functions[i].name, name))
			return &functions[i];
	}
	return NULL;
}
