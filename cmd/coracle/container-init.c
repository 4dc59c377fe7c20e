/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "each.h"
#include "verbs.h"

struct init_options {
	struct each_selection selection;
};

static const struct opt init_opts[] = {
	OPT_GROUP(struct init_options, selection, each_opts),
	OPT_END,
};

static int init_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct init_options *options = data;
	int r = engine_init(engine, name, err);

	return r == -EBUSY && options->selection.all ? EACH_SILENT : r;
}

static int cmd_init(struct cli *cli, void *data, char **args)
{
	struct init_options *options = data;
	struct each each = {.selection = &options->selection, .run = init_one, .data = options};

	return each_container(cli, &each, args);
}

const struct command container_init_command = {
	.name = "init",
	.summary = "Make everything of containers, but start nothing yet",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = init_opts,
	.options_size = sizeof(struct init_options),
	.run = cmd_init,
	.starts_processes = true,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
