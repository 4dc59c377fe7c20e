/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "confirm.h"
#include "verbs.h"

struct system_options {
	bool force;
};

static const struct opt migrate_opts[] = {
	OPT_BOOL(struct system_options, force, "force", 'f', "Even while containers run"),
	OPT_END,
};

static const struct opt reset_opts[] = {
	OPT_BOOL(struct system_options, force, "force", 'f', "Do not ask"),
	OPT_END,
};

static int cmd_migrate(struct cli *cli, void *data, char **args)
{
	const struct system_options *options = data;
	struct engine_options engine = cli_engine_options(cli);
	struct error err = {0};

	(void)args;
	return engine_migrate(&engine, options->force, &err) < 0 ? out_failed(&err) : 0;
}

static int cmd_reset(struct cli *cli, void *data, char **args)
{
	const struct system_options *options = data;
	struct engine_options engine = cli_engine_options(cli);
	struct error err = {0};

	(void)args;
	if (!options->force && !confirm("This removes all containers, images and volumes, with "
					"what is in them. Go on?"))
		return 0;
	return engine_reset(&engine, &err) < 0 ? out_failed(&err) : 0;
}

const struct command migrate_command = {
	.name = "migrate",
	.summary = "End the keeper, so that new id ranges are used",
	.opts = migrate_opts,
	.options_size = sizeof(struct system_options),
	.run = cmd_migrate,
};

const struct command reset_command = {
	.name = "reset",
	.summary = "Remove all containers, images and volumes",
	.opts = reset_opts,
	.options_size = sizeof(struct system_options),
	.run = cmd_reset,
};
