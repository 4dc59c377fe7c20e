/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cp.h"

#include <errno.h>
#include <unistd.h>

#include "common/opts-container.h"
#include "common/out.h"
#include "sys/process.h"
#include "verbs.h"

/* Archives are read and written by the program that has libarchive. */
static int cp_stream(struct cli *cli)
{
	autofree char *program = libexec_path(cp_command.program);

	execv(program, cli->argv);
	out_errorf("%s: %s", program, strerror(errno));
	return CLI_EXIT_ERROR;
}

int cmd_cp(struct cli *cli, void *data, char **args)
{
	const struct cp_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(cp_place_release) struct cp_place from = {0}, to = {0};
	struct engine_cp cp = {
		.keep_owners = !options->archive,
		.overwrite = options->overwrite,
	};
	struct error err = {0};
	int r = cp_places_parse(args, &from, &to, &err);

	if (r == 0 && (from.is_stream || to.is_stream))
		return cp_stream(cli);
	if (r == 0)
		r = cli_engine_open(cli, &engine, &err);
	cp.from = (struct engine_cp_place){.container = from.container, .path = from.path};
	cp.to = (struct engine_cp_place){.container = to.container, .path = to.path};
	if (r == 0)
		r = engine_cp(engine, &cp, &err);
	return r < 0 ? out_failed(&err) : 0;
}
