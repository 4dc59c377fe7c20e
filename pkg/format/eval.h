/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_EVAL_H
#define FORMAT_EVAL_H

#include "format/template.h"
#include "format/value.h"

/* Private to pkg/format: carrying a template out. */

struct eval {
	const struct template *template;
	const struct format_rows *rows;
	enum clean_mode clean;
	struct strbuf *out; /* appended to; text of a run that failed may be left there */
	size_t steps;       /* taken so far; zero it once */
};

/*
 * eval_run - the text for one value of dot.
 * @dot: a row, the list of rows, or a HEADER of the rows' type: then every field is its header,
 *       functions but print leave headers alone, and the first branch of every if is taken
 * Returns 0; -EINVAL, -E2BIG with where and why.
 */
int eval_run(struct eval *eval, const struct value *dot, struct error *err);

#endif
