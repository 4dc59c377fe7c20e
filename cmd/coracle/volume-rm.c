/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "verbs.h"

#define EXIT_NO_VOLUME 1
#define EXIT_IN_USE 2

struct volume_rm_options {
	bool all;
	bool force;
};

static const struct opt rm_opts[] = {
	OPT_BOOL(struct volume_rm_options, all, "all", 'a', "Remove every volume"),
	OPT_BOOL(struct volume_rm_options, force, "force", 'f',
		"Remove containers that use it too; no error for those that do not exist"),
	OPT_END,
};

static int remove_one(struct engine *engine, bool force, const char *name)
{
	struct error err = {0};
	int r = engine_volume_rm(engine, name, force, &err);

	if (r == -ENOENT && force)
		return 0;
	if (r < 0) {
		out_error(&err);
		if (r == -ENOENT)
			return EXIT_NO_VOLUME;
		return r == -EBUSY ? EXIT_IN_USE : CLI_EXIT_ERROR;
	}
	out_linef("%s", name);
	return 0;
}

static int cmd_volume_rm(struct cli *cli, void *data, char **args)
{
	const struct volume_rm_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(engine_volumes_release) struct engine_volumes list = {0};
	struct error err = {0};
	int code = 0;

	if (!args[0] && !options->all) {
		out_errorf("choose either one or more volumes or all");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		(options->all && engine_volumes(engine, &list, &err) < 0))
		return out_failed(&err);
	for (size_t i = 0; i < list.count; i++) {
		int r = remove_one(engine, options->force, list.items[i].name);

		code = r ? r : code;
	}
	for (size_t i = 0; args[i]; i++) {
		int r = remove_one(engine, options->force, args[i]);

		code = r ? r : code;
	}
	return code;
}

const struct command volume_rm_command = {
	.name = "rm",
	.summary = "Remove volumes",
	.arguments = "[OPTIONS] VOLUME [VOLUME...]",
	.opts = rm_opts,
	.options_size = sizeof(struct volume_rm_options),
	.run = cmd_volume_rm,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_VOLUMES,
};
