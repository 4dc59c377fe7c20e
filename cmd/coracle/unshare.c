/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "verbs.h"

static int cmd_unshare(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	const char *shell = getenv("SHELL");
	char *fallback[] = {(char *)(shell ? shell : "/bin/sh"), NULL};
	struct error err = {0};
	int r;

	(void)data;
	if (cli_engine_open(cli, &engine, &err) < 0)
		return out_failed(&err);
	err = (struct error){ 0 }; /* what was tried and got over on the way */
	r = engine_unshare(engine, args[0] ? args : fallback, &err);
	if (r < 0)
		return out_failed(&err);
	if (err.code != 0)
		out_error(&err);
	return r;
}

const struct command unshare_command = {
	.name = "unshare",
	.summary = "Run a command in the user namespace of the containers",
	.arguments = "[COMMAND [ARG...]]",
	.run = cmd_unshare,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_FILES,
	.parse_flags = OPT_STOP_AT_ARGUMENT,
};
