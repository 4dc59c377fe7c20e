/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/ioctl.h>

#include "common/out.h"
#include "each.h"
#include "foreground.h"
#include "verbs.h"

struct start_options {
	bool attach;
	bool interactive;
	struct each_selection selection;
	bool sig_proxy;
	bool has_sig_proxy;
	char *detach_keys;
};

static void init(void *data)
{
	struct start_options *options = data;

	options->sig_proxy = true;
	options->selection.oldest_first = true;
}

static const struct opt start_opts[] = {
	OPT_BOOL(struct start_options, selection.all, "all", 0, "Start every container"),
	OPT_BOOL(struct start_options, attach, "attach", 'a', "Attach its output"),
	OPT_STRING(struct start_options, detach_keys, "detach-keys", 0, "KEYS",
		"Keys that leave the container running"),
	OPT_GROUP(struct start_options, selection, each_filter_opts),
	OPT_BOOL(
		struct start_options, interactive, "interactive", 'i', "Attach standard input too"),
	OPT_BOOL(struct start_options, selection.latest, "latest", 'l', "The newest container"),
	OPT_BOOL(struct start_options, sig_proxy, "sig-proxy", 0,
		"With --attach, pass signals on to the process (default true)",
		.has_offset = offsetof(struct start_options, has_sig_proxy)),
	OPT_END,
};

static int start_attached(
	struct engine *engine, const struct start_options *options, const char *name)
{
	AUTO(engine_start_result_release) struct engine_start_result result = {.attach_fd = -1};
	struct engine_start start = {.name = name, .attach = true};
	/* 126 and 127 are for run; podman start says 125 whatever it was. */
	struct foreground foreground = {
		.detach_keys = options->detach_keys, .failure_code = ENGINE_EXIT_ENGINE};
	struct winsize size;
	struct error err = {0};

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
		start.has_window = true;
		start.window_rows = size.ws_row;
		start.window_columns = size.ws_col;
	}
	if (engine_start(engine, &start, &result, &err) < 0)
		return out_failed(&err);
	/* -a alone does not take stdin; -i does, where the container was made with one. */
	foreground.interactive = options->interactive && result.interactive;
	foreground.sig_proxy = options->sig_proxy && (options->has_sig_proxy || !result.tty);
	return foreground_run(&result, &foreground);
}

static int start_detached(struct engine *engine, const char *name)
{
	AUTO(engine_start_result_release) struct engine_start_result result = {.attach_fd = -1};
	struct engine_start start = {.name = name};
	struct error err = {0};

	if (engine_start(engine, &start, &result, &err) < 0)
		return out_failed(&err);
	out_linef("%s", name);
	return 0;
}

static int check_options(const struct start_options *options, char **args, struct error *err)
{
	bool attach = options->attach || options->interactive;

	if (options->has_sig_proxy && options->sig_proxy && !attach)
		return error_set(err, EINVAL, "you cannot use sig-proxy without --attach");
	if (options->selection.all && args[0])
		return error_set(err, EINVAL,
			"either start all containers or the container(s) provided in the "
			"arguments");
	if (!args[0] && !options->selection.all && !options->selection.latest &&
		!options->selection.filters)
		return error_set(err, EINVAL, "start requires at least one argument");
	if (attach &&
		(options->selection.all || options->selection.filters || (args[0] && args[1])))
		return error_set(
			err, EINVAL, "you cannot start and attach multiple containers at once");
	return each_check(&options->selection, args, err);
}

static int cmd_start(struct cli *cli, void *data, char **args)
{
	const struct start_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	bool attach = options->attach || options->interactive;
	struct error err = {0};
	int code = 0;

	if (check_options(options, args, &err) < 0 || cli_engine_open(cli, &engine, &err) < 0 ||
		each_names(engine, &options->selection, args, &names, &err) < 0)
		return out_failed(&err);
	if (attach && names)
		return start_attached(engine, options, names[0]);
	for (size_t i = 0; names && names[i]; i++) {
		int r = start_detached(engine, names[i]);

		code = r ? r : code;
	}
	return code;
}

const struct command start_command = {
	.name = "start",
	.summary = "Start containers that do not run",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = start_opts,
	.options_size = sizeof(struct start_options),
	.init = init,
	.run = cmd_start,
	.starts_processes = true,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
