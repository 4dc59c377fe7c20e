/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/json.h"
#include "common/out.h"
#include "object-types.h"
#include "verbs.h"
#include "volume-json.h"

struct inspect_options {
	char *format;
	char *type; /* NULL: containers first, then images, then volumes */
	bool latest;
	bool size;
	bool all;
};

/* What was found, and what templates see of it. */
struct found {
	struct json_object *obj;
	const struct format_type *type;
};

static int inspect_container(
	struct engine *engine, const char *name, struct found *ret, struct error *err)
{
	ret->type = &container_object_type;
	return engine_container_inspect(engine, name, &ret->obj, err);
}

static int inspect_image(
	struct engine *engine, const char *name, struct found *ret, struct error *err)
{
	ret->type = &image_object_type;
	return engine_image_inspect(engine, name, &ret->obj, err);
}

static int inspect_volume(
	struct engine *engine, const char *name, struct found *ret, struct error *err)
{
	ret->type = &volume_object_type;
	return volume_inspect_json(engine, name, &ret->obj, err);
}

/* In the order in which a name is looked for. */
static const struct kind {
	const char *name;
	int (*inspect)(
		struct engine *engine, const char *name, struct found *ret, struct error *err);
} kinds[] = {
	{"container", inspect_container}, {"image", inspect_image}, {"volume", inspect_volume}};

/* @type: NULL or "all" for any kind. */
static int inspect_one(struct engine *engine, const char *type, const char *name, struct found *ret,
	struct error *err)
{
	bool any = !type || str_eq(type, "all");

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int r;

		if (!any && !str_eq(type, kinds[i].name))
			continue;
		r = kinds[i].inspect(engine, name, ret, err);
		if (r != -ENOENT || !any)
			return r;
	}
	return error_set(err, ENOENT, "no such object: \"%s\"", name);
}

static int print_found(const struct inspect_options *options, const struct found *found,
	size_t count, struct error *err)
{
	autofree const void **items = xcalloc(count + 1, sizeof(*items));
	autofree const struct format_type **types = xcalloc(count + 1, sizeof(void *));
	const struct format_rows rows = {
		.verb = "inspect",
		.type = count > 0 ? found[0].type : NULL,
		.types = types,
		.items = items,
		.count = count,
		.no_heading = true,
	};

	for (size_t i = 0; i < count; i++) {
		items[i] = found[i].obj;
		types[i] = found[i].type;
	}
	return out_rows(options->format ? options->format : "json", &rows, err);
}

/* As podman: what was found is printed, even when another name was not. */
static int inspect_names(struct engine *engine, const struct inspect_options *options,
	char *const *names, const char *type)
{
	autofree struct found *found = xcalloc(strv_len(names) + 1, sizeof(*found));
	struct error err = {0};
	size_t count = 0;
	int code = 0;

	for (size_t i = 0; names && names[i]; i++) {
		if (inspect_one(engine, type, names[i], &found[count], &err) < 0)
			code = out_failed(&err);
		else
			count++;
	}
	for (size_t i = 0; options->size && i < count; i++) {
		if (found[i].type == &container_object_type)
			engine_container_add_sizes(engine, found[i].obj);
	}
	if (print_found(options, found, count, &err) < 0)
		code = out_failed(&err);
	for (size_t i = 0; i < count; i++)
		json_object_put(found[i].obj);
	return code;
}

static int all_volumes(struct engine *engine, char ***ret, struct error *err)
{
	AUTO(engine_volumes_release) struct engine_volumes list = {0};
	int r = engine_volumes(engine, &list, err);

	for (size_t i = 0; r == 0 && i < list.count; i++)
		strv_add(ret, list.items[i].name);
	return r;
}

/* In podman's words. */
static int check_options(
	const struct inspect_options *options, char **args, const char *type, struct error *err)
{
	bool has_other_type = type && !str_eq(type, "all") && !str_eq(type, "container");

	if (options->latest && args[0])
		return error_set(err, EINVAL, "--latest and arguments cannot be used together");
	if (options->latest && has_other_type)
		return error_set(err, EINVAL, "latest is not supported for type \"%s\"", type);
	if (options->size && has_other_type)
		return error_set(err, EINVAL, "size is not supported for type \"%s\"", type);
	if (!args[0] && !options->latest && !options->all)
		return error_set(err, EINVAL, "no names or ids specified");
	return 0;
}

static int inspect(
	struct cli *cli, const struct inspect_options *options, char **args, const char *type)
{
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int r;

	r = check_options(options, args, type, &err);
	if (r == 0)
		r = cli_engine_open(cli, &engine, &err);
	if (r == 0 && options->all)
		r = all_volumes(engine, &names, &err);
	else if (r == 0)
		r = cli_container_names(engine, args, false, options->latest, NULL, &names, &err);
	if (r < 0)
		return out_failed(&err);
	return inspect_names(engine, options, names, type);
}

static int cmd_inspect(struct cli *cli, void *data, char **args)
{
	const struct inspect_options *options = data;

	return inspect(cli, options, args, options->type);
}

static int cmd_inspect_container(struct cli *cli, void *data, char **args)
{
	return inspect(cli, data, args, "container");
}

static int cmd_inspect_image(struct cli *cli, void *data, char **args)
{
	return inspect(cli, data, args, "image");
}

static int cmd_inspect_volume(struct cli *cli, void *data, char **args)
{
	return inspect(cli, data, args, "volume");
}

#define FORMAT_ROW \
	OPT_STRING(struct inspect_options, format, "format", 'f', "FORMAT", \
		"json, or a Go template such as {{.Id}}")
#define LATEST_ROW OPT_BOOL(struct inspect_options, latest, "latest", 'l', "The newest container")

#define SIZE_ROW \
	OPT_BOOL(struct inspect_options, size, "size", 's', "How much a container has written")

static const struct opt any_opts[] = {
	FORMAT_ROW,
	LATEST_ROW,
	SIZE_ROW,
	OPT_STRING(struct inspect_options, type, "type", 't', "TYPE", "What to look for",
		.values = "all|container|image|volume"),
	OPT_END,
};
static const struct opt container_inspect_opts[] = {FORMAT_ROW, LATEST_ROW, SIZE_ROW, OPT_END};
static const struct opt image_opts[] = {FORMAT_ROW, OPT_END};
static const struct opt volume_opts[] = {
	OPT_BOOL(struct inspect_options, all, "all", 'a', "Every volume"),
	FORMAT_ROW,
	OPT_END,
};

#define INSPECT_COMMAND(function, table, what, text, kind) \
	{ \
		.name = "inspect", .summary = (text), \
		.arguments = "[OPTIONS] " what " [" what "...]", .opts = (table), \
		.options_size = sizeof(struct inspect_options), .run = (function), \
		.max_args = CLI_ANY_NUMBER, .complete = (kind) \
	}

const struct command inspect_command = INSPECT_COMMAND(cmd_inspect, any_opts, "NAME",
	"Show all that is known of containers, images or volumes", COMPLETE_CONTAINERS);
const struct command inspect_container_command =
	INSPECT_COMMAND(cmd_inspect_container, container_inspect_opts, "CONTAINER",
		"Show all that is known of containers", COMPLETE_CONTAINERS);
const struct command inspect_image_command = INSPECT_COMMAND(cmd_inspect_image, image_opts, "IMAGE",
	"Show all that is known of images", COMPLETE_IMAGES);
const struct command inspect_volume_command = INSPECT_COMMAND(cmd_inspect_volume, volume_opts,
	"VOLUME", "Show all that is known of volumes", COMPLETE_VOLUMES);
