/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/diff.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/out.h"
#include "format/clean.h"
#include "verbs.h"

struct diff_options {
	char *format;
	bool latest;
};

static void print_lines(const struct diff_report *report)
{
	AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < report->count; i++)
		strbuf_addf(
			&text, "%c %s\n", "CAD"[report->lines[i].kind], report -> lines[i].path);
	out_text(strbuf_get(&text));
}

static void print_json(const struct diff_report *report)
{
	static const char *const names[] = {"changed", "added", "deleted"};
	AUTO(json_free) struct json_object *obj = json_object_new_object();

	for (size_t kind = 0; kind < ARRAY_SIZE(names); kind++) {
		struct json_object *list = json_object_new_array();

		for (size_t i = 0; i < report->count; i++) {
			if (report->lines[i].kind == (enum diff_kind)kind)
				json_object_array_add(
					list, json_object_new_string(report->lines[i].path));
		}
		/* As podman: what is empty is left out. */
		if (json_object_array_length(list) > 0)
			json_object_object_add(obj, names[kind], list);
		else
			json_object_put(list);
	}
	out_json(obj);
}

static int diff(struct cli *cli, const struct diff_options *options, char **args,
	struct diff_report *ret, struct error *err)
{
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(strv_free) char **names = NULL;
	int r;

	if (options->format && !str_eq(options->format, "json"))
		return error_set(err, EINVAL, "only supported value for '--format' is 'json'");
	if (!args[0] && !options->latest)
		return error_set(err, EINVAL,
			"\"coracle diff\" requires a name, id, or the \"--latest\" flag");
	if (args[0] && options->latest)
		return error_set(err, EINVAL, "--latest and containers cannot be used together");
	r = cli_engine_open(cli, &engine, err);
	if (r == 0)
		r = cli_container_names(engine, args, false, options->latest, NULL, &names, err);
	return r < 0 ? r : engine_diff(engine, names[0], names[1], ret, err);
}

static int cmd_diff(struct cli *cli, void *data, char **args)
{
	const struct diff_options *options = data;
	AUTO(diff_report_release) struct diff_report report = {0};
	struct error err = {0};

	if (diff(cli, options, args, &report, &err) < 0)
		return out_failed(&err);
	if (options->format)
		print_json(&report);
	else
		print_lines(&report);
	return 0;
}

static const struct opt diff_opts[] = {
	OPT_STRING(struct diff_options, format, "format", 0, "FORMAT", "json: an object of lists"),
	OPT_BOOL(struct diff_options, latest, "latest", 'l', "The newest container"),
	OPT_END,
};
static const struct opt image_diff_opts[] = {
	OPT_STRING(struct diff_options, format, "format", 0, "FORMAT", "json: an object of lists"),
	OPT_END,
};

#define DIFF_COMMAND(table, what, kind) \
	{ \
		.name = "diff", .summary = "Show which files differ from the layers below", \
		.arguments = "[OPTIONS] " what " [" what "]", .opts = (table), \
		.options_size = sizeof(struct diff_options), .run = cmd_diff, .max_args = 2, \
		.complete = (kind) \
	}

const struct command diff_command = DIFF_COMMAND(diff_opts, "CONTAINER|IMAGE", COMPLETE_CONTAINERS);
const struct command image_diff_command = DIFF_COMMAND(image_diff_opts, "IMAGE", COMPLETE_IMAGES);
