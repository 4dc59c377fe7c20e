/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/cp.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "common/out.h"
#include "container.h"

static int check_streams(const struct cp_place *from, const struct cp_place *to, struct error *err)
{
	if (from->is_stream && isatty(STDIN_FILENO))
		return error_set(err, EINVAL, "a tar cannot be read from a terminal");
	if (to->is_stream && isatty(STDOUT_FILENO))
		return error_set(err, EINVAL, "a tar is not written to a terminal");
	return 0;
}

/* Only with "-" at one end: coracle does the rest itself. */
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

	if (r == 0)
		r = check_streams(&from, &to, &err);
	if (r == 0)
		r = container_engine_open(cli, &engine, &err);
	cp.from = (struct engine_cp_place){.container = from.container, .path = from.path};
	cp.to = (struct engine_cp_place){.container = to.container, .path = to.path};
	if (r == 0 && from.is_stream)
		r = engine_cp_in(engine, &cp, STDIN_FILENO, &err);
	else if (r == 0)
		r = engine_cp_out(engine, &cp.from, STDOUT_FILENO, &err);
	if (r == -EPIPE && to.is_stream) {
		/* Whoever reads has seen enough. */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return r < 0 ? out_failed(&err) : 0;
}
