/* SPDX-License-Identifier: Apache-2.0 */
#include "common/out.h"
#include "verbs.h"

static int cmd_tag(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};

	(void)data;
	if (cli_engine_open(cli, &engine, &err) < 0)
		return out_failed(&err);
	for (size_t i = 1; args[i]; i++) {
		if (engine_tag(engine, args[0], args[i], &err) < 0)
			return out_failed(&err);
	}
	return 0;
}

static int cmd_untag(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};

	(void)data;
	if (cli_engine_open(cli, &engine, &err) < 0)
		return out_failed(&err);
	if (!args[1] && engine_untag(engine, args[0], NULL, &err) < 0)
		return out_failed(&err);
	for (size_t i = 1; args[i]; i++) {
		if (engine_untag(engine, args[0], args[i], &err) < 0)
			return out_failed(&err);
	}
	return 0;
}

const struct command tag_command = {
	.name = "tag",
	.summary = "Give an image more names",
	.arguments = "IMAGE NAME [NAME...]",
	.run = cmd_tag,
	.min_args = 2,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_IMAGES,
};

const struct command untag_command = {
	.name = "untag",
	.summary = "Take names of an image away",
	.arguments = "IMAGE [NAME...]",
	.run = cmd_untag,
	.min_args = 1,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_IMAGES,
};
