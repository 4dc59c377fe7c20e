/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "common/out.h"
#include "stats-row.h"
#include "verbs.h"

struct stats_options {
	bool all;
	bool latest;
	bool no_reset;
	bool no_stream;
	bool no_trunc;
	int64_t interval_s;
	char *format;
};

static void init(void *data)
{
	struct stats_options *options = data;

	options->interval_s = 5;
}

static const struct opt stats_opts[] = {
	OPT_BOOL(struct stats_options, all, "all", 'a', "Those that do not run, too"),
	OPT_STRING(struct stats_options, format, "format", 0, "FORMAT", "json, or a Go template"),
	OPT_I64(struct stats_options, interval_s, "interval", 'i', "SECONDS",
		"Time between two readings (default 5)"),
	OPT_BOOL(struct stats_options, latest, "latest", 'l', "The newest container"),
	OPT_BOOL(struct stats_options, no_reset, "no-reset", 0,
		"Print below what was printed before"),
	OPT_BOOL(struct stats_options, no_stream, "no-stream", 0, "Print once, and end"),
	OPT_BOOL(struct stats_options, no_trunc, "no-trunc", 0, "Full ids"),
	OPT_END,
};

static int check(const struct stats_options *options, char *const *args, struct error *err)
{
	if ((options->all && options->latest) || ((options->all || options->latest) && args[0]))
		return error_set(
			err, EINVAL, "--all, --latest and containers cannot be used together");
	if (options->interval_s < 1 || options->interval_s > 86400)
		return error_set(
			err, EINVAL, "invalid interval, must be a positive number greater zero");
	return 0;
}

static const struct engine_stats_row *find_row(const struct engine_stats *stats, const char *id)
{
	for (size_t i = 0; i < stats->count; i++) {
		if (stats->rows[i].is_up && str_eq(stats->rows[i].id, id))
			return &stats->rows[i];
	}
	return NULL;
}

static int print(const struct stats_options *options, const struct engine_stats *now,
	const struct engine_stats *before, struct error *err)
{
	const struct stats_context context = {.full = options->no_trunc};
	autofree struct stats_row *items = xcalloc(now->count + 1, sizeof(*items));
	autofree const void **pointers = xcalloc(now->count + 1, sizeof(*pointers));
	const struct format_rows rows = {
		.verb = "stats",
		.type = &stats_row_type,
		.items = pointers,
		.count = now->count,
		.context = &context,
	};

	for (size_t i = 0; i < now->count; i++) {
		items[i] = (struct stats_row){
			.now = &now->rows[i], .before = find_row(before, now->rows[i].id)};
		pointers[i] = &items[i];
	}
	return out_rows(options->format ? options->format : STATS_TABLE, &rows, err);
}

/* Home, and nothing below; nobody has asked for that in a file. */
static void reset_screen(const struct stats_options *options)
{
	if (!options->no_reset && !options->no_stream && isatty(STDOUT_FILENO))
		out_text("\033[H\033[2J");
}

static bool is_empty(char *const *names)
{
	return !names || !names[0];
}

/* By id from here on: what is called so must not become another one in between. */
static void pin_names(char **names, const struct engine_stats *stats)
{
	for (size_t i = 0; !is_empty(names) && names[i]; i++) {
		free(names[i]);
		names[i] = xstrdup(stats->rows[i].id);
	}
}

static void forget_removed(struct engine *engine, char **names)
{
	size_t kept = 0;

	for (size_t i = 0; names[i]; i++) {
		autofree char *id = NULL;

		if (engine_container_find(engine, names[i], &id, NULL) == 0)
			free(names[i]);
		else
			names[kept++] = names[i];
	}
	names[kept] = NULL;
}

/* What was removed meanwhile is no error. 1: none of them is left to watch. */
static int read_again(struct engine *engine, const struct stats_options *options, char **names,
	struct engine_stats *ret, struct error *err)
{
	bool is_selection = !is_empty(names);
	int r;

	do {
		if (is_selection)
			forget_removed(engine, names);
		if (is_selection && is_empty(names))
			return 1;
		r = engine_stats(engine, names, options->all, ret, err);
	} while (r == -ENOENT && is_selection);
	return r;
}

static int watch(
	struct engine *engine, const struct stats_options *options, char **names, struct error *err)
{
	AUTO(engine_stats_release) struct engine_stats before = {0};
	const struct timespec pause = {.tv_sec = options->interval_s};
	int r = engine_stats(engine, names, options->all, &before, err);

	if (r == 0) {
		const struct engine_stats none = {0};

		pin_names(names, &before);
		reset_screen(options);
		r = print(options, &before, &none, err);
	}
	while (r == 0 && !options->no_stream) {
		AUTO(engine_stats_release) struct engine_stats now = {0};
		struct engine_stats last = before;

		nanosleep(&pause, NULL);
		r = read_again(engine, options, names, &now, err);
		if (r != 0)
			break;
		reset_screen(options);
		r = print(options, &now, &before, err);
		before = now;
		now = last;
	}
	return r;
}

static int cmd_stats(struct cli *cli, void *data, char **args)
{
	const struct stats_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};

	if (check(options, args, &err) < 0 || cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, false, options->latest, NULL, &names, &err) < 0)
		return out_failed(&err);
	return watch(engine, options, names, &err) < 0 ? out_failed(&err) : 0;
}

const struct command stats_command = {
	.name = "stats",
	.summary = "Show what containers use",
	.arguments = "[OPTIONS] [CONTAINER...]",
	.opts = stats_opts,
	.options_size = sizeof(struct stats_options),
	.init = init,
	.run = cmd_stats,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
};
