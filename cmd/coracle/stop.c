/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "verbs.h"

struct stop_options {
	bool all;
	bool ignore;
	bool latest;
	bool has_time;
	int64_t time_s;
	char **cidfiles;
};

static const struct opt stop_opts[] = {
	OPT_BOOL(struct stop_options, all, "all", 'a', "Stop every container that runs"),
	OPT_LIST(struct stop_options, cidfiles, "cidfile", 0, "FILE", "Read the id from a file",
		.complete = COMPLETE_FILES),
	OPT_BOOL(
		struct stop_options, ignore, "ignore", 'i', "No error for those that do not exist"),
	OPT_BOOL(struct stop_options, latest, "latest", 'l', "The newest container"),
	OPT_I64(struct stop_options, time_s, "time", 't', "SECONDS",
		"Patience before SIGKILL (default: of the container, 10)",
		.has_offset = offsetof(struct stop_options, has_time)),
	OPT_END,
};

static int stop_one(struct engine *engine, const struct stop_options *options, const char *name)
{
	struct error err = {0};
	int r = engine_stop(engine, name, options->has_time, options->time_s, &err);

	if (r == -ENOENT && (options->ignore || options->all))
		return 0;
	if (r < 0)
		return out_failed(&err);
	out_linef("%s", name);
	return 0;
}

static int cmd_stop(struct cli *cli, void *data, char **args)
{
	const struct stop_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int code = 0;

	if (!args[0] && !options->all && !options->latest && !options->cidfiles) {
		out_errorf("stop requires at least one argument");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, options->all, options->latest, options->cidfiles,
			&names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++) {
		int r = stop_one(engine, options, names[i]);

		code = r ? r : code;
	}
	return code;
}

const struct command stop_command = {
	.name = "stop",
	.summary = "Ask containers to stop, and kill those that do not",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = stop_opts,
	.options_size = sizeof(struct stop_options),
	.run = cmd_stop,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_RUNNING,
};
