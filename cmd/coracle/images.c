/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>

#include "base/clock.h"
#include "common/out.h"
#include "image-row.h"
#include "verbs.h"

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

/* "busybox", "library/busybox:1*" or a full name; the tag matters only when it is given. */
static bool matches_reference(const struct engine_image *image, const char *pattern)
{
	for (size_t i = 0; image->names && image->names[i]; i++) {
		const char *name = image->names[i];
		struct image_row row;
		bool found;

		image_row_init(&row, image, name);
		found = fnmatch(pattern, name, 0) == 0 || fnmatch(pattern, row.repository, 0) == 0;
		image_row_release(&row);
		for (const char *at = strchr(name, '/'); at && !found; at = strchr(at + 1, '/')) {
			image_row_init(&row, image, at + 1);
			found = fnmatch(pattern, at + 1, 0) == 0 ||
				fnmatch(pattern, row.repository, 0) == 0;
			image_row_release(&row);
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

/* A list with one row per name, or with one per image. */
static struct image_row *make_rows(const struct engine_images *list, bool once, size_t *ret_count)
{
	struct image_row *rows = NULL;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct engine_image *image = &list->items[i];
		size_t names = once || !image->names ? 1 : strv_len(image->names);

		for (size_t j = 0; j < (names ? names : 1); j++) {
			rows = list_grow(rows, count, sizeof(*rows));
			image_row_init(
				&rows[count++], image, image->names ? image->names[j] : NULL);
		}
	}
	*ret_count = count;
	return rows;
}

static const char *format_of(const struct images_options *options)
{
	if (options->format)
		return options->format;
	if (options->quiet)
		return "{{.ID}}";
	if (options->digests)
		return "table "
		       "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.Created}}\t{{.Size}}";
	return "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.Created}}\t{{.Size}}";
}

static int print(
	const struct images_options *options, const struct engine_images *list, struct error *err)
{
	const char *format = format_of(options);
	const struct image_row_context context = {
		.now_ns = clock_now_ns(), .full = options->no_trunc};
	/* As podman, each image once for ids and JSON, however many names it has. */
	bool once = format_is_json(format) || (options->quiet && !options->format);
	size_t count;
	autofree struct image_row *items = make_rows(list, once, &count);
	autofree const void **pointers = xcalloc(count + 1, sizeof(*pointers));
	const struct format_rows rows = {
		.verb = "images",
		.type = &image_row_type,
		.items = pointers,
		.count = count,
		.context = &context,
		.no_heading = options->no_heading,
	};
	int r;

	for (size_t i = 0; i < count; i++)
		pointers[i] = &items[i];
	r = out_rows(format, &rows, err);
	for (size_t i = 0; i < count; i++)
		image_row_release(&items[i]);
	return r;
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
	return print(options, &shown, &err) < 0 ? out_failed(&err) : 0;
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
