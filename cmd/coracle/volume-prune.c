/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "confirm.h"
#include "verbs.h"

struct volume_prune_options {
	bool all;
	bool force;
};

static const struct opt prune_opts[] = {
	OPT_BOOL(struct volume_prune_options, all, "all", 'a',
		"What docker needs to take named volumes too; podman and we always do",
		.hidden = true),
	OPT_BOOL(struct volume_prune_options, force, "force", 'f', "Do not ask"),
	OPT_END,
};

static int cmd_volume_prune(struct cli *cli, void *data, char **args)
{
	const struct volume_prune_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};

	(void)args;
	if (!options->force && !confirm("This removes all volumes that no container uses, with "
					"what is in them. Go on?"))
		return 0;
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		engine_volume_prune(engine, true, &names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++)
		out_linef("%s", names[i]);
	return 0;
}

const struct command volume_prune_command = {
	.name = "prune",
	.summary = "Remove volumes that no container uses",
	.opts = prune_opts,
	.options_size = sizeof(struct volume_prune_options),
	.run = cmd_volume_prune,
};
