/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "foreground.h"
#include "run-options.h"
#include "verbs.h"

static const struct opt run_opts[] = {
	OPT_BOOL(
		struct run_options, req.detach, "detach", 'd', "Leave it running and print its id"),
	OPT_BOOL(struct run_options, sig_proxy, "sig-proxy", 0,
		"Pass signals on to the process (default true)",
		.has_offset = offsetof(struct run_options, has_sig_proxy)),
	{.kind = OPT_KIND_GROUP, .group = container_opts},
	OPT_END,
};

static int run_started(const struct run_options *options, struct engine_start_result *started)
{
	struct foreground foreground = {
		.interactive = options->req.interactive,
		.sig_proxy = options->sig_proxy && (options->has_sig_proxy || !options->req.tty),
		.detach_keys = options->req.detach_keys,
		.streams = options->attach,
	};

	if (options->req.detach) {
		out_linef("%s", started->id);
		return 0;
	}
	return foreground_run(started, &foreground);
}

static int run_request(const struct cli *cli, const struct run_options *options)
{
	AUTO(engine_start_result_release) struct engine_start_result started = {.attach_fd = -1};
	AUTO(engine_close) struct engine *engine = NULL;
	const struct run_request *req = &options->req;
	struct error err = {0};
	int cidfd = -1;
	int r;

	if (req->cidfile) {
		cidfd = cidfile_open(req->cidfile, &err);
		if (cidfd < 0)
			return out_failed(&err);
	}
	r = cli_engine_open(cli, &engine, &err);
	if (r == 0)
		r = engine_run(engine, req, &started, &err);
	if (r < 0) {
		int code = started.exit_code ? started.exit_code : ENGINE_EXIT_ENGINE;

		cidfile_finish(cidfd, req->cidfile, started.id, NULL);
		out_error(&err);
		return code;
	}
	if (cidfile_finish(cidfd, req->cidfile, started.id, &err) < 0)
		return out_failed(&err);
	return run_started(options, &started);
}

static int cmd_run(struct cli *cli, void *data, char **args)
{
	struct run_options *options = data;
	struct error err = {0};
	int r = run_options_finish(options, cli, args, &err);

	r = r < 0 ? out_failed(&err) : run_request(cli, options);
	run_request_release(&options->req);
	return r;
}

const struct command run_command = {
	.name = "run",
	.summary = "Run a command in a new container",
	.arguments = "[OPTIONS] IMAGE [COMMAND [ARG...]]",
	.opts = run_opts,
	.options_size = sizeof(struct run_options),
	.init = run_options_init,
	.run = cmd_run,
	.starts_processes = true,
	.min_args = 1,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_IMAGES,
	.parse_flags = OPT_STOP_AT_ARGUMENT,
};
