/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "each.h"
#include "verbs.h"

struct stop_options {
	struct each_selection selection;
	bool has_time;
	int64_t time_s;
};

static const struct opt stop_opts[] = {
	OPT_GROUP(struct stop_options, selection, each_opts),
	OPT_GROUP(struct stop_options, selection, each_filter_opts),
	OPT_BOOL(struct stop_options, selection.ignore, "ignore", 'i',
		"No error for those that do not exist"),
	OPT_I64(struct stop_options, time_s, "time", 't', "SECONDS",
		"Patience before SIGKILL (default: of the container, 10)",
		.has_offset = offsetof(struct stop_options, has_time)),
	OPT_END,
};

static int stop_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct stop_options *options = data;

	int r = engine_stop(engine, name, options->has_time, options->time_s, err);

	return r == -EBUSY && options->selection.all ? EACH_SILENT : r;
}

static int cmd_stop(struct cli *cli, void *data, char **args)
{
	struct stop_options *options = data;
	struct each each = {.selection = &options->selection, .run = stop_one, .data = options};

	return each_container(cli, &each, args);
}

const struct command stop_command = {
	.name = "stop",
	.summary = "Ask containers to stop, and kill those that do not",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = stop_opts,
	.options_size = sizeof(struct stop_options),
	.run = cmd_stop,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
};
