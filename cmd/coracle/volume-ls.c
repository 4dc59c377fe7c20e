/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/json.h"
#include "common/out.h"
#include "object-types.h"
#include "verbs.h"
#include "volume-json.h"

struct volume_ls_options {
	bool quiet;
	bool no_heading;
	char *format;
	char **filters;
};

static const struct opt ls_opts[] = {
	OPT_LIST(struct volume_ls_options, filters, "filter", 'f', "KEY=VALUE",
		"Only those that match: name, label, driver, dangling"),
	OPT_STRING(
		struct volume_ls_options, format, "format", 0, "FORMAT", "json, or a Go template"),
	OPT_BOOL(
		struct volume_ls_options, no_heading, "noheading", 'n', "Leave the first line out"),
	OPT_BOOL(struct volume_ls_options, quiet, "quiet", 'q', "Print names only"),
	OPT_END,
};

static const char default_format[] = "table {{.Driver}}\t{{.Name}}";

static bool has_label(const struct engine_volume *volume, const char *value)
{
	const char *equals = strchr(value, '=');
	autofree char *key = equals ? xstrndup(value, (size_t)(equals - value)) : xstrdup(value);
	const char *found = strmap_get(&volume->labels, key);

	return found && (!equals || str_eq(found, equals + 1));
}

static int matches(const struct engine_volume *volume, const char *filter, struct error *err)
{
	const char *value;
	bool flag;

	value = str_after(filter, "name=");
	if (value)
		return strstr(volume->name, value) != NULL;
	value = str_after(filter, "label=");
	if (value)
		return has_label(volume, value);
	value = str_after(filter, "driver=");
	if (value)
		return str_eq(volume->driver ? volume->driver : "local", value);
	value = str_after(filter, "dangling=");
	if (value && str_to_bool(value, &flag) == 0)
		return flag == (volume->containers == 0);
	return error_set(err, EINVAL,
		"\"%s\" is not a filter of volume ls (those are name, label, "
		"driver and dangling, each with =VALUE)",
		filter);
}

static int is_shown(const struct volume_ls_options *options, const struct engine_volume *volume,
	struct error *err)
{
	for (size_t i = 0; options->filters && options->filters[i]; i++) {
		int r = matches(volume, options->filters[i], err);

		if (r <= 0)
			return r;
	}
	return 1;
}

/* The objects of those that are shown, as volume inspect has them. */
static int collect(const struct volume_ls_options *options, const struct engine_volumes *list,
	struct json_object *rows, struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		int r = is_shown(options, &list->items[i], err);

		if (r < 0)
			return r;
		if (r > 0)
			json_object_array_add(rows, volume_json(&list->items[i]));
	}
	return 0;
}

static int print(
	const struct volume_ls_options *options, struct json_object *list, struct error *err)
{
	size_t count = json_object_array_length(list);
	autofree const void **items = xcalloc(count + 1, sizeof(*items));
	const struct format_rows rows = {
		.verb = "volume ls",
		.type = &volume_object_type,
		.items = items,
		.count = count,
		.no_heading = options->no_heading,
	};
	const char *format = options->format ? options->format : default_format;

	for (size_t i = 0; i < count; i++)
		items[i] = json_object_array_get_idx(list, i);
	return out_rows(options->quiet ? "{{.Name}}" : format, &rows, err);
}

static int cmd_volume_ls(struct cli *cli, void *data, char **args)
{
	const struct volume_ls_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(engine_volumes_release) struct engine_volumes list = {0};
	AUTO(json_free) struct json_object *rows = json_object_new_array();
	struct error err = {0};

	(void)args;
	if (cli_engine_open(cli, &engine, &err) < 0 || engine_volumes(engine, &list, &err) < 0 ||
		collect(options, &list, rows, &err) < 0)
		return out_failed(&err);
	return print(options, rows, &err) < 0 ? out_failed(&err) : 0;
}

const struct command volume_ls_command = {
	.name = "ls",
	.summary = "List volumes",
	.opts = ls_opts,
	.options_size = sizeof(struct volume_ls_options),
	.run = cmd_volume_ls,
};
