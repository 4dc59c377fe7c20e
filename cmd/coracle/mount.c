/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mount.h"

#include <errno.h>

#include "base/json.h"
#include "common/out.h"
#include "verbs.h"

struct mount_options {
	bool all;
	bool latest;
	bool no_trunc;
	char *format;
};

struct unmount_options {
	bool all;
	bool latest;
	bool force;
};

static int check_place(struct error *err)
{
	if (engine_can_mount())
		return 0;
	return error_set(err, EPERM,
		"cannot run command \"coracle mount\" in rootless mode, must execute `coracle "
		"unshare` first");
}

static void print_table(const struct engine_mounts *list, bool no_trunc)
{
	for (size_t i = 0; i < list->count; i++) {
		autofree char *id = out_id(list->items[i].id, no_trunc);

		out_linef("%s  %s", id, list->items[i].path);
	}
}

static void print_json(const struct engine_mounts *list)
{
	AUTO(json_free) struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->count; i++) {
		struct json_object *obj = json_object_new_object();
		struct json_object *names = json_object_new_array();

		json_add_string(obj, "id", list->items[i].id);
		json_object_array_add(names, json_object_new_string(list->items[i].name));
		json_object_object_add(obj, "Names", names);
		json_add_string(obj, "mountpoint", list->items[i].path);
		json_object_array_add(array, obj);
	}
	out_json(array);
}

static void print_list(const struct engine_mounts *list, const struct mount_options *options)
{
	if (options->format)
		print_json(list);
	else
		print_table(list, options->no_trunc);
}

static int list_mounts(
	struct engine *engine, const struct mount_options *options, struct error *err)
{
	AUTO(engine_mounts_release) struct engine_mounts list = {0};
	int r = engine_mounts(engine, &list, err);

	if (r == 0)
		print_list(&list, options);
	return r;
}

static void add_mounted(struct engine_mounts *list, const char *name, char *path_owned)
{
	list->items = list_grow(list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = (struct engine_mounted){
		.id = xstrdup(name), .name = xstrdup(name), .path = path_owned};
}

/* Of one container, as podman, the path alone is printed: scripts take it from there. */
static int mount_names(struct engine *engine, const struct mount_options *options,
	char *const *names, struct error *err)
{
	AUTO(engine_mounts_release) struct engine_mounts list = {0};
	int r = check_place(err);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		autofree char *id = NULL;
		char *path = NULL;

		r = engine_mount(engine, names[i], &path, err);
		if (r == 0 && engine_container_find(engine, names[i], &id, NULL) > 0)
			add_mounted(&list, id, path);
	}
	if (r == 0 && list.count == 1 && !options->all && !options->format)
		out_linef("%s", list.items[0].path);
	else if (r == 0)
		print_list(&list, options);
	return r;
}

static int check_format(const struct mount_options *options, struct error *err)
{
	if (options->format && !str_eq(options->format, "json"))
		return error_set(err, EINVAL, "unknown --format argument: \"%s\"", options->format);
	return 0;
}

static int cmd_mount(struct cli *cli, void *data, char **args)
{
	const struct mount_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int r = check_format(options, &err);

	if (r == 0)
		r = cli_engine_open(cli, &engine, &err);
	if (r == 0)
		r = cli_container_names(
			engine, args, options->all, options->latest, NULL, &names, &err);
	if (r == 0 && !names && !options->all)
		r = list_mounts(engine, options, &err);
	else if (r == 0)
		r = mount_names(engine, options, names, &err);
	return r < 0 ? out_failed(&err) : 0;
}

/* --all means those that are mounted, not every container. */
static int unmount_list(struct engine *engine, const struct unmount_options *options, char **args,
	char ***ret, struct error *err)
{
	AUTO(engine_mounts_release) struct engine_mounts list = {0};
	int r;

	if (!options->all)
		return cli_container_names(engine, args, false, options->latest, NULL, ret, err);
	r = engine_mounts(engine, &list, err);
	for (size_t i = 0; r == 0 && i < list.count; i++)
		strv_add(ret, list.items[i].id);
	return r;
}

static int cmd_unmount(struct cli *cli, void *data, char **args)
{
	const struct unmount_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	struct error err = {0};
	int code = 0;

	if (!args[0] && !options->all && !options->latest) {
		out_errorf("you must provide at least one name or id");
		return CLI_EXIT_ERROR;
	}
	if (cli_engine_open(cli, &engine, &err) < 0 ||
		unmount_list(engine, options, args, &names, &err) < 0)
		return out_failed(&err);
	for (size_t i = 0; names && names[i]; i++) {
		struct error one = {0};

		if (engine_unmount(engine, names[i], options->force, &one) < 0)
			code = out_failed(&one);
		else
			out_linef("%s", names[i]);
	}
	return code;
}

static const struct opt mount_opts[] = {
	OPT_BOOL(struct mount_options, all, "all", 'a', "Every container"),
	OPT_STRING(struct mount_options, format, "format", 0, "FORMAT", "json: a list of objects"),
	OPT_BOOL(struct mount_options, latest, "latest", 'l', "The newest container"),
	OPT_BOOL(struct mount_options, no_trunc, "no-trunc", 0, "Print whole ids"),
	OPT_END,
};

const struct command mount_command = {
	.name = "mount",
	.summary = "Mount file systems of containers, inside `coracle unshare`",
	.arguments = "[OPTIONS] [CONTAINER...]",
	.opts = mount_opts,
	.options_size = sizeof(struct mount_options),
	.run = cmd_mount,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};

static const struct opt unmount_opts[] = {
	OPT_BOOL(struct unmount_options, all, "all", 'a', "All that are mounted"),
	OPT_BOOL(struct unmount_options, force, "force", 'f',
		"At once, however often it was mounted and whoever uses it"),
	OPT_BOOL(struct unmount_options, latest, "latest", 'l', "The newest container"),
	OPT_END,
};

const struct command unmount_command = {
	.name = "unmount",
	.summary = "Unmount file systems of containers",
	.arguments = "[OPTIONS] CONTAINER [CONTAINER...]",
	.opts = unmount_opts,
	.options_size = sizeof(struct unmount_options),
	.run = cmd_unmount,
	.max_args = CLI_ANY_NUMBER,
	.complete = COMPLETE_CONTAINERS,
};
