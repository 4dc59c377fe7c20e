/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "verbs.h"

struct volume_create_options {
	char *driver;
	bool ignore;
	struct strmap labels;
	struct strmap options;
};

static const struct opt create_opts[] = {
	OPT_STRING(struct volume_create_options, driver, "driver", 'd', "DRIVER", "Always local",
		.values = "local"),
	OPT_BOOL(struct volume_create_options, ignore, "ignore", 0,
		"No error when there is one of that name"),
	OPT_MAP(struct volume_create_options, labels, "label", 'l', "KEY=VALUE", "Add a label"),
	OPT_MAP(struct volume_create_options, options, "opt", 'o', "KEY=VALUE",
		"Option of the driver"),
	OPT_END,
};

static int cmd_volume_create(struct cli *cli, void *data, char **args)
{
	struct volume_create_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	struct engine_volume_create req = {
		.name = args[0],
		.driver = options->driver,
		.labels = options->labels,
		.options = options->options,
		.ignore = options->ignore,
	};
	autofree char *name = NULL;
	struct error err = {0};

	if (cli_engine_open(cli, &engine, &err) < 0 ||
		engine_volume_create(engine, &req, &name, &err) < 0)
		return out_failed(&err);
	out_linef("%s", name);
	return 0;
}

const struct command volume_create_command = {
	.name = "create",
	.summary = "Make a volume",
	.arguments = "[OPTIONS] [NAME]",
	.opts = create_opts,
	.options_size = sizeof(struct volume_create_options),
	.run = cmd_volume_create,
	.max_args = 1,
};
