/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_CONSTANT_H
#define FORMAT_CONSTANT_H

#include "base/str.h"
#include "format/template.h"

/* Private to pkg/format: constants as Go spells them. */

/* The text of "…" or `…`, quotes included. 0; -EINVAL for an escape that does not exist. */
int constant_string(const char *text, size_t len, struct strbuf *ret);

/*
 * constant_number - 42, 0x1F, 0b11, 0o17, 017, 1_000, 1.5, 1e3, 'a'.
 * A number with a point or exponent that is whole is a float all the same.
 * Returns OPERAND_INT or OPERAND_FLOAT and sets what belongs to it; OPERAND_NIL when it is none, or
 * does not fit.
 */
enum operand_kind constant_number(
	const char *text, size_t len, int64_t *ret_integer, double *ret_real);

#endif
