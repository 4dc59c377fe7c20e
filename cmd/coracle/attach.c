/* SPDX-License-Identifier: Apache-2.0 */
#include "container/attach.h"
#include "common/out.h"
#include "foreground.h"
#include "verbs.h"

struct attach_options {
	bool latest;
	bool no_stdin;
	bool sig_proxy;
	bool has_sig_proxy;
	char *detach_keys;
};

static void init(void *data)
{
	struct attach_options *options = data;

	options->sig_proxy = true;
}

static const struct opt attach_opts[] = {
	OPT_STRING(struct attach_options, detach_keys, "detach-keys", 0, "KEYS",
		"Keys that leave the container running (default ctrl-p,ctrl-q)"),
	OPT_BOOL(struct attach_options, latest, "latest", 'l', "The newest container"),
	OPT_BOOL(struct attach_options, no_stdin, "no-stdin", 0, "Do not pass standard input on"),
	OPT_BOOL(struct attach_options, sig_proxy, "sig-proxy", 0,
		"Pass signals on to the process (default true)",
		.has_offset = offsetof(struct attach_options, has_sig_proxy)),
	OPT_END,
};

static int attach(struct engine *engine, const struct attach_options *options, const char *name)
{
	AUTO(engine_start_result_release) struct engine_start_result result = {.attach_fd = -1};
	struct foreground foreground = {.detach_keys = options->detach_keys};
	struct error err = {0};

	if (engine_attach(engine, name, &result, &err) < 0)
		return out_failed(&err);
	foreground.interactive = !options->no_stdin && result.interactive;
	/* In raw mode ^C is a byte for the container's terminal. */
	foreground.sig_proxy = options->sig_proxy && (options->has_sig_proxy || !result.tty);
	return foreground_run(&result, &foreground);
}

static int cmd_attach(struct cli *cli, void *data, char **args)
{
	const struct attach_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct detach_keys keys;
	struct error err = {0};

	if (!args[0] == !options->latest) {
		out_errorf(args[0] ? "--latest and containers cannot be used together"
				   : "attach requires a name, id, or the \"--latest\" flag");
		return CLI_EXIT_ERROR;
	}
	if ((options->detach_keys && detach_keys_parse(options->detach_keys, &keys, &err) < 0) ||
		cli_engine_open(cli, &engine, &err) < 0 ||
		cli_container_names(engine, args, false, options->latest, NULL, &names, &err) < 0)
		return out_failed(&err);
	return attach(engine, options, names[0]);
}

const struct command attach_command = {
	.name = "attach",
	.summary = "Connect standard input and output with a running container",
	.arguments = "[OPTIONS] CONTAINER",
	.opts = attach_opts,
	.options_size = sizeof(struct attach_options),
	.init = init,
	.run = cmd_attach,
	.max_args = 1,
	.complete = COMPLETE_RUNNING,
};
