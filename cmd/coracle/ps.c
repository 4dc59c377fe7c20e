/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "common/out.h"
#include "ps-filter.h"
#include "ps-row.h"
#include "verbs.h"

struct ps_options {
	bool all;
	bool quiet;
	bool no_trunc;
	bool no_heading;
	bool latest;
	bool size;
	bool namespaces;
	bool pod;
	bool external;
	bool sync;
	bool has_watch;
	int64_t watch_s;
	int64_t last;
	char *format;
	char *order;
	char **filters;
};

static void init(void *data)
{
	struct ps_options *options = data;

	options->last = -1;
}

static const struct opt ps_opts[] = {
	OPT_BOOL(struct ps_options, all, "all", 'a', "Also those that do not run"),
	OPT_BOOL(struct ps_options, external, "external", 0,
		"Also those of other tools: there are none"),
	OPT_CSV(struct ps_options, filters, "filter", 'f', "KEY=VALUE",
		"Only those that match, as ancestor=IMAGE, label=KEY, name=REGEX, status=STATE"),
	OPT_STRING(struct ps_options, format, "format", 0, "FORMAT", "json, or a Go template"),
	OPT_I64(struct ps_options, last, "last", 'n', "N", "The N newest, in any state"),
	OPT_BOOL(struct ps_options, latest, "latest", 'l', "The newest, in any state"),
	OPT_BOOL(struct ps_options, no_heading, "noheading", 0, "Leave the first line out"),
	OPT_BOOL(struct ps_options, no_trunc, "no-trunc", 0, "Full ids and commands"),
	OPT_BOOL(struct ps_options, namespaces, "namespace", 0, "As --ns", .hidden = true),
	OPT_BOOL(struct ps_options, namespaces, "ns", 0, "Show namespaces"),
	OPT_BOOL(struct ps_options, pod, "pod", 'p', "Show pods, of which there are none"),
	OPT_BOOL(struct ps_options, quiet, "quiet", 'q', "Print ids only"),
	OPT_BOOL(struct ps_options, size, "size", 's', "Show how much was written"),
	OPT_STRING(struct ps_options, order, "sort", 0, "KEY",
		"Order of the list (default created)", .values = PS_ROW_ORDERS),
	OPT_BOOL(struct ps_options, sync, "sync", 0, "Look at the real state, as we always do"),
	OPT_I64(struct ps_options, watch_s, "watch", 'w', "SECONDS", "Print again and again",
		.has_offset = offsetof(struct ps_options, has_watch)),
	OPT_END,
};

/* What cannot be combined, in podman's words. */
static int check_options(const struct ps_options *options, struct error *err)
{
	if (options->latest && options->last >= 0)
		return error_set(err, EINVAL, "last and latest are mutually exclusive");
	if (options->quiet && (options->size || options->namespaces))
		return error_set(err, EINVAL, "quiet conflicts with size and namespace");
	if (options->size && options->namespaces)
		return error_set(err, EINVAL, "size and namespace options conflict");
	if (options->has_watch && options->latest)
		return error_set(err, EINVAL, "the watch and latest flags cannot be used together");
	if (options->has_watch && (options->watch_s < 0 || options->watch_s > UINT_MAX))
		return error_set(err, EINVAL, "--watch %lld: not a number of seconds",
			(long long)options->watch_s);
	return 0;
}

static bool wants_all(const struct ps_options *options)
{
	return options->all || options->latest || options->last > 0 ||
	       ps_filter_has_key(options->filters, "status");
}

/* Moves the rows that are shown to the front; returns their number. */
static int select_rows(const struct ps_options *options, struct engine_ps *list, size_t *ret_count,
	struct error *err)
{
	AUTO(ps_filter_free) struct ps_filter *filter = NULL;
	bool all = wants_all(options);
	size_t limit = options->latest     ? 1
		       : options->last > 0 ? (size_t)options->last
					   : list->count;
	size_t count = 0;
	int r = ps_filter_new(options->filters, list, &filter, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list->count && count < limit; i++) {
		struct engine_ps_row row = list->rows[i];

		if (!all && !str_eq(row.state, "running") && !str_eq(row.state, "stopping") &&
			!str_eq(row.state, "restarting"))
			continue;
		if (!ps_filter_matches(filter, &row))
			continue;
		list->rows[i] = list->rows[count];
		list->rows[count++] = row;
	}
	*ret_count = count;
	return 0;
}

/* Columns of the table; the caller frees it. */
static char *default_format(const struct ps_options *options)
{
	if (options->quiet)
		return xstrdup("{{.ID}}");
	if (options->namespaces)
		return xstrdup(PS_ROW_TABLE_NAMESPACES);
	return xasprintf("%s%s%s", PS_ROW_TABLE, options->pod ? "\t{{.Pod}}\t{{.PodName}}" : "",
		options->size ? "\t{{.Size}}" : "");
}

static int print(const struct ps_options *options, const struct engine_ps_row *list, size_t count,
	struct error *err)
{
	const struct ps_row_context context = {.now_ns = clock_now_ns(), .full = options->no_trunc};
	autofree const void **items = xcalloc(count + 1, sizeof(*items));
	autofree char *format = default_format(options);
	const struct format_rows rows = {
		.verb = "ps",
		.type = &ps_row_type,
		.items = items,
		.count = count,
		.context = &context,
		.no_heading = options->no_heading,
	};

	for (size_t i = 0; i < count; i++)
		items[i] = &list[i];
	return out_rows(options->format ? options->format : format, &rows, err);
}

/* What only runs is quick to find; but "before" may name one that does not. */
static int read_list(struct engine *engine, const struct ps_options *options, struct engine_ps *ret,
	struct error *err)
{
	if (wants_all(options) || options->filters)
		return engine_ps(engine, ret, err);
	return engine_ps_monitored(engine, ret, err);
}

static int list_once(struct engine *engine, const struct ps_options *options, struct error *err)
{
	AUTO(engine_ps_release) struct engine_ps list = {0};
	size_t count = 0;
	int r = read_list(engine, options, &list, err);

	if (r == 0)
		r = select_rows(options, &list, &count, err);
	if (r < 0)
		return r;
	if (options->size || (options->order && str_eq(options->order, "size")))
		engine_ps_add_sizes(engine, list.rows, count);
	if (options->namespaces)
		engine_ps_add_namespaces(list.rows, count);
	ps_rows_sort(list.rows, count, options->order ? options->order : "created");
	return print(options, list.rows, count, err);
}

/* Until somebody ends us. Whole lists follow each other in a pipe; a terminal is cleared. */
static int watch(struct engine *engine, const struct ps_options *options, struct error *err)
{
	int r = 0;

	while (r == 0) {
		if (isatty(STDOUT_FILENO))
			out_text("\033[H\033[2J");
		r = list_once(engine, options, err);
		fflush(stdout);
		if (r == 0)
			sleep((unsigned)options->watch_s);
	}
	return r;
}

static int cmd_ps(struct cli *cli, void *data, char **args)
{
	const struct ps_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};
	int r = check_options(options, &err);

	(void)args;
	if (r == 0)
		r = cli_engine_open(cli, &engine, &err);
	if (r == 0)
		r = options->watch_s > 0 ? watch(engine, options, &err)
					 : list_once(engine, options, &err);
	return r < 0 ? out_failed(&err) : 0;
}

const struct command ps_command = {
	.name = "ps",
	.summary = "List containers",
	.opts = ps_opts,
	.options_size = sizeof(struct ps_options),
	.init = init,
	.run = cmd_ps,
};
