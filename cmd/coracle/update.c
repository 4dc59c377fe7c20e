/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "limit-opts.h"
#include "verbs.h"

struct update_options {
	bool latest;
	struct engine_update update;
};

static void init(void *data)
{
	struct update_options *options = data;

	options->update.limits = RUN_LIMITS_INIT;
}

static const struct opt update_opts[] = {
	OPT_BOOL(struct update_options, latest, "latest", 'l', "The newest container"),
	OPT_GROUP(struct update_options, update.limits, limit_opts),
	OPT_STRING(struct update_options, update.restart, "restart", 0, "POLICY",
		"When it ends: no, always, on-failure[:N], unless-stopped"),
	OPT_END,
};

static int cmd_update(struct cli *cli, void *data, char **args)
{
	const struct update_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	autofree char *id = NULL;
	struct error err = {0};

	if (options->latest == (args[0] != NULL)) {
		out_errorf("update takes one container, or --latest");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, false, options->latest, NULL, &names, &err) < 0 ||
		engine_update(engine, names[0], &options->update, &id, &err) < 0)
		return out_failed(&err);
	out_linef("%s", id);
	return 0;
}

const struct command update_command = {
	.name = "update",
	.summary = "Change limits and restart policy of a container",
	.arguments = "[OPTIONS] CONTAINER",
	.opts = update_opts,
	.options_size = sizeof(struct update_options),
	.init = init,
	.run = cmd_update,
	.max_args = 1,
	.complete = COMPLETE_CONTAINERS,
};
