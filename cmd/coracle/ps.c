/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "common/out.h"
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

static int print(const struct ps_options *options, const struct engine_ps_row *list, size_t count,
	struct error *err)
{
	const struct ps_row_context context = {.now_ns = clock_now_ns(), .full = options->no_trunc};
	autofree const void **items = xcalloc(count + 1, sizeof(*items));
	const struct format_rows rows = {
		.verb = "ps",
		.type = &ps_row_type,
		.items = items,
		.count = count,
		.context = &context,
		.no_heading = options->no_heading,
	};
	const char *format = options->quiet ? "{{.ID}}" : PS_ROW_TABLE;

	for (size_t i = 0; i < count; i++)
		items[i] = &list[i];
	return out_rows(options->format ? options->format : format, &rows, err);
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
		select_rows(options, &list, &count, &err) < 0 ||
		print(options, list.rows, count, &err) < 0)
		return out_failed(&err);
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
