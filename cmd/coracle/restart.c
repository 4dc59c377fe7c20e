/* SPDX-License-Identifier: Apache-2.0 */
#include "each.h"
#include "verbs.h"

struct restart_options {
	struct each_selection selection;
	bool running;
	bool has_time;
	int64_t time_s;
};

static const struct opt restart_opts[] = {
	OPT_GROUP(struct restart_options, selection, each_opts),
	OPT_GROUP(struct restart_options, selection, each_filter_opts),
	OPT_BOOL(struct restart_options, running, "running", 0, "Only those that run"),
	OPT_I64(struct restart_options, time_s, "time", 't', "SECONDS",
		"Patience before SIGKILL (default: of the container, 10)",
		.has_offset = offsetof(struct restart_options, has_time)),
	OPT_END,
};

static int restart_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct restart_options *options = data;

	return engine_restart(engine, name,
		&(struct engine_restart){.only_running = options->running,
			.has_timeout = options->has_time,
			.timeout_s = options->time_s},
		err);
}

static int cmd_restart(struct cli *cli, void *data, char **args)
{
	struct restart_options *options = data;
	struct each each = {.selection = &options->selection, .run = restart_one, .data = options};

	/* podman: --running alone means all that run. */
	if (options->running && !args[0])
		options->selection.all = true;
	options->selection.oldest_first = true;
	return each_container(cli, &each, args);
}

const struct command restart_command = {
	.name = "restart",
	.summary = "Stop containers and start them again",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = restart_opts,
	.options_size = sizeof(struct restart_options),
	.run = cmd_restart,
	.starts_processes = true,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
