/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_FUNCTIONS_H
#define FORMAT_FUNCTIONS_H

#include "format/value.h"

/* Private to pkg/format: the functions that templates may call. */

struct function_call {
	const struct value_scope *scope;
	const struct value *args;
	size_t count;
};

#define FUNCTION_ANY_NUMBER SIZE_MAX

struct function {
	const char *name;
	size_t min_args;
	size_t max_args; /* FUNCTION_ANY_NUMBER */
	/*
	 * With as many arguments as that allows. -EINVAL with what is wrong with them; -E2BIG.
	 * NULL: and, or, whose arguments are not evaluated before they are needed.
	 */
	int (*call)(const struct function_call *call, struct value *ret, struct error *err);
	bool stops_at; /* and: at the first false argument; or: at the first true one */
	/* The header of a column is what this makes of headers; else the header of its argument. */
	bool makes_header;
};

/* NULL: there is none of that name. */
const struct function *function_find(const char *name);

/* Left to right as the template has them: eq a b [c…], lt a b … . */
int function_eq(const struct function_call *call, struct value *ret, struct error *err);
int function_ne(const struct function_call *call, struct value *ret, struct error *err);
int function_lt(const struct function_call *call, struct value *ret, struct error *err);
int function_le(const struct function_call *call, struct value *ret, struct error *err);
int function_gt(const struct function_call *call, struct value *ret, struct error *err);
int function_ge(const struct function_call *call, struct value *ret, struct error *err);

int function_len(const struct function_call *call, struct value *ret, struct error *err);
int function_index(const struct function_call *call, struct value *ret, struct error *err);
int function_slice(const struct function_call *call, struct value *ret, struct error *err);

int function_join(const struct function_call *call, struct value *ret, struct error *err);
int function_split(const struct function_call *call, struct value *ret, struct error *err);
int function_lower(const struct function_call *call, struct value *ret, struct error *err);
int function_upper(const struct function_call *call, struct value *ret, struct error *err);
int function_title(const struct function_call *call, struct value *ret, struct error *err);
int function_pad(const struct function_call *call, struct value *ret, struct error *err);
int function_truncate(const struct function_call *call, struct value *ret, struct error *err);

#endif
