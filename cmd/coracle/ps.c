/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/json.h"
#include "common/out.h"
#include "common/table.h"
#include "common/template.h"
#include "ps-row.h"
#include "verbs.h"

struct ps_options {
	bool all;
	bool quiet;
	bool no_trunc;
	bool no_heading;
	bool latest;
	int64_t last;
	char *format;
	char **filters;
};

static void init(void *data)
{
	struct ps_options *options = data;

	options->last = -1;
}

static const struct opt ps_opts[] = {
	OPT_BOOL(struct ps_options, all, "all", 'a', "Also those that do not run"),
	OPT_LIST(struct ps_options, filters, "filter", 'f', "KEY=VALUE",
		"Only those that match: id, name, status, exited, ancestor, label, volume, "
		"network"),
	OPT_STRING(struct ps_options, format, "format", 0, "FORMAT", "json, or a Go template"),
	OPT_I64(struct ps_options, last, "last", 'n', "N", "The N newest, in any state"),
	OPT_BOOL(struct ps_options, latest, "latest", 'l', "The newest, in any state"),
	OPT_BOOL(struct ps_options, no_heading, "noheading", 0, "Leave the first line out"),
	OPT_BOOL(struct ps_options, no_trunc, "no-trunc", 0, "Full ids and commands"),
	OPT_BOOL(struct ps_options, quiet, "quiet", 'q', "Print ids only"),
	OPT_END,
};

/* Moves the rows that are shown to the front; returns their number. */
static int select_rows(const struct ps_options *options, struct engine_ps *list, size_t *ret_count,
	struct error *err)
{
	size_t limit = list->count;
	bool all = options->all || options->latest || options->last >= 0 || options->filters;
	size_t count = 0;

	if (options->latest)
		limit = 1;
	else if (options->last >= 0)
		limit = (size_t)options->last;
	for (size_t i = 0; i < list->count && count < limit; i++) {
		struct engine_ps_row row = list->rows[i];
		int r;

		if (!all && !str_eq(row.state, "running") && !str_eq(row.state, "stopping"))
			continue;
		r = ps_row_matches(&row, options->filters, err);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		list->rows[i] = list->rows[count];
		list->rows[count++] = row;
	}
	*ret_count = count;
	return 0;
}

static char **table_row(
	const struct ps_options *options, const struct engine_ps_row *row, int64_t now)
{
	char **cells = NULL;

	strv_take(&cells, out_id(row->id, options->no_trunc));
	strv_add(&cells, row->image ? row->image : "");
	strv_take(&cells, ps_row_command(row, options->no_trunc));
	strv_take(&cells, out_ago(row->created_ns, now));
	strv_take(&cells, ps_row_status(row, now));
	strv_take(&cells, ps_row_ports(row));
	strv_add(&cells, row->name ? row->name : "");
	return cells;
}

static void print_table(
	const struct ps_options *options, const struct engine_ps_row *rows, size_t count)
{
	static const char header[] = "CONTAINER ID\tIMAGE\tCOMMAND\tCREATED\tSTATUS\tPORTS\tNAMES";
	AUTO(table_release) struct table table;
	autofree char *text = NULL;
	int64_t now = clock_now_ns();

	table_init(&table, options->no_heading ? NULL : header);
	for (size_t i = 0; i < count; i++)
		table_add(&table, table_row(options, &rows[i], now));
	text = table_text(&table);
	out_text(text);
}

static int print_format(const struct ps_options *options, const struct engine_ps_row *rows,
	size_t count, struct error *err)
{
	AUTO(json_free) struct json_object *list = json_object_new_array();
	bool json = str_eq(options->format, "json");
	int64_t now = clock_now_ns();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(list, json ? ps_row_json(&rows[i], now)
						 : ps_row_fields(&rows[i], now, options->no_trunc));
	return template_print(options->format, list, !options->no_heading, err);
}

static int cmd_ps(struct cli *cli, void *data, char **args)
{
	const struct ps_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(engine_ps_release) struct engine_ps list = {0};
	struct error err = {0};
	size_t count = 0;

	(void)args;
	if (cli_engine_open(cli, &engine, &err) < 0 || engine_ps(engine, &list, &err) < 0 ||
		select_rows(options, &list, &count, &err) < 0)
		return out_failed(&err);
	if (options->format) {
		if (print_format(options, list.rows, count, &err) < 0)
			return out_failed(&err);
	} else if (options->quiet) {
		for (size_t i = 0; i < count; i++) {
			autofree char *id = out_id(list.rows[i].id, options->no_trunc);

			out_linef("%s", id);
		}
	} else {
		print_table(options, list.rows, count);
	}
	return 0;
}

const struct command ps_command = {
	.name = "ps",
	.summary = "List containers",
	.opts = ps_opts,
	.options_size = sizeof(struct ps_options),
	.init = init,
	.run = cmd_ps,
};
