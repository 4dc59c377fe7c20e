/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "verbs.h"

static int cmd_rename(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};

	(void)data;
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		engine_rename(engine, args[0], args[1], &err) < 0)
		return out_failed(&err);
	return 0;
}

const struct command rename_command = {
	.name = "rename",
	.summary = "Give a container another name",
	.arguments = "CONTAINER NAME",
	.run = cmd_rename,
	.min_args = 2,
	.max_args = 2,
	.complete = COMPLETE_CONTAINERS,
};
