/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "run-options.h"
#include "verbs.h"

static int create_request(const struct cli *cli, const struct run_request *req)
{
	AUTO(engine_close) struct engine *engine = NULL;
	autofree char *id = NULL;
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
		r = engine_create(engine, req, &id, &err);
	if (r < 0) {
		cidfile_finish(cidfd, req->cidfile, NULL, NULL);
		return out_failed(&err);
	}
	if (cidfile_finish(cidfd, req->cidfile, id, &err) < 0)
		return out_failed(&err);
	out_linef("%s", id);
	return 0;
}

static int cmd_create(struct cli *cli, void *data, char **args)
{
	struct run_options *options = data;
	struct error err = {0};
	int r = run_options_finish(options, cli, args, &err);

	r = r < 0 ? out_failed(&err) : create_request(cli, &options->req);
	run_request_release(&options->req);
	return r;
}

const struct command create_command = {
	.name = "create",
	.summary = "Make a container without starting it",
	.arguments = "[OPTIONS] IMAGE [COMMAND [ARG...]]",
	.opts = container_opts,
	.options_size = sizeof(struct run_options),
	.init = run_options_init,
	.run = cmd_create,
	.min_args = 1,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_IMAGES,
	.parse_flags = OPT_STOP_AT_ARGUMENT,
};
