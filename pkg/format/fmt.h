/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_FMT_H
#define FORMAT_FMT_H

#include "format/value.h"

/* Private to pkg/format: values as text, in the manner of Go's package fmt. */

#define FMT_MAX_WIDTH 1000000

/* What stands between % and a verb. */
struct fmt_spec {
	uint32_t verb;
	bool minus, plus, sharp, space, zero;
	bool has_width, has_precision;
	int width; /* in characters */
	int precision;
};

/* Each appends to @ret and returns 0, or -E2BIG when a limit is met. */

/* One value by a verb; "%!d(string=x)" for a verb that is none of its kind. */
int fmt_value(const struct value_scope *scope, const struct fmt_spec *spec,
	const struct value *value, struct strbuf *ret, struct error *err);
/* %v */
int fmt_plain(const struct value_scope *scope, const struct value *value, struct strbuf *ret,
	struct error *err);
/*
 * printf. Missing, surplus and wrong arguments are shown in the text, as Go does. %#v and arguments
 * by number with a width of their own are not there.
 */
int fmt_printf(const struct value_scope *scope, const char *format, size_t len,
	const struct value *args, size_t count, struct strbuf *ret, struct error *err);
/* print: blanks between two that are no strings. println: between all, and a newline. */
int fmt_print(const struct value_scope *scope, const struct value *args, size_t count, bool is_line,
	struct strbuf *ret, struct error *err);

/* "a\tb" in quotes, as Go's %q. */
void fmt_add_quoted(struct strbuf *ret, const char *text, size_t len);

#endif
