/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "time-arg.h"
#include "verbs.h"

struct logs_options {
	bool follow;
	bool latest;
	bool timestamps;
	char *tail;
	char *since;
	char *until;
};

static const struct opt logs_opts[] = {
	OPT_BOOL(struct logs_options, follow, "follow", 'f', "Go on until the container ends"),
	OPT_BOOL(struct logs_options, latest, "latest", 'l', "The newest container"),
	OPT_STRING(struct logs_options, since, "since", 0, "TIME",
		"Not before this time: RFC 3339, seconds since 1970, or a span such as 10m"),
	OPT_STRING(struct logs_options, tail, "tail", 'n', "N", "Only the last N lines, or all"),
	OPT_BOOL(struct logs_options, timestamps, "timestamps", 't', "Put the time before lines"),
	OPT_STRING(struct logs_options, until, "until", 0, "TIME", "Not after this time"),
	OPT_END,
};

static int fill(const struct logs_options *options, struct engine_logs *logs, struct error *err)
{
	int r = options->since ? time_arg(options->since, &logs->since_ns, err) : 0;

	if (r == 0 && options->until)
		r = time_arg(options->until, &logs->until_ns, err);
	if (r < 0)
		return r;
	if (!options->tail || str_eq(options->tail, "all") || str_eq(options->tail, "-1"))
		return 0;
	logs->has_tail = true;
	if (str_to_u64(options->tail, 10, &logs->tail) < 0)
		return error_set(err, EINVAL, "--tail: \"%s\" is not a number", options->tail);
	return 0;
}

static int cmd_logs(struct cli *cli, void *data, char **args)
{
	const struct logs_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct engine_logs logs = {
		.stdout_fd = STDOUT_FILENO,
		.stderr_fd = STDERR_FILENO,
		.follow = options->follow,
		.timestamps = options->timestamps,
	};
	struct error err = {0};
	int r;

	if (!args[0] && !options->latest) {
		out_errorf("logs requires a container");
		return CLI_EXIT_ERROR;
	}
	if (fill(options, &logs, &err) < 0 || cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, false, options->latest, NULL, &names, &err) < 0)
		return out_failed(&err);
	logs.name = names[0];
	r = engine_logs(engine, &logs, &err);
	/* The reader has seen enough. */
	if (r == -EPIPE)
		return 0;
	return r < 0 ? out_failed(&err) : 0;
}

const struct command logs_command = {
	.name = "logs",
	.summary = "Print what a container wrote",
	.arguments = "[OPTIONS] CONTAINER",
	.opts = logs_opts,
	.options_size = sizeof(struct logs_options),
	.run = cmd_logs,
	.max_args = 1,
	.complete = COMPLETE_CONTAINERS,
};
