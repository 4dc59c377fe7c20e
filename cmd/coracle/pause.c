/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "each.h"
#include "verbs.h"

struct pause_options {
	struct each_selection selection;
};

static const struct opt pause_opts[] = {
	OPT_GROUP(struct pause_options, selection, each_opts),
	OPT_GROUP(struct pause_options, selection, each_filter_opts),
	OPT_END,
};

/* With --all, those that it makes no sense for are passed over. */
static int passed_over(int r, const struct pause_options *options)
{
	return options->selection.all && (r == -ESRCH || r == -EALREADY) ? EACH_SILENT : r;
}

static int pause_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	return passed_over(engine_pause(engine, name, err), data);
}

static int unpause_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	return passed_over(engine_unpause(engine, name, err), data);
}

static int cmd_pause(struct cli *cli, void *data, char **args)
{
	struct pause_options *options = data;
	struct each each = {.selection = &options->selection, .run = pause_one, .data = options};

	return each_container(cli, &each, args);
}

static int cmd_unpause(struct cli *cli, void *data, char **args)
{
	struct pause_options *options = data;
	struct each each = {.selection = &options->selection, .run = unpause_one, .data = options};

	return each_container(cli, &each, args);
}

const struct command pause_command = {
	.name = "pause",
	.summary = "Keep all processes of containers from running",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = pause_opts,
	.options_size = sizeof(struct pause_options),
	.run = cmd_pause,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
};

const struct command unpause_command = {
	.name = "unpause",
	.summary = "Let the processes of paused containers go on",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = pause_opts,
	.options_size = sizeof(struct pause_options),
	.run = cmd_unpause,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_PAUSED,
};
