/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/json.h"
#include "common/out.h"
#include "verbs.h"
#include "volume-json.h"

/* Nothing is printed: 0 yes, 1 no, 125 for an error. */
static int answer(int found, const struct error *err)
{
	if (found < 0)
		return out_failed(err);
	return found ? 0 : 1;
}

static int cmd_container_exists(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	autofree char *id = NULL;
	struct error err = {0};
	int r = cli_engine_open(cli, &engine, &err);

	(void)data;
	if (r == 0)
		r = engine_container_find(engine, args[0], &id, &err);
	return answer(r, &err);
}

static int cmd_image_exists(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	struct error err = {0};
	int r = cli_engine_open(cli, &engine, &err);

	(void)data;
	if (r == 0)
		r = engine_image_find(engine, args[0], NULL, &err);
	return answer(r, &err);
}

static int cmd_volume_exists(struct cli *cli, void *data, char **args)
{
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(json_free) struct json_object *obj = NULL;
	struct error err = {0};
	int r = cli_engine_open(cli, &engine, &err);

	(void)data;
	if (r < 0)
		return out_failed(&err);
	r = volume_inspect_json(engine, args[0], &obj, &err);
	return r == -ENOENT ? 1 : answer(r < 0 ? r : 1, &err);
}

struct container_exists_options {
	bool external;
};

static const struct opt container_exists_opts[] = {
	OPT_BOOL(struct container_exists_options, external, "external", 0,
		"Also those of other tools: there are none"),
	OPT_END,
};

#define EXISTS_COMMAND(function, what, text, kind, ...) \
	{ \
		.name = "exists", .summary = (text), .arguments = (what), .run = (function), \
		.min_args = 1, .max_args = 1, .complete = (kind), ##__VA_ARGS__ \
	}

const struct command exists_container_command = EXISTS_COMMAND(cmd_container_exists,
	"[OPTIONS] CONTAINER", "Tell by the exit code whether a container exists",
	COMPLETE_CONTAINERS, .opts = container_exists_opts,
	.options_size = sizeof(struct container_exists_options));
const struct command exists_image_command = EXISTS_COMMAND(cmd_image_exists, "IMAGE",
	"Tell by the exit code whether an image exists", COMPLETE_IMAGES);
const struct command exists_volume_command = EXISTS_COMMAND(cmd_volume_exists, "VOLUME",
	"Tell by the exit code whether a volume exists", COMPLETE_VOLUMES);
