/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>

#include "base/clock.h"
#include "base/json.h"
#include "common/out.h"
#include "common/table.h"
#include "common/template.h"
#include "verbs.h"

#define NONE "<none>"

struct images_options {
	bool all;
	bool quiet;
	bool digests;
	bool no_trunc;
	bool no_heading;
	char *format;
	char **filters;
};

static const struct opt images_opts[] = {
	OPT_BOOL(struct images_options, all, "all", 'a', "Also images without a name"),
	OPT_BOOL(struct images_options, digests, "digests", 0, "Show the digest of the manifest"),
	OPT_LIST(struct images_options, filters, "filter", 'f', "KEY=VALUE",
		"Only those that match: reference, label, dangling, id"),
	OPT_STRING(struct images_options, format, "format", 0, "FORMAT", "json, or a Go template"),
	OPT_BOOL(struct images_options, no_heading, "noheading", 'n', "Leave the first line out"),
	OPT_BOOL(struct images_options, no_trunc, "no-trunc", 0, "Full ids"),
	OPT_BOOL(struct images_options, quiet, "quiet", 'q', "Print ids only"),
	OPT_END,
};

/* One name of an image; without names there is one row with <none>. */
struct row {
	const struct engine_image *image;
	char *repository;
	char *tag;
};

static void split_name(const char *name, struct row *row)
{
	const char *slash = name ? strrchr(name, '/') : NULL;
	const char *colon = name ? strchr(slash ? slash : name, ':') : NULL;
	const char *at = name ? strchr(name, '@') : NULL;

	if (at) {
		row->repository = xstrndup(name, (size_t)(at - name));
		row->tag = xstrdup(NONE);
	} else if (colon) {
		row->repository = xstrndup(name, (size_t)(colon - name));
		row->tag = xstrdup(colon + 1);
	} else {
		row->repository = xstrdup(name ? name : NONE);
		row->tag = xstrdup(NONE);
	}
}

static void row_release(struct row *row)
{
	free(row->repository);
	free(row->tag);
}

/* "busybox", "library/busybox:1*" or a full name; the tag matters only when it is given. */
static bool matches_reference(const struct engine_image *image, const char *pattern)
{
	for (size_t i = 0; image->names && image->names[i]; i++) {
		const char *name = image->names[i];
		struct row row;
		bool found;

		split_name(name, &row);
		found = fnmatch(pattern, name, 0) == 0 || fnmatch(pattern, row.repository, 0) == 0;
		row_release(&row);
		for (const char *at = strchr(name, '/'); at && !found; at = strchr(at + 1, '/')) {
			split_name(at + 1, &row);
			found = fnmatch(pattern, at + 1, 0) == 0 ||
				fnmatch(pattern, row.repository, 0) == 0;
			row_release(&row);
		}
		if (found)
			return true;
	}
	return false;
}

static bool matches_label(const struct engine_image *image, const char *value)
{
	const char *equals = strchr(value, '=');
	autofree char *key = equals ? xstrndup(value, (size_t)(equals - value)) : xstrdup(value);
	const char *found = strmap_get(&image->labels, key);

	return found && (!equals || str_eq(found, equals + 1));
}

/* 1, 0 or -EINVAL for one filter. */
static int matches_filter(const struct engine_image *image, const char *filter, struct error *err)
{
	const char *value;
	bool flag;

	value = str_after(filter, "reference=");
	if (value)
		return matches_reference(image, value);
	value = str_after(filter, "label=");
	if (value)
		return matches_label(image, value);
	value = str_after(filter, "id=");
	if (value)
		return str_after(image->id, value) != NULL;
	value = str_after(filter, "dangling=");
	if (value && str_to_bool(value, &flag) == 0)
		return flag == (strv_len(image->names) == 0);
	return error_set(err, EINVAL,
		"\"%s\" is not a filter of images (those are reference, "
		"label, id and dangling, each with =VALUE)",
		filter);
}

static int is_shown(const struct images_options *options, const char *name,
	const struct engine_image *image, struct error *err)
{
	if (name && !matches_reference(image, name))
		return 0;
	for (size_t i = 0; options->filters && options->filters[i]; i++) {
		int r = matches_filter(image, options->filters[i], err);

		if (r <= 0)
			return r;
	}
	return 1;
}

static void add_text(struct json_object *obj, const char *key, const char *text)
{
	json_object_object_add(obj, key, json_object_new_string(text ? text : ""));
}

static void add_owned(struct json_object *obj, const char *key, char *text)
{
	add_text(obj, key, text);
	free(text);
}

static void add_strings(struct json_object *obj, const char *key, char *const *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; list && list[i]; i++)
		json_object_array_add(array, json_object_new_string(list[i]));
	json_object_object_add(obj, key, array);
}

static void add_number(struct json_object *obj, const char *key, int64_t number)
{
	json_object_object_add(obj, key, json_object_new_int64(number));
}

/* As `podman images --format json`: one object per image. */
static struct json_object *image_json(const struct engine_image *image)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *labels = json_object_new_object();

	for (size_t i = 0; i < image->labels.count; i++)
		add_text(labels, image->labels.items[i].key, image->labels.items[i].value);
	add_text(obj, "Id", image->id);
	add_text(obj, "ParentId", "");
	add_strings(obj, "RepoTags", image->names);
	add_strings(obj, "RepoDigests", image->repo_digests);
	add_number(obj, "Size", (int64_t)image->size_bytes);
	add_number(obj, "SharedSize", 0);
	add_number(obj, "VirtualSize", (int64_t)image->size_bytes);
	json_object_object_add(obj, "Labels", labels);
	add_number(obj, "Containers", (int64_t)image->containers);
	add_strings(obj, "Names", image->names);
	add_text(obj, "Digest", image->digest);
	add_strings(obj, "History", image->names);
	add_number(obj, "Created", image->created_ns / 1000000000);
	add_owned(obj, "CreatedAt", time_format(image->created_ns));
	add_text(obj, "Arch", image->architecture);
	add_text(obj, "Os", image->os);
	json_object_object_add(
		obj, "Dangling", json_object_new_boolean(strv_len(image->names) == 0));
	json_object_object_add(obj, "ReadOnly", json_object_new_boolean(false));
	return obj;
}

/* What a template sees: one object per name. */
static struct json_object *row_fields(const struct row *row, bool full)
{
	struct json_object *obj = image_json(row->image);
	int64_t now = clock_now_ns();

	add_text(obj, "Repository", row->repository);
	add_text(obj, "Tag", row->tag);
	add_owned(obj, "ID", out_id(row->image->id, full));
	add_owned(obj, "Created", out_ago(row->image->created_ns, now));
	add_owned(obj, "CreatedSince", out_ago(row->image->created_ns, now));
	add_owned(obj, "Size", size_human(row->image->size_bytes));
	add_owned(obj, "VirtualSize", size_human(row->image->size_bytes));
	return obj;
}

static char **table_row(const struct images_options *options, const struct row *row)
{
	char **cells = NULL;

	strv_add(&cells, row->repository);
	strv_add(&cells, row->tag);
	if (options->digests)
		strv_add(&cells, row->image->digest ? row->image->digest : NONE);
	if (options->no_trunc)
		strv_take(&cells, xasprintf("sha256:%s", row->image->id));
	else
		strv_take(&cells, out_id(row->image->id, false));
	strv_take(&cells, out_ago(row->image->created_ns, clock_now_ns()));
	strv_take(&cells, size_human(row->image->size_bytes));
	return cells;
}

/* Calls add once per name; returns nothing: it cannot fail. */
static void each_row(const struct engine_images *list,
	void (*add)(void *context, const struct row *row), void *context)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct engine_image *image = &list->items[i];
		size_t names = strv_len(image->names);

		for (size_t j = 0; j < (names ? names : 1); j++) {
			struct row row = {.image = image};

			split_name(names ? image->names[j] : NULL, &row);
			add(context, &row);
			row_release(&row);
		}
	}
}

struct sink {
	const struct images_options *options;
	struct table table;
	struct json_object *list;
};

static void add_table_row(void *context, const struct row *row)
{
	struct sink *sink = context;

	table_add(&sink->table, table_row(sink->options, row));
}

static void add_fields(void *context, const struct row *row)
{
	struct sink *sink = context;

	json_object_array_add(sink->list, row_fields(row, sink->options->no_trunc));
}

static void print_table(const struct images_options *options, const struct engine_images *list)
{
	struct sink sink = {.options = options};
	autofree char *text = NULL;
	const char *header = options->digests ? "REPOSITORY\tTAG\tDIGEST\tIMAGE ID\tCREATED\tSIZE"
					      : "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE";

	table_init(&sink.table, options->no_heading ? NULL : header);
	each_row(list, add_table_row, &sink);
	text = table_text(&sink.table);
	out_text(text);
	table_release(&sink.table);
}

static int print_format(
	const struct images_options *options, const struct engine_images *list, struct error *err)
{
	AUTO(json_free) struct json_object *rows = json_object_new_array();
	struct sink sink = {.options = options, .list = rows};

	if (!str_eq(options->format, "json")) {
		each_row(list, add_fields, &sink);
		return template_print(options->format, rows, !options->no_heading, err);
	}
	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(rows, image_json(&list->items[i]));
	return template_print("json", rows, false, err);
}

/* As podman, each image once, however many names it has. */
static void print_ids(const struct images_options *options, const struct engine_images *list)
{
	for (size_t i = 0; i < list->count; i++) {
		autofree char *id = out_id(list->items[i].id, options->no_trunc);

		out_linef("%s%s", options->no_trunc ? "sha256:" : "", id);
	}
}

static int select_images(const struct images_options *options, const char *name,
	struct engine_images *list, size_t *ret_count, struct error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct engine_image image = list->items[i];
		int r = is_shown(options, name, &image, err);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		list->items[i] = list->items[count];
		list->items[count++] = image;
	}
	*ret_count = count;
	return 0;
}

static int cmd_images(struct cli *cli, void *data, char **args)
{
	const struct images_options *options = data;
	AUTO(engine_close) struct engine *engine = NULL;
	AUTO(engine_images_release) struct engine_images list = {0};
	struct engine_images shown;
	struct error err = {0};

	if (cli_engine_open(cli, &engine, &err) < 0 || engine_images(engine, &list, &err) < 0)
		return out_failed(&err);
	shown = list;
	if (select_images(options, args[0], &list, &shown.count, &err) < 0)
		return out_failed(&err);
	if (options->format) {
		if (print_format(options, &shown, &err) < 0)
			return out_failed(&err);
	} else if (options->quiet) {
		print_ids(options, &shown);
	} else {
		print_table(options, &shown);
	}
	return 0;
}

const struct command images_command = {
	.name = "images",
	.summary = "List images",
	.arguments = "[OPTIONS] [IMAGE]",
	.opts = images_opts,
	.options_size = sizeof(struct images_options),
	.run = cmd_images,
	.max_args = 1,
	.complete = COMPLETE_IMAGES,
};
