/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "verbs.h"

#define EXIT_UNHEALTHY 1

static int cmd_healthcheck_run(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};
	int r = cli_engine_open(cli, &engine, &err);

	(void)data;
	if (r == 0)
		r = engine_healthcheck(engine, args[0], &err);
	if (r < 0)
		return out_failed(&err);
	if (r == 0)
		return 0;
	out_linef("unhealthy");
	return EXIT_UNHEALTHY;
}

static const struct opt no_opts[] = {OPT_END};

static const struct command healthcheck_run_command = {
	.name = "run",
	.summary = "Run the health check of a container now",
	.arguments = "CONTAINER",
	.opts = no_opts,
	.run = cmd_healthcheck_run,
	.starts_processes = true,
	.min_args = 1,
	.max_args = 1,
	.complete = COMPLETE_CONTAINERS,
};

static const struct command_entry children[] = {
	{"run", &healthcheck_run_command, false, NULL},
	{0},
};

const struct command healthcheck_command = {
	.name = "healthcheck",
	.summary = "Manage health checks",
	.children = children,
};
