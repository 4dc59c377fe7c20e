/* SPDX-License-Identifier: Apache-2.0 */
#include <json-c/linkhash.h>

#include "base/json.h"
#include "common/out.h"
#include "object-types.h"
#include "verbs.h"

struct info_options {
	char *format;
};

static const struct opt info_opts[] = {
	OPT_STRING(struct info_options, format, "format", 'f', "FORMAT", "json, or a Go template"),
	OPT_END,
};

static void add_yaml(struct strbuf *text, struct json_object *obj, int depth);

static bool is_empty(struct json_object *obj)
{
	if (json_object_is_type(obj, json_type_object))
		return json_object_object_length(obj) == 0;
	if (json_object_is_type(obj, json_type_array))
		return json_object_array_length(obj) == 0;
	return json_object_is_type(obj, json_type_string) && json_object_get_string_len(obj) == 0;
}

static void add_scalar(struct strbuf *text, struct json_object *obj)
{
	if (json_object_is_type(obj, json_type_null))
		strbuf_adds(text, "null");
	else if (is_empty(obj))
		strbuf_adds(text, json_object_is_type(obj, json_type_object)  ? "{}"
				  : json_object_is_type(obj, json_type_array) ? "[]"
									      : "\"\"");
	else
		strbuf_adds(text, json_object_get_string(obj));
}

static bool is_leaf(struct json_object *obj)
{
	return is_empty(obj) || !(json_object_is_type(obj, json_type_object) ||
					json_object_is_type(obj, json_type_array));
}

static void add_members(struct strbuf *text, struct json_object *obj, int depth, bool in_list);

static void add_below(struct strbuf *text, struct json_object *obj, int depth)
{
	if (is_leaf(obj)) {
		strbuf_addc(text, ' ');
		add_scalar(text, obj);
		strbuf_addc(text, '\n');
	} else {
		strbuf_addc(text, '\n');
		add_yaml(text, obj, depth);
	}
}

static void add_list(struct strbuf *text, struct json_object *obj, int depth)
{
	for (size_t i = 0; i < json_object_array_length(obj); i++) {
		struct json_object *item = json_object_array_get_idx(obj, i);

		strbuf_addf(text, "%*s-", 2 * depth, "");
		if (json_object_is_type(item, json_type_object) && !is_empty(item)) {
			strbuf_addc(text, ' ');
			add_members(text, item, depth + 1, true);
		} else {
			add_below(text, item, depth + 1);
		}
	}
}

/* The first member of an object in a list stands behind the dash. */
static void add_members(struct strbuf *text, struct json_object *obj, int depth, bool in_list)
{
	json_object_object_foreach(obj, key, value)
	{
		strbuf_addf(text, "%*s%s:", in_list ? 0 : 2 * depth, "", key);
		add_below(text, value, depth + 1);
		in_list = false;
	}
}

/* The form of `podman info`: readable, and YAML for what our values are. */
static void add_yaml(struct strbuf *text, struct json_object *obj, int depth)
{
	if (json_object_is_type(obj, json_type_array))
		add_list(text, obj, depth);
	else
		add_members(text, obj, depth, false);
}

static int cmd_info(struct cli *cli, void *data, char **args)
{
	const struct info_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(json_free) struct json_object *info = NULL;
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
	struct format_rows rows = {.verb = "info", .type = &info_object_type, .count = 1};
	const void *items[1];
	struct error err = {0};

	(void)args;
	if (cli_engine_open(cli, &engine, &err) < 0 || engine_info(engine, &info, &err) < 0)
		return out_failed(&err);
	items[0] = info;
	rows.items = items;
	if (format_is_json(options->format)) {
		out_json(info);
	} else if (!options->format) {
		add_yaml(&text, info, 0);
		out_text(strbuf_get(&text));
	} else if (out_rows(options->format, &rows, &err) < 0) {
		return out_failed(&err);
	}
	return 0;
}

const struct command info_command = {
	.name = "info",
	.summary = "Show what this machine and the store offer",
	.opts = info_opts,
	.options_size = sizeof(struct info_options),
	.run = cmd_info,
};
