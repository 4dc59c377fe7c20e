/* SPDX-License-Identifier: Apache-2.0 */
#include "each.h"
#include "verbs.h"

struct cleanup_options {
	struct each_selection selection;
	struct engine_cleanup cleanup;
};

static const struct opt cleanup_opts[] = {
	OPT_GROUP(struct cleanup_options, selection, each_opts),
	OPT_BOOL(struct cleanup_options, cleanup.remove, "rm", 0, "Remove the container, too"),
	OPT_BOOL(struct cleanup_options, cleanup.remove_image, "rmi", 0, "Remove its image, too"),
	OPT_END,
};

static int cleanup_one(struct engine *engine, const char *name, void *data, struct error *err)
{
	const struct cleanup_options *options = data;

	return engine_cleanup(engine, name, &options->cleanup, err);
}

static int cmd_cleanup(struct cli *cli, void *data, char **args)
{
	struct cleanup_options *options = data;
	struct each each = {.selection = &options->selection, .run = cleanup_one, .data = options};

	return each_container(cli, &each, args);
}

const struct command container_cleanup_command = {
	.name = "cleanup",
	.summary = "Undo what containers have left that ended without their monitor",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = cleanup_opts,
	.options_size = sizeof(struct cleanup_options),
	.run = cmd_cleanup,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
