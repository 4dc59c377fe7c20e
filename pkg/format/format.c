/* SPDX-License-Identifier: Apache-2.0 */
#include "format/format.h"

#include <errno.h>

#include "format/align.h"
#include "format/eval.h"
#include "format/json-text.h"

bool format_is_json(const char *format)
{
	return str_eq(format, "json");
}

/* The list is made here: json_text_add() knows one type of elements. */
static void add_json(const struct format_rows *rows, struct strbuf *ret)
{
	const struct value_scope scope = {.rows = rows};

	strbuf_adds(ret, rows->count > 0 ? "[\n" : "[");
	for (size_t i = 0; i < rows->count; i++) {
		struct value row = value_from_row(rows, i);
		struct json_object *obj = value_to_json(&scope, &row);

		strbuf_addf(ret, "%*s", JSON_TEXT_INDENT, "");
		json_text_add(ret, obj, row.type, JSON_TEXT_LISTED);
		strbuf_adds(ret, i + 1 < rows->count ? ",\n" : "\n");
		json_object_put(obj);
	}
	strbuf_adds(ret, "]\n");
}

/* Every row is a line; so is what comes of no rows, if anything does. */
static int run_line(
	struct eval *eval, const struct value *dot, bool may_be_empty, struct error *err)
{
	struct strbuf *out = eval->out;
	size_t before = out->len;
	int r = eval_run(eval, dot, err);

	if (r < 0 || (may_be_empty && out->len == before))
		return r;
	if (out->len == before || out->data[out->len - 1] != '\n')
		strbuf_addc(out, '\n');
	return 0;
}

static int run_rows(struct eval *eval, struct error *err)
{
	const struct format_rows *rows = eval->rows;
	const struct value list = {.kind = VALUE_ROWS, .type = rows->type, .rows = rows};

	if (template_begins_with_range(eval->template))
		return run_line(eval, &list, rows->count == 0, err);
	for (size_t i = 0; i < rows->count; i++) {
		struct value row = value_from_row(rows, i);
		int r = run_line(eval, &row, false, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int run_table(const struct eval *eval, struct strbuf *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct eval table = *eval;
	const struct value header = {
		.kind = VALUE_HEADER, .type = eval->rows->type, .text = "", .len = 0};
	int r = 0;

	table.out = &text;
	table.clean = CLEAN_CELL;
	if (!eval->rows->no_heading)
		r = run_line(&table, &header, false, err);
	if (r == 0)
		r = run_rows(&table, err);
	if (r == 0)
		r = align_add(ret, strbuf_get(&text), text.len, FORMAT_MAX_OUTPUT, err);
	return r;
}

static int run_template(
	const char *format, const struct format_rows *rows, struct strbuf *ret, struct error *err)
{
	AUTO(template_free) struct template *template = NULL;
	struct eval eval = {
		.rows = rows,
		.out = ret,
		.clean = rows->bytes == FORMAT_BYTES_RAW ? CLEAN_NOTHING : CLEAN_LINES,
	};
	int r = template_parse(rows->verb, format, &template, err);

	if (r < 0)
		return r;
	eval.template = template;
	return template->is_table ? run_table(&eval, ret, err) : run_rows(&eval, err);
}

int format_rows_text(
	const char *format, const struct format_rows *rows, struct strbuf *ret, struct error *err)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	int r = 0;

	if (format_is_json(format))
		add_json(rows, &text);
	else
		r = run_template(format, rows, &text, err);
	if (r < 0)
		return r;
	strbuf_add(ret, text.data, text.len);
	return 0;
}
