/* SPDX-License-Identifier: Apache-2.0 */
#include "each.h"
#include "verbs.h"

struct stop_options {
	struct each_selection selection;
	bool running;
	bool has_time;
	int64_t time_s;
};

#define TIME_ROW \
	OPT_I64(struct stop_options, time_s, "time", 't', "SECONDS", \
		"Patience before SIGKILL (default: of the container, 10)", \
		.has_offset = offsetof(struct stop_options, has_time))

static const struct opt stop_opts[] = {
	OPT_GROUP(struct stop_options, selection, each_opts),
	OPT_BOOL(struct stop_options, selection.ignore, "ignore", 'i',
		"No error for those that do not exist"),
	TIME_ROW,
	OPT_END,
};

static int stop_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct stop_options *options = data;

	return engine_stop(engine, name, options->has_time, options->time_s, err);
}

static int cmd_stop(struct cli *cli, void *data, char **args)
{
	struct stop_options *options = data;
	struct each each = {
		.verb = "stop", .selection = &options->selection, .run = stop_one, .data = options};

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

static const struct opt restart_opts[] = {
	OPT_GROUP(struct stop_options, selection, each_opts),
	OPT_BOOL(struct stop_options, running, "running", 0, "Only those that run"),
	TIME_ROW,
	OPT_END,
};

static int restart_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct stop_options *options = data;

	return engine_restart(engine, name,
		&(struct engine_restart){.only_running = options->running,
			.has_timeout = options->has_time,
			.timeout_s = options->time_s},
		err);
}

static int cmd_restart(struct cli *cli, void *data, char **args)
{
	struct stop_options *options = data;
	struct each each = {.verb = "restart",
		.selection = &options->selection,
		.run = restart_one,
		.data = options};

	/* podman: --running alone means all that run. */
	if (options->running && !args[0])
		options->selection.all = true;
	return each_container(cli, &each, args);
}

const struct command restart_command = {
	.name = "restart",
	.summary = "Stop containers and start them again",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = restart_opts,
	.options_size = sizeof(struct stop_options),
	.run = cmd_restart,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
