/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "verbs.h"

struct wait_options {
	bool ignore;
	bool latest;
};

static const struct opt wait_opts[] = {
	OPT_BOOL(struct wait_options, ignore, "ignore", 0, "Print -1 for those that do not exist"),
	OPT_BOOL(struct wait_options, latest, "latest", 'l', "The newest container"),
	OPT_END,
};

static int cmd_wait(struct cli *cli, void *data, char **args)
{
	const struct wait_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int code = 0;

	if (!args[0] && !options->latest) {
		out_errorf("wait requires at least one argument");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, false, options->latest, NULL, &names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++) {
		int exit_code = -1;
		int r = engine_wait(engine, names[i], &exit_code, &err);

		if (r == 0 || (r == -ENOENT && options->ignore))
			out_linef("%d", r == 0 ? exit_code : -1);
		else
			code = out_failed(&err);
	}
	return code;
}

const struct command wait_command = {
	.name = "wait",
	.summary = "Wait until containers end and print their exit codes",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = wait_opts,
	.options_size = sizeof(struct wait_options),
	.run = cmd_wait,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
