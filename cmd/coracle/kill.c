/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>

#include "common/out.h"
#include "sys/process.h"
#include "verbs.h"

struct kill_options {
	bool all;
	bool latest;
	char *signal;
	char **cidfiles;
};

static const struct opt kill_opts[] = {
	OPT_BOOL(struct kill_options, all, "all", 'a', "Every container that runs"),
	OPT_LIST(struct kill_options, cidfiles, "cidfile", 0, "FILE", "Read the id from a file",
		.complete = COMPLETE_FILES),
	OPT_BOOL(struct kill_options, latest, "latest", 'l', "The newest container"),
	OPT_STRING(struct kill_options, signal, "signal", 's', "SIGNAL",
		"Name or number of the signal (default KILL)"),
	OPT_END,
};

static int kill_one(struct engine *engine, bool all, const char *name, int sig)
{
	struct error err = {0};
	int r = engine_kill(engine, name, sig, &err);

	if (r < 0 && all && (r == -ESRCH || r == -ENOENT))
		return 0;
	if (r < 0)
		return out_failed(&err);
	out_linef("%s", name);
	return 0;
}

static int cmd_kill(struct cli *cli, void *data, char **args)
{
	const struct kill_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int sig = SIGKILL;
	int code = 0;

	if (options->signal && signal_parse(options->signal, &sig) < 0) {
		out_errorf("invalid signal: %s", options->signal);
		return CLI_EXIT_ERROR;
	}
	if (!args[0] && !options->all && !options->latest && !options->cidfiles) {
		out_errorf("kill requires at least one argument");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, options->all, options->latest, options->cidfiles,
			&names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++) {
		int r = kill_one(engine, options->all, names[i], sig);

		code = r ? r : code;
	}
	return code;
}

const struct command kill_command = {
	.name = "kill",
	.summary = "Send a signal to running containers",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = kill_opts,
	.options_size = sizeof(struct kill_options),
	.run = cmd_kill,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
};
