/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "verbs.h"

#define EXIT_NO_CONTAINER 1
#define EXIT_IN_USE 2

struct rm_options {
	bool all;
	bool force;
	bool ignore;
	bool volumes;
	bool latest;
	bool has_time;
	int64_t time_s;
	char **cidfiles;
};

static const struct opt rm_opts[] = {
	OPT_BOOL(struct rm_options, all, "all", 'a', "Remove every container"),
	OPT_LIST(struct rm_options, cidfiles, "cidfile", 0, "FILE", "Read the id from a file",
		.complete = COMPLETE_FILES),
	OPT_BOOL(struct rm_options, force, "force", 'f', "Stop containers that run; as --ignore"),
	OPT_BOOL(struct rm_options, ignore, "ignore", 'i', "No error for those that do not exist"),
	OPT_BOOL(struct rm_options, latest, "latest", 'l', "The newest container"),
	OPT_I64(struct rm_options, time_s, "time", 't', "SECONDS",
		"With --force, patience before SIGKILL (default 10)",
		.has_offset = offsetof(struct rm_options, has_time)),
	OPT_BOOL(struct rm_options, volumes, "volumes", 'v', "Remove its anonymous volumes too"),
	OPT_END,
};

static int remove_one(
	struct engine *engine, const struct rm_options *options, const char *name, bool by_id)
{
	struct engine_rm rm = {
		.name = name,
		.force = options->force,
		.volumes = options->volumes,
		.has_timeout = options->has_time,
		.timeout_s = options->time_s,
	};
	autofree char *id = NULL;
	struct error err = {0};
	int r = engine_rm(engine, &rm, &id, &err);

	if (r == -ENOENT && (options->ignore || options->force || options->all))
		return 0;
	if (r < 0) {
		out_error(&err);
		if (r == -ENOENT)
			return EXIT_NO_CONTAINER;
		return r == -EBUSY ? EXIT_IN_USE : CLI_EXIT_ERROR;
	}
	out_linef("%s", by_id && id ? id : name);
	return 0;
}

static int cmd_rm(struct cli *cli, void *data, char **args)
{
	const struct rm_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int code = 0;

	if (!args[0] && !options->all && !options->latest && !options->cidfiles) {
		out_errorf("rm requires at least one argument");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, options->all, options->latest, options->cidfiles,
			&names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++) {
		int r = remove_one(engine, options, names[i], options->all);

		code = r ? r : code;
	}
	return code;
}

const struct command rm_command = {
	.name = "rm",
	.summary = "Remove containers",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = rm_opts,
	.options_size = sizeof(struct rm_options),
	.run = cmd_rm,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
