/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "common/out.h"
#include "verbs.h"

#define EXIT_NO_IMAGE 1
#define EXIT_IN_USE 2

struct rmi_options {
	bool all;
	bool force;
	bool ignore;
};

static const struct opt rmi_opts[] = {
	OPT_BOOL(struct rmi_options, all, "all", 'a', "Remove every image"),
	OPT_BOOL(struct rmi_options, force, "force", 'f', "Remove containers that use it too"),
	OPT_BOOL(struct rmi_options, ignore, "ignore", 'i', "No error for those that do not exist"),
	OPT_END,
};

static int remove_one(struct engine *engine, const struct rmi_options *options, const char *name)
{
	AUTO(engine_rmi_result_release) struct engine_rmi_result result = {0};
	struct error err = {0};
	int r = engine_rmi(engine, name, options->force, &result, &err);

	if (r == -ENOENT && (options->ignore || options->force || options->all))
		return 0;
	if (r < 0) {
		out_error(&err);
		if (r == -ENOENT)
			return EXIT_NO_IMAGE;
		return r == -EBUSY ? EXIT_IN_USE : CLI_EXIT_ERROR;
	}
	for (size_t i = 0; result.untagged && result.untagged[i]; i++)
		out_linef("Untagged: %s", result.untagged[i]);
	if (result.deleted)
		out_linef("Deleted: %s", result.deleted);
	return 0;
}

/* All names of an image go first; by its id alone it may be refused while it has several. */
static int remove_all(struct engine *engine, const struct rmi_options *options)
{
	AUTO(engine_images_release) struct engine_images list = {0};
	struct error err = {0};
	int code = 0;

	if (engine_images(engine, &list, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; i < list.count; i++) {
		const struct engine_image *image = &list.items[i];
		size_t names = strv_len(image->names);
		int r = 0;

		for (size_t j = 0; j < names && r == 0; j++)
			r = remove_one(engine, options, image->names[j]);
		if (names == 0)
			r = remove_one(engine, options, image->id);
		code = r ? r : code;
	}
	return code;
}

static int cmd_rmi(struct cli *cli, void *data, char **args)
{
	const struct rmi_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};
	int code = 0;

	if (!args[0] && !options->all) {
		out_errorf("image name or ID must be specified");
		return CLI_EXIT_ERROR;
	}
	if (args[0] && options->all) {
		out_errorf("--all takes no image names");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0)
		return out_failed(&err);
	if (options->all)
		return remove_all(engine, options);
	for (size_t i = 0; args[i]; i++) {
		int r = remove_one(engine, options, args[i]);

		code = r ? r : code;
	}
	return code;
}

const struct command rmi_command = {
	.name = "rmi",
	.summary = "Remove images",
	.arguments = "[OPTIONS] IMAGE [IMAGE...]",
	.opts = rmi_opts,
	.options_size = sizeof(struct rmi_options),
	.run = cmd_rmi,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_IMAGES,
};
