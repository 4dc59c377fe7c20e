/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>

#include "common/out.h"
#include "each.h"
#include "sys/process.h"
#include "verbs.h"

struct kill_options {
	struct each_selection selection;
	char *signal;
	int number;
};

static const struct opt kill_opts[] = {
	OPT_GROUP(struct kill_options, selection, each_opts),
	OPT_STRING(struct kill_options, signal, "signal", 's', "SIGNAL",
		"Name or number of the signal (default KILL)"),
	OPT_END,
};

static int kill_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct kill_options *options = data;
	int r = engine_kill(engine, name, options->number, err);

	return r == -ESRCH && options->selection.all ? EACH_SILENT : r;
}

static int cmd_kill(struct cli *cli, void *data, char **args)
{
	struct kill_options *options = data;
	struct each each = {.selection = &options->selection, .run = kill_one, .data = options};

	options->number = SIGKILL;
	if (options->signal && signal_parse(options->signal, &options->number) < 0) {
		out_errorf("invalid signal: %s", options->signal);
		return CLI_EXIT_ERROR;
	}
	return each_container(cli, &each, args);
}

const struct command kill_command = {
	.name = "kill",
	.summary = "Send a signal to running containers",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = kill_opts,
	.options_size = sizeof(struct kill_options),
	.run = cmd_kill,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
};
